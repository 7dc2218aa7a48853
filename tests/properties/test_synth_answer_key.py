"""What was planted is what is found: the first stages name every planted fault by its own reason, and nothing else."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

from mianshen import synth
from mianshen.cli import init
from mianshen.core.days import ZONE, Month
from mianshen.core.paths import Home
from mianshen.stages import deidentify, receive, validate
from mianshen.stages.frame import StageReport, make_job

PACK = "510118_xinjin"
FEEDS = ("settlement", "enrolment", "roster")
LATE = "zuzhibu_kunnandangyuan"


@dataclass(frozen=True)
class Validated:
    """A county after its deliveries were validated."""

    root: Path
    reports: dict[str, StageReport]

    def rows(self, table: str) -> pd.DataFrame:
        """A staging table with the delivered file's name."""
        parts = f"{self.root}/home/lake/staging/{table}/*/*/*/*.parquet"
        files = pd.read_sql(
            "select delivery_id, file_name from delivery", sa.create_engine(f"sqlite:///{self.root}/home/ledger.db")
        )
        return duckdb.connect().execute(f"select * from read_parquet('{parts}')").df().merge(files, on="delivery_id")

    def faults(self) -> pd.DataFrame:
        """The planted faults of the files that were delivered."""
        planted = pd.read_csv(self.root / "answer" / "faults.csv", dtype=str, keep_default_na=False)
        return planted[~planted["file"].str.startswith(f"{LATE}_202602")]


def validated(root: Path, *, shape: synth.Shape, bad_files: bool) -> Validated:
    home = Home(root / "home")
    home.make()
    settings = init.write_settings(home, packs=(PACK,), go_live_on=None, urls={"ledger_url": None, "vault_url": None})
    init.make_keys(home)
    init.make_stores(home, settings)
    home.inbox(PACK).mkdir(parents=True, exist_ok=True)
    drawn = itertools.count()

    def entropy(size: int) -> bytes:
        return b"".join(hashlib.sha256(str(next(drawn)).encode()).digest() for _ in range(size // 32 + 1))[:size]

    as_of = datetime(2026, 3, 20, 9, tzinfo=ZONE)
    job = make_job(PACK, month=Month(2026, 2), as_of=as_of, home=home, entropy=entropy)
    synth.make_county(
        job.pack,
        month=job.month,
        insured=6_000,
        seed=9,
        out=home.inbox(PACK),
        answer=root / "answer",
        as_of=as_of,
        shape=shape,
        late_list=LATE,
        bad_files=bad_files,
    )
    return Validated(root, {stage.STAGE: stage.run(job) for stage in (receive, deidentify, validate)})


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Validated:
    return validated(tmp_path_factory.mktemp("dirty"), shape=synth.Shape(), bad_files=True)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Validated:
    return validated(tmp_path_factory.mktemp("clean"), shape=synth.Shape(fault_scale=0), bad_files=False)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_quarantined_row_was_planted_and_carries_its_reason(dirty: Validated, feed: str) -> None:
    planted = dirty.faults().query("feed == @feed and effect == 'QUARANTINED'")
    expected = {(row.file, int(row.line)): row.reason_code for row in planted.itertuples()}
    rows = dirty.rows(f"{feed}_quarantined")
    assert {(row.file_name, int(row.line_no)): row.reason_code for row in rows.itertuples()} == expected
    assert len(expected) >= 5


@pytest.mark.parametrize("feed", FEEDS)
def test_every_flag_that_was_planted_is_raised(dirty: Validated, feed: str) -> None:
    planted = dirty.faults().query("feed == @feed and effect == 'FLAGGED' and reason_code != 'NAMES_DIFFER'")
    rows = dirty.rows(feed).set_index(["file_name", "line_no"])["flags"]
    for row in planted.itertuples():
        assert row.reason_code in rows.loc[(row.file, int(row.line))], row.kind
    assert feed == "enrolment" or len(planted) >= 2


def test_bad_files_are_refused_for_their_own_reason(dirty: Validated) -> None:
    files = pd.read_csv(dirty.root / "answer" / "files.csv", dtype=str, keep_default_na=False)
    expected = files.loc[~files["kind"].isin(["good", "late"]), "reason_code"].value_counts().to_dict()
    counts = dirty.reports["receive"].counts
    found = {name.removeprefix("reason."): number for name, number in counts.items() if name.startswith("reason.") and number}
    found["DELIVERY_DUPLICATE"] = counts["duplicate"]
    assert found == expected


def test_repeated_rows_count_once(dirty: Validated) -> None:
    planted = dirty.faults().query("kind == 'row_doubled'")
    assert dirty.reports["validate"].counts["ignored.ROW_REPEATED"] == len(planted) > 0


def test_a_clean_county_yields_no_fault(clean: Validated) -> None:
    counts = clean.reports["validate"].counts
    assert counts["quarantined"] == 0
    assert counts["accepted"] > 1_000
    assert not any(name.startswith(("quarantined.", "ignored.ROW", "held.")) for name, number in counts.items() if number)
    for feed in FEEDS:
        flags = {one for row in clean.rows(feed)["flags"] for one in row}
        assert flags <= {"ACCOUNT_FLAGGED"}
