"""A thousand tamperings of ledger, decisions and files: each is found, and what it touched is named, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import StaticPool, create_engine
from tests.conftest import Shard
from tests.proofs import scenario
from tests.proofs.tampering import HARMS, Harm, Scene

from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.documents import pdf
from mianshen.warehouse import seal
from mianshen.warehouse.audit import Head, rows_of, verify
from mianshen.warehouse.ledger import METADATA

TAMPERINGS = 1_000
KEYS = {name: [column.name for column in table.primary_key.columns] for name, table in METADATA.tables.items()}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Head]]:
    """A home after two months and a seal, and the head that was written down."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "can_print", lambda: False)
        county = scenario.prepare(tmp_path_factory.mktemp("kept") / "home")
        scenario.work(county.job)
    with county.job.ledger.connect() as connection:
        chain = rows_of(connection)
    county.job.ledger.dispose()
    assert chain[-1]["action"] == seal.SEALED
    yield county.job.home, Head(chain[-1]["digest"], len(chain))


def scene_of(home: Home, root: Path) -> Scene:
    shutil.copytree(home.root / "outbox", root / "outbox")
    shutil.copytree(home.evidence, root / "evidence")
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with sqlite3.connect(home.root / "ledger.db") as original:
        original.backup(copy)
    return Scene(copy, root / "outbox", root / "evidence", KEYS)


def found(scene: Scene, printed: Head) -> Harm:
    """What a supervisor's check says: the chain first, then the seal."""
    scene.ledger.commit()
    scene.ledger.row_factory = None
    engine = create_engine("sqlite://", creator=lambda: scene.ledger, poolclass=StaticPool)
    with engine.connect() as connection:
        chain = rows_of(connection)
        verdict = verify(chain, expected=printed)
        if verdict.first_bad is not None:
            return Harm("", verdict.first_bad, verdict.problem)
        row = seal.last_seal(chain)
        assert row is not None
        try:
            sealed = seal.read_seal(scene.evidence, row)
        except MianshenError as error:
            return Harm("", difference=("seal", row["subject"], error.code))
        marks = seal.marks_of(connection, like=sealed) | seal.file_marks(scene.outbox)
    wrong = seal.differences(sealed, marks, is_last=row is chain[-1], with_files=True)
    assert len(wrong) < 2, wrong
    return Harm("", difference=(wrong[0].table, wrong[0].key, wrong[0].problem) if wrong else None)


def test_what_nobody_touched_holds(kept: tuple[Home, Head], tmp_path: Path) -> None:
    home, printed = kept
    assert found(scene_of(home, tmp_path), printed) == Harm("")


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_every_tampering_is_found_and_located(kept: tuple[Home, Head], tmp_path: Path, shard: Shard) -> None:
    home, printed = kept
    for number in shard.take(range(TAMPERINGS)):
        scene = scene_of(home, tmp_path / str(number))
        harm = HARMS[number % len(HARMS)](scene, Random(number))
        said = found(scene, printed)
        scene.ledger.close()
        shutil.rmtree(tmp_path / str(number))
        assert (said.chain_row, said.problem, said.difference) == (harm.chain_row, harm.problem, harm.difference), (number, harm)


def test_without_the_seal_a_changed_decision_would_not_be_found(kept: tuple[Home, Head], tmp_path: Path) -> None:
    home, printed = kept
    scene = scene_of(home, tmp_path)
    decided = next(row for row in scene.rows("case_event") if row["happening"] == "decided")
    scene.put("case_event", decided, outcome_code="x")
    scene.ledger.commit()
    scene.ledger.row_factory = None
    engine = create_engine("sqlite://", creator=lambda: scene.ledger, poolclass=StaticPool)
    with engine.connect() as connection:
        assert verify(rows_of(connection), expected=printed).problem == "ok", "the chain alone says nothing of tables"
    assert found(scene, printed).difference is not None
