"""A DAG file says when, in what order, with what deadline; nothing else stands in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.architecture.sources import DAGS, at, imported_modules, python_files, tree_of

LONGEST = 120
MOST_STATEMENTS = 5
MAY_IMPORT = ("__future__", "airflow.sdk", "airflow.providers.standard", "mianshen_airflow", "datetime", "pendulum", "zoneinfo")


def fat(source: str | Path) -> list[str]:
    """What makes a DAG file fat: length, foreign imports, long functions, loops over days at the top."""
    text = source.read_text("utf-8") if isinstance(source, Path) else source
    tree = tree_of(source)
    found = [at(source, tree, f"{text.count(chr(10))} lines, at most {LONGEST}")] if text.count("\n") > LONGEST else []
    for node, name in imported_modules(tree):
        if isinstance(node, ast.ImportFrom) and name != node.module:
            continue
        if not any(name == allowed or name.startswith(f"{allowed}.") for allowed in MAY_IMPORT):
            found.append(at(source, node, f"imports {name}"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (size := statements(node)) > MOST_STATEMENTS:
            found.append(at(source, node, f"{node.name} has {size} statements, at most {MOST_STATEMENTS}"))
    return found


def statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Statements inside, however deep, without the docstring."""
    inner = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    return len(inner) - (ast.get_docstring(function) is not None)


def test_every_dag_file_is_thin() -> None:
    assert [line for path in python_files(DAGS) for line in fat(path)] == []


def test_every_dag_file_belongs_to_a_pack() -> None:
    assert python_files(DAGS), "dags/ is empty"
    assert [str(path) for path in python_files(DAGS) if path.parent != DAGS] == []


@pytest.mark.parametrize(
    "snippet",
    [
        "import pandas",
        "from mianshen.stages import pay",
        "from airflow.models import DagRun",
        "from dags.other import dag",
        "import os",
        "x = 1\n" * 121,
        "def build():\n" + "    x = 1\n" * 6,
        "def build():\n    for a in b:\n        if a:\n" + "            x = 1\n" * 4,
    ],
)
def test_a_fat_file_is_found(snippet: str) -> None:
    assert fat(snippet)


def test_a_thin_file_passes() -> None:
    assert not fat(
        '"""When the county runs."""\nfrom airflow.sdk import dag\nfrom mianshen_airflow.wiring import county_dags\n'
        "globals().update(county_dags('510118_xinjin'))\n"
    )
