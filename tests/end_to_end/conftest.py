"""A county's month that several modules begin with: worked on once in a test run, copied for each."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.end_to_end.counties import IN_TIME, Files, House, make_house, refusing_one, steady_entropy, write_files

from mianshen.core.paths import Home

SEED = "worked"
"""Of the house's entropy."""


PATIENCE = 1800
"""Seconds that a test may take with what it waits for: a month is worked on in half a minute, in many on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(PATIENCE))


@dataclass(frozen=True)
class Worked:
    """October in a county of 4,000 insured, bad files among the good ones, some items refused."""

    house: House
    """Its home, for this module alone."""
    files: Files
    """What was delivered."""
    keys: Path
    """Its vault as it was before the month began."""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """The month; the first process that asks works on it, others wait for it."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "worked"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "files.pickle").exists():
            _work(root)
    files = pickle.loads((root / "files.pickle").read_bytes())
    home = tmp_path_factory.mktemp("worked") / "home"
    shutil.copytree(root / "home", home)
    return Worked(House(Home(home), steady_entropy(f"{SEED} again")), files, root / "keys")


def _work(root: Path) -> None:
    for name in ("county", "home", "keys"):
        shutil.rmtree(root / name, ignore_errors=True)
    files = write_files(root / "county", insured=4_000, bad_files=True)
    house = make_house(root / "home", seed=SEED)
    shutil.copytree(house.home.vault, root / "keys")
    house.receive(files.folder)
    house.carry(IN_TIME, clerk=refusing_one)
    (root / "files.pickle").write_bytes(pickle.dumps(files))
