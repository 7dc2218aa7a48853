"""What every test may ask for: a private Airflow home, the shard to enumerate, the third-party sample, seeded entropy."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.postgres import server

ROOT = Path(__file__).resolve().parent.parent
SHARDS = 16
"""How many parts an enumeration has when MIANSHEN_SHARD does not say otherwise; `make check` runs one of them."""

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: tests wait for a disk some thousand times a minute, and none of them needs one."""
ROOM = 8 << 30
"""Bytes that must be free there; otherwise, and where TMPDIR is set, files are made where they always were."""


def _stand_in_memory() -> None:
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


_stand_in_memory()
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of programs are started: each would compile the product anew
QUARTERS = 4

settings.register_profile("repeatable", derandomize=True)  # `make check` asks for it: the same tree gives the same answer twice

_AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="mianshen-airflow-"))
os.environ |= {
    "AIRFLOW_HOME": str(_AIRFLOW_HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}


def pytest_unconfigure() -> None:
    shutil.rmtree(_AIRFLOW_HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("MIANSHEN_REALDATA"):
        return
    not_run = pytest.mark.skip(reason="NOT RUN: MIANSHEN_REALDATA is not set")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(not_run)


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `of` of every enumeration, number from 0."""

    number: int
    of: int
    test: str

    def quarter(self) -> Shard:
        """A quarter of this shard in `make check`, which has other things to do; all of it where a shard was asked for."""
        if os.environ.get("MIANSHEN_SHARD"):
            return self
        return Shard(self.number + self.of * (self.number % QUARTERS), self.of * QUARTERS, self.test)

    def take(self, cases: Sequence[Any]) -> list[Any]:
        """This shard's cases; what was counted is noted for docs/reference/proofs.md."""
        taken = [case for place, case in enumerate(cases) if place % self.of == self.number]
        log = os.environ.get("MIANSHEN_PROOF_LOG")
        if log:
            line = json.dumps({"test": self.test, "cases": len(cases), "taken": len(taken)})
            with Path(log).open("a", encoding="utf-8") as handle:
                handle.write(line + "\n")
        return taken


def shard_from(text: str | None, *, commit: str) -> tuple[int, int]:
    """(number from 0, of) from `k/N` with k from 1, or the part that the commit's hash picks."""
    if text:
        number, of = (int(part) for part in text.split("/"))
        if not 1 <= number <= of:
            raise ValueError(f"MIANSHEN_SHARD is [{text}]; write k/N with 1 <= k <= N")
        return number - 1, of
    return int(commit[:8] or "0", 16) % SHARDS, SHARDS


@pytest.fixture(scope="session")
def commit() -> str:
    """The commit that is checked out; empty outside a repository."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


@pytest.fixture
def shard(request: pytest.FixtureRequest, commit: str) -> Shard:
    """The part of an enumeration that this run covers; a test that asks for it carries the marker `proof`."""
    assert request.node.get_closest_marker("proof"), "a test that enumerates by shard carries @pytest.mark.proof"
    number, of = shard_from(os.environ.get("MIANSHEN_SHARD"), commit=commit)
    return Shard(number, of, request.node.nodeid)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that all tests of this process share; each makes databases of its own with `new_database`."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of the third-party sample."""
    folder = Path(os.environ["MIANSHEN_REALDATA"])
    assert folder.is_dir(), f"MIANSHEN_REALDATA is [{folder}], which is no folder"
    return folder


@pytest.fixture
def entropy() -> Callable[[int], bytes]:
    """Bytes that look random and are the same in every run."""
    counter = itertools.count()

    def draw(size: int) -> bytes:
        return hashlib.shake_256(f"entropy {next(counter)}".encode()).digest(size)

    return draw


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT
