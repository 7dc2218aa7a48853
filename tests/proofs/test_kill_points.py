"""kill -9 at every point from entitlement to sheet, and again in the recovery: nothing lost, nothing doubled, the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT, Shard
from tests.proofs.bugs import BUGS
from tests.proofs.killpoints import KINDS

POINTS = 113
"""Points that a run passes; when this number changes, look at what was added or lost."""
TIMES = 3
"""Each point is struck so often, and each time the recovery is killed somewhere else."""
FEWEST = 500
"""Kills of a run and its recovery on the two databases together."""
PATHS = (ROOT, ROOT / "include", ROOT / "plugins")
WORKER_ENV = {"PYTHONPATH": os.pathsep.join(map(str, PATHS)), "PYTHONHASHSEED": "0"}


def drive(folder: Path, *options: str, driver: str = "driver") -> dict[str, Any]:
    """What a driver of tests.proofs, in a process of its own, says of its theatre."""
    command = [sys.executable, "-m", f"tests.proofs.{driver}", str(folder), *options]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | WORKER_ENV, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def kinds(labels: list[str]) -> set[str]:
    return {label.split()[0] for label in labels}


def pairs() -> list[str]:
    """Every point, each with places in the recovery that differ."""
    return [f"{point}:{1 + (point * 7 + turn * 37) % POINTS}" for turn in range(TIMES) for point in range(1, POINTS + 1)]


def check(found: dict[str, Any], wanted: Sequence[str]) -> None:
    assert len(found["labels"]) == POINTS
    assert kinds(found["labels"]) == KINDS
    assert [f"{case['point']}:{case['again']}" for case in found["cases"]] == list(wanted)
    for case in found["cases"]:
        assert case["killed"], case
        assert case["finished"], case
        assert case["half"] == [], case
        assert case["differs"] == [], case
    assert found["rows"]["payment"] > 2 and found["rows"]["payment_hold"] > 1, "the scenario pays and holds"


def test_five_hundred_kills_are_enumerated() -> None:
    assert len(set(pairs())) == len(pairs()) and 2 * len(pairs()) >= FEWEST


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_on_sqlite(tmp_path: Path, shard: Shard) -> None:
    wanted = shard.quarter().take(pairs())
    check(drive(tmp_path / "theatre", "--points", ",".join(wanted)), wanted)


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_on_postgresql(tmp_path: Path, shard: Shard, postgres: str) -> None:
    wanted = shard.quarter().take(pairs())
    check(drive(tmp_path / "theatre", "--points", ",".join(wanted), "--postgres", postgres), wanted)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Where each seeded bug showed."""
    return drive(tmp_path_factory.mktemp("bugs") / "theatre", "--bugs")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_seen(seen: dict[str, Any], bug: str) -> None:
    assert seen[bug], "no point showed the bug"
