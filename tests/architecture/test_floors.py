"""The import contracts hold, cover every room, and each can fail."""

from __future__ import annotations

import ast
import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.sources import (
    PLUGINS,
    PRODUCT,
    ROOT,
    at,
    dotted,
    imported_modules,
    imported_names,
    product_files,
    python_files,
    tree_of,
)

CONFIG = ROOT / ".importlinter"
FRAME = {"frame", "catalogue", "judging", "opening", "turns"}
"""Modules of stages that are no stage: what they share, and the list of them."""
POLICY_MAY = {"ruamel"}


def contract(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser()
    parser.read(CONFIG, encoding="utf-8")
    return parser[f"importlinter:contract:{name}"]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a tree with include/ and plugins/."""
    paths = os.pathsep.join([str(tree / "include"), str(tree / "plugins")])
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program), "--config", str(CONFIG), "--no-cache"]
    return subprocess.run(command, cwd=tree, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, to be broken."""
    copy = tmp_path_factory.mktemp("house")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PRODUCT, copy / "include" / "mianshen", ignore=ignore)
    shutil.copytree(PLUGINS, copy / "plugins", ignore=ignore)
    return copy


def test_every_contract_holds(house: Path) -> None:
    ended = lint(house)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("where", "line", "broken"),
    [
        ("include/mianshen/core/money.py", "import mianshen.policy", "Floors"),
        ("include/mianshen/policy/__init__.py", "import mianshen.warehouse", "Floors"),
        ("include/mianshen/warehouse/connect.py", "import mianshen.stages.frame", "Floors"),
        ("include/mianshen/feeds/__init__.py", "def later():\n    import mianshen.documents", "Floors"),
        ("include/mianshen/stages/receive.py", "import airflow", "mianshen never imports Airflow"),
        ("include/mianshen/core/money.py", "import numpy", "core and policy import no table library"),
        ("include/mianshen/policy/__init__.py", "import sqlalchemy", "core and policy import no table library"),
        ("include/mianshen/stages/supervise.py", "import mianshen.vault", "The vault has few openers"),
        ("include/mianshen/stages/receive.py", "import mianshen.stages.pay", "Stages never call each other"),
    ],
)
def test_each_contract_can_fail(house: Path, where: str, line: str, broken: str) -> None:
    module = house / where
    kept = module.read_text("utf-8") if module.exists() else None
    module.write_text((kept or '"""A room."""\n') + f"\n{line}\n", encoding="utf-8")
    try:
        ended = lint(house)
    finally:
        module.write_text(kept, encoding="utf-8") if kept is not None else module.unlink()
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert any(one.startswith(broken) and one.rstrip().endswith("BROKEN") for one in ended.stdout.splitlines()), ended.stdout


def test_every_room_stands_on_a_floor() -> None:
    drawn = {f"mianshen.{path.name}" for path in PRODUCT.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    on_floors = {room.strip() for line in contract("floors")["layers"].split("\n") for room in line.split("|") if room.strip()}
    assert drawn <= on_floors, f"not in .importlinter: {drawn - on_floors}"
    assert [path.name for path in PRODUCT.glob("*.py")] == ["__init__.py"], "no module stands outside the rooms"


def test_every_stage_is_in_the_independence_contract() -> None:
    stages = {path.stem for path in (PRODUCT / "stages").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    stages -= FRAME | {"__init__"}
    named = {line.strip().removeprefix("mianshen.stages.") for line in contract("stages")["modules"].split("\n") if line.strip()}
    assert stages == named, f".importlinter lacks {stages - named}, names without need {named - stages}"


def not_standard(source: str | Path, *, also: frozenset[str]) -> list[str]:
    """Imports of anything but the standard library, mianshen and `also`."""
    return [
        at(source, node, f"imports {name}")
        for node, name in imported_modules(tree_of(source))
        if (top := name.split(".")[0]) not in sys.stdlib_module_names and top != "mianshen" and top not in also
    ]


def test_core_and_policy_stand_on_the_standard_library() -> None:
    found = [line for path in product_files("core") for line in not_standard(path, also=frozenset())]
    found += [line for path in product_files("policy") for line in not_standard(path, also=frozenset(POLICY_MAY))]
    assert found == []


def test_a_foreign_import_is_found() -> None:
    assert not_standard("from ruamel.yaml import YAML\n", also=frozenset())
    assert not_standard("def late():\n    import polars\n", also=frozenset(POLICY_MAY))
    assert not not_standard("import json\nfrom mianshen.core import money\n", also=frozenset())


def by_string(source: str | Path) -> list[str]:
    """Imports that hide their arrow: importlib, __import__, or the second name `include.mianshen`."""
    tree = tree_of(source)
    known = imported_names(tree)
    found = [at(source, node, f"imports {name}") for node, name in imported_modules(tree) if name.startswith("include")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func, known) in {"importlib.import_module", "__import__"}:
            found.append(at(source, node, "imports by string"))
    return found


def test_arrows_are_not_hidden_in_strings() -> None:
    assert [line for path in python_files(PRODUCT, PLUGINS, ROOT / "dags") for line in by_string(path)] == []


def test_a_hidden_arrow_is_found() -> None:
    assert by_string("from importlib import import_module as load\nload('mianshen.stages.pay')\n")
    assert by_string("__import__('airflow')\n")
    assert by_string("import include.mianshen.core\n")
    assert not by_string("import mianshen.core\n")
