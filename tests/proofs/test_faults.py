"""I/O errors, a full disk, a database that stops, a clock that is wrong, three runs at once: no half file, the same money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Shard
from tests.postgres import server
from tests.proofs.test_kill_points import POINTS, drive

STOPS = [1 + place * (POINTS - 1) // 19 for place in range(20)]
"""Twenty moments, from the first statement to the last commit."""
CLOCKS = [(days, point) for days in (-730, 40) for point in range(4, POINTS, 10)]
"""Two years back and forty days on, from ten points each."""


def whole(found: dict[str, Any]) -> None:
    assert found["cases"]
    for case in found["cases"]:
        assert case["finished"] and case.get("half", []) == [] and case["differs"] == [], case


@pytest.mark.proof
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("strike", ["error", "full"])
def test_a_write_that_fails_leaves_no_half_file_and_loses_nothing(tmp_path: Path, shard: Shard, strike: str) -> None:
    points = shard.quarter().take(range(1, POINTS + 1))
    found = drive(tmp_path / "theatre", "--points", ",".join(map(str, points)), "--strike", strike)
    whole(found)
    assert all(case["struck"] for case in found["cases"] if strike == "error" or case["point"] < POINTS - 12)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_a_database_that_stops_in_the_middle_loses_nothing(tmp_path: Path, shard: Shard) -> None:
    points = shard.take(STOPS)
    if points:
        with server() as url:
            asked = ("--points", ",".join(map(str, points)), "--postgres", url, "--strike", "stop")
            whole(drive(tmp_path / "theatre", *asked))


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_a_clock_two_years_back_or_forty_days_on_pays_the_same(tmp_path: Path, shard: Shard) -> None:
    wanted = shard.take(CLOCKS)
    for days in sorted({one[0] for one in wanted}):
        points = ",".join(str(point) for one, point in wanted if one == days)
        whole(drive(tmp_path / f"theatre{days}", "--points", points, "--days", str(days)))


@pytest.mark.timeout(600)
def test_three_runs_at_once_on_sqlite_pay_what_one_pays(tmp_path: Path) -> None:
    whole(drive(tmp_path / "theatre", "--at-once", "3"))


@pytest.mark.timeout(600)
def test_three_runs_at_once_on_postgresql_pay_what_one_pays(tmp_path: Path, postgres: str) -> None:
    whole(drive(tmp_path / "theatre", "--at-once", "3", "--postgres", postgres))
