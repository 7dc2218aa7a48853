"""kill -9 at every point from entitlement to sheet, again in the recovery: nothing lost, nothing doubled, the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT, Shard
from tests.postgres import server
from tests.proofs.killpoints import KINDS

POINTS = 104
"""Points that a run passes; when this number changes, look at what was added or lost."""
WORKER_ENV = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'include'}", "PYTHONHASHSEED": "0"}


def drive(folder: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.proofs.driver", str(folder), *options]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | WORKER_ENV, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def kinds(labels: list[str]) -> set[str]:
    return {label.split()[0] for label in labels}


def check(found: dict[str, Any], points: list[int]) -> None:
    assert len(found["labels"]) == POINTS
    assert kinds(found["labels"]) == KINDS
    assert [case["point"] for case in found["cases"]] == points
    for case in found["cases"]:
        assert case["killed"], case
        assert case["finished"], case
        assert case["differs"] == [], case
    assert found["rows"]["payment"] > 2 and found["rows"]["payment_hold"] > 1, "the scenario pays and holds"


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_on_sqlite(tmp_path: Path, shard: Shard) -> None:
    points = shard.take(range(1, POINTS + 1))
    check(drive(tmp_path / "theatre", "--points", ",".join(str(one) for one in points)), points)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_every_kill_point_on_postgresql(tmp_path: Path, shard: Shard, postgres: str) -> None:
    points = shard.take(range(1, POINTS + 1))
    found = drive(tmp_path / "theatre", "--points", ",".join(str(one) for one in points), "--postgres", postgres)
    check(found, points)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("bug", "labels"), [("plain_write", "write half"), ("sent_first", "commit after")])
def test_a_seeded_bug_is_seen(tmp_path: Path, bug: str, labels: str) -> None:
    found = drive(tmp_path / "theatre", "--bug", bug, "--labels", labels)
    assert any(case["differs"] or not case["finished"] for case in found["cases"]), "no point showed the bug"
