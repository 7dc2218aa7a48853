"""A requirement counts when the loss of one line fails the test that names it: each line is deleted in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT, Shard
from tools.requirements import CONFIRMED, EXAMPLES, Requirement, requirements

FAILED = 1
"""pytest's exit code when tests ran and some failed: neither a tree that cannot be collected nor a test that is not there."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the repository."""
    copy = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    return copy


def ran(tree: Path, one: Requirement) -> int:
    """pytest's exit code for the requirement's test in the copy."""
    picked = ("-k", one.only) if one.test in (EXAMPLES, CONFIRMED) else ()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-x", one.test, *picked]
    paths = os.pathsep.join([str(tree / "include"), str(tree)])
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False).returncode


@pytest.mark.proof
@pytest.mark.timeout(1800)
def test_each_requirement_s_test_notices_the_loss_of_its_line(tree: Path, shard: Shard) -> None:
    silent = []
    for one in shard.take([one for one in requirements() if one.is_proven]):
        assert one.without is not None
        path = tree / one.without.file
        text = path.read_text("utf-8")
        lines = text.split("\n")
        del lines[one.without.place(text)]
        assert ran(tree, one) == 0, f"{one.number}: its test does not pass as it is"
        path.write_text("\n".join(lines), encoding="utf-8")
        try:
            if ran(tree, one) != FAILED:
                silent.append(one.number)
        finally:
            path.write_text(text, encoding="utf-8")
    assert silent == []
