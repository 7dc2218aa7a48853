"""kill -9 at every point from the bank's answers to the money that came back, and again in the recovery; told four times."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Shard
from tests.proofs import test_kill_points as kill_points
from tests.proofs.aftermath_bugs import BUGS
from tests.proofs.killpoints import KINDS
from tests.proofs.test_kill_points import kinds

POINTS = 230
"""Points that a run passes; when this number changes, look at what was added or lost."""


drive = partial(kill_points.drive, driver="aftermath_driver")


def happens(rows: dict[str, int]) -> None:
    """A bank's answers, a payee paid again, money in suspense, a debt paid back in two of three parts, a seal."""
    named = ("bank_result", "payment_reissue", "suspense", "recovery", "recovery_part", "recovery_entry", "delivery")
    assert [rows[name] for name in named] == [6, 1, 1, 1, 3, 2, 2]
    assert rows["seal"] == 0, "the last seal holds"


def check(found: dict[str, Any], shard: Shard) -> None:
    assert len(found["labels"]) == POINTS
    assert kinds(found["labels"]) == KINDS | {"unlink"}
    assert [case["point"] for case in found["cases"]] == shard.take(range(1, POINTS + 1))
    for case in found["cases"]:
        assert case["killed"], case
        assert case["finished"], case
        assert case["half"] == [], case
        assert case["differs"] == [], case
    happens(found["rows"])


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_after_the_bank_file_on_sqlite(tmp_path: Path, shard: Shard) -> None:
    shard = shard.quarter()
    check(drive(tmp_path / "theatre", "--shard", f"{shard.number + 1}/{shard.of}"), shard)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_after_the_bank_file_on_postgresql(tmp_path: Path, shard: Shard, postgres: str) -> None:
    shard = shard.quarter()
    check(drive(tmp_path / "theatre", "--shard", f"{shard.number + 1}/{shard.of}", "--postgres", postgres), shard)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_answers_told_four_times_in_any_order_to_three_runs_at_once_pay_what_one_telling_pays(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    where = () if kind == "sqlite" else ("--postgres", request.getfixturevalue("postgres"))
    found = drive(tmp_path / "theatre", "--at-once", "3", *where)
    (case,) = found["cases"]
    assert case["finished"] and case["differs"] == [], case
    happens(found["rows"])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Where each seeded bug showed."""
    return drive(tmp_path_factory.mktemp("bugs") / "theatre", "--bugs")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_after_the_bank_file_is_seen(seen: dict[str, Any], bug: str) -> None:
    assert seen[bug], "no point showed the bug"
