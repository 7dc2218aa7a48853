"""kill -9 at every point from fetch to validated rows, again in the recovery: no file lost, none twice, the same rows."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Shard
from tests.proofs import test_kill_points as kill_points
from tests.proofs.intake_bugs import BUGS
from tests.proofs.killpoints import KINDS
from tests.proofs.test_kill_points import kinds

FEWEST = 200
"""A run passes more points than that; fewer would mean that the tracing lost some."""
EVERY_KIND = KINDS | {"unlink", "delete"}


drive = partial(kill_points.drive, driver="intake_driver")


def check(found: dict[str, Any], shard: Shard) -> None:
    labels = found["labels"]
    assert len(labels) > FEWEST
    assert kinds(labels) >= EVERY_KIND
    assert [case["point"] for case in found["cases"]] == shard.take(range(1, len(labels) + 1))
    for case in found["cases"]:
        assert case["killed"], case
        assert case["finished"], case
        assert case["differs"] == [], case
    rows = found["rows"]
    assert (rows["delivery"], rows["custody"], rows["people"], rows["memory"]) == (4, 5, 3, 3)
    assert (rows["inbox"], rows["left over"]) == (0, 0)
    assert rows["staging.settlement"] and rows["staging.roster"] and rows["staging.settlement_quarantined"]


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_of_the_intake_on_sqlite(tmp_path: Path, shard: Shard) -> None:
    shard = shard.quarter()
    check(drive(tmp_path / "theatre", "--shard", f"{shard.number + 1}/{shard.of}"), shard)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_of_the_intake_on_postgresql(tmp_path: Path, shard: Shard, postgres: str) -> None:
    shard = shard.quarter()
    check(drive(tmp_path / "theatre", "--shard", f"{shard.number + 1}/{shard.of}", "--postgres", postgres), shard)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_lists_and_settlements_delivered_again_and_again_to_three_runs_at_once_are_taken_once(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """The same list and the same bills four times, in any order: every accepted line and fen stands as after one run."""
    where = () if kind == "sqlite" else ("--postgres", request.getfixturevalue("postgres"))
    found = drive(tmp_path / "theatre", "--at-once", "3", *where)
    (case,) = found["cases"]
    assert case["finished"] and case["differs"] == [], case
    assert found["rows"]["staging.settlement"] and found["rows"]["staging.roster"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Where each seeded bug showed."""
    return drive(tmp_path_factory.mktemp("bugs") / "theatre", "--bugs")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_of_the_intake_is_seen(seen: dict[str, Any], bug: str) -> None:
    assert seen[bug], "no point showed the bug"
