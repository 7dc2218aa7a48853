"""The sources that the house's rules look at, and how a breach is written: file, line, what was found."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
PRODUCT = INCLUDE / "mianshen"
PLUGINS = ROOT / "plugins"
DAGS = ROOT / "dags"
SQL = INCLUDE / "sql"
POLICIES = INCLUDE / "policies"


def product_files(*packages: str) -> list[Path]:
    """Python files of mianshen, or of its packages named, in order."""
    folders = [PRODUCT / package for package in packages] if packages else [PRODUCT]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def python_files(*folders: Path) -> list[Path]:
    """Python files under the folders, in order."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that the repository holds or would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line.strip('"')).is_file())


def tree_of(source: str | Path) -> ast.Module:
    """The syntax tree of a file, or of a snippet."""
    return ast.parse(source.read_text("utf-8") if isinstance(source, Path) else source)


def at(source: str | Path, node: ast.AST, found: str) -> str:
    """A breach as one line."""
    where = source.relative_to(ROOT) if isinstance(source, Path) else "snippet"
    return f"{where}:{getattr(node, 'lineno', 1)}: {found}"


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name of everything that is imported anywhere in the module."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def dotted(node: ast.AST, known: dict[str, str]) -> str:
    """The dotted name that an expression stands for, aliases resolved; empty when it is no plain name."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value, known)
        return f"{owner}.{node.attr}" if owner else f"?.{node.attr}"
    return ""


def imported_modules(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every imported module with its node; `from a import b` counts as a and as a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of constant nodes that are docstrings or bare strings under a field."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def strings(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every string that is no docstring, with its node; an f-string counts once, with {} for what is filled in."""
    passed = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
            yield node, "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node, node.value
