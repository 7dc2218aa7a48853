"""The shape of the house: short modules, one plugin file, documented fields, no binary floats, readers of the data folders."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from tests.architecture.sources import (
    DAGS,
    PLUGINS,
    PRODUCT,
    ROOT,
    SQL,
    at,
    dotted,
    imported_names,
    product_files,
    python_files,
    strings,
    tracked_files,
    tree_of,
)

from mianshen.core.ids import SYNTHETIC_AREA, read_certno

LONGEST = 300
MONEY_PACKAGES = ("core", "policy", "feeds", "documents", "vault", "warehouse", "stages")
OUR_PYTHON = python_files(PRODUCT, PLUGINS, DAGS, ROOT / "tests", ROOT / "tools")
TO_DO = "TO" + "DO"
MARKS = re.compile(rf"\b({TO_DO}|FIX{'ME'}|X{'XX'}|raise Not{'ImplementedError'})\b")
ID_LIKE = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


def length_breach(name: str, text: str) -> list[str]:
    lines = text.count("\n")
    return [f"{name}: {lines} lines, at most {LONGEST}"] if lines > LONGEST else []


def test_modules_are_short() -> None:
    assert [line for path in OUR_PYTHON for line in length_breach(str(path.relative_to(ROOT)), path.read_text("utf-8"))] == []


def test_a_long_module_is_found() -> None:
    assert length_breach("long.py", "pass\n" * 301)
    assert not length_breach("short.py", "pass\n" * 300)


def test_there_is_no_attic() -> None:
    named = {path.name for path in OUR_PYTHON}
    assert not named & {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}


def marks(name: str, text: str) -> list[str]:
    return [f"{name}: {hit[0]}" for hit in MARKS.finditer(text)]


def test_nothing_is_left_for_later() -> None:
    found = [line for path in OUR_PYTHON for line in marks(str(path.relative_to(ROOT)), path.read_text("utf-8"))]
    found += [line for path in sorted(SQL.rglob("*.sql")) for line in marks(path.name, path.read_text("utf-8"))]
    assert found == []


def test_a_mark_is_found() -> None:
    assert marks("later.py", f"# {TO_DO}: pay them\n")


def test_airflow_discovers_one_plugin_file() -> None:
    assert [path.name for path in PLUGINS.glob("*.py")] == ["mianshen_plugin.py"]
    hidden = (PLUGINS / ".airflowignore").read_text("utf-8").split()
    packages = {path.name for path in PLUGINS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert packages == {"mianshen_airflow"}
    assert packages <= set(hidden), "plugins/.airflowignore must hide the package, or Airflow runs each of its files twice"


def floats(source: str | Path) -> list[str]:
    """Binary floating point: float as a name, a float literal, numpy's or Arrow's or SQL's double."""
    tree = tree_of(source)
    known = imported_names(tree)
    asked = _no_money(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in asked:
            found.append(at(source, node, "float"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in asked:
            found.append(at(source, node, f"float literal {node.value}"))
        elif isinstance(node, ast.Attribute) and re.match(r"^(numpy|pyarrow)\.(float|double)", dotted(node, known)):
            found.append(at(source, node, dotted(node, known)))
    found += [
        at(source, node, f"{hit[0]} in a string")
        for node, text in strings(tree)
        if (hit := re.search(r"\b(as|::)\s*(double|float[48]?|real)\b|^float(32|64)$", text, re.IGNORECASE))
    ]
    return found


def _no_money(tree: ast.Module) -> set[int]:
    """Nodes that are no money: what isinstance() asks, an alias of foreign types, a share such as KNOWN_SHARE = 0.95."""
    free: list[ast.expr] = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func, {}) == "isinstance"
    ]
    for node in tree.body:
        if isinstance(node, ast.Assign):
            is_alias = isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.BitOr)
            is_share = isinstance(node.value, ast.Constant) and ast.unparse(node.targets[0]).endswith("_SHARE")
            free += [node.value] if is_alias or is_share else []
    return {id(part) for one in free for part in ast.walk(one)}


def test_no_binary_float_comes_near_money() -> None:
    assert [line for path in product_files(*MONEY_PACKAGES) for line in floats(path)] == []


@pytest.mark.parametrize(
    "snippet",
    [
        "paid = float(text)",
        "def share(fen: int) -> float:\n    return fen",
        "relief = fen * 0.7",
        "import numpy as np\nfen.astype(np.float64)",
        "frame.astype('float64')",
        "connection.execute('select cast(fen as double) from t')",
    ],
)
def test_a_float_is_found(snippet: str) -> None:
    assert floats(snippet)


def test_a_cell_may_be_asked_whether_it_is_a_float_and_a_share_may_be_one() -> None:
    assert not floats("KNOWN_SHARE = 0.95\n")
    assert floats("def pay(fen: int) -> int:\n    LOCAL_SHARE = 0.7\n    return round(fen * LOCAL_SHARE)\n")
    assert not floats("Cell = int | float | str\nif isinstance(cell, int | float):\n    pass\n")


def data_paths(source: str | Path, folder: str) -> list[str]:
    """Strings that spell a path into include/<folder>, save where an error says where to look."""
    tree = tree_of(source)
    shown = {
        id(value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "where" for value in ast.walk(node)
    }
    whole = re.compile(rf"^[\w./{{}}*-]*include/{folder}[\w./{{}}*-]*$")
    return [
        at(source, node, f"path [{text}]")
        for node, text in strings(tree)
        if id(node) not in shown and (whole.match(text) or _is_path_part(node, tree, text, folder))
    ]


def _is_path_part(node: ast.AST, tree: ast.Module, text: str, folder: str) -> bool:
    """Whether the bare folder name is divided onto a path, joined to one, or globbed for."""
    if text != folder and not text.startswith(f"{folder}/"):
        return False
    for parent in ast.walk(tree):
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div) and node in (parent.left, parent.right):
            return True
        if isinstance(parent, ast.Call) and node in parent.args and dotted(parent.func, {}).split(".")[-1] in _PATH_CALLS:
            return True
    return False


_PATH_CALLS = {"Path", "joinpath", "join", "glob", "rglob", "open", "with_name"}


def test_only_policy_reads_the_policies_and_only_warehouse_the_sql() -> None:
    found = []
    for path in [*product_files(), *python_files(PLUGINS, DAGS)]:
        room = path.relative_to(PRODUCT).parts[0] if PRODUCT in path.parents else ""
        found += [] if room == "policy" else data_paths(path, "policies")
        found += [] if room == "warehouse" else data_paths(path, "sql")
    assert found == []


def test_a_reader_is_found() -> None:
    assert data_paths("text = (root / 'sql' / 'out' / 'award_line.sql').read_text()", "sql")
    assert data_paths("Path('include/policies/510118_xinjin/policy.yaml').open()", "policies")
    assert data_paths("folder.joinpath('policies')", "policies")
    assert not data_paths("columns = {'sql': 1}", "sql")
    assert not data_paths("raise MianshenError('POLICY_DAMAGED', found='x', where='include/policies/national')", "policies")


def undocumented_fields(source: str | Path) -> list[str]:
    """Fields of data classes without a line beneath that says what they hold."""
    found = []
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and "dataclass" in _decorators(node):
            for field, below in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation) and not _is_text(below):
                    found.append(at(source, field, f"{node.name}.{ast.unparse(field.target)} has no line beneath"))
    return found


def _decorators(node: ast.ClassDef) -> str:
    return " ".join(ast.unparse(one) for one in node.decorator_list)


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_every_field_says_what_it_holds() -> None:
    assert [line for path in [*product_files(), *python_files(PLUGINS)] for line in undocumented_fields(path)] == []


def test_a_silent_field_is_found() -> None:
    snippet = "@dataclass(frozen=True)\nclass Job:\n    home: Path\n    month: str\n    '''The month.'''\n"
    assert undocumented_fields(snippet) == ["snippet:3: Job.home has no line beneath"]


def living_ids(name: str, text: str) -> list[str]:
    """Well-formed id numbers that could belong to a living person."""
    hits = (hit[0] for hit in ID_LIKE.finditer(text))
    return [f"{name}: an id number outside {SYNTHETIC_AREA}" for one in hits if _could_live(one)]


def _could_live(number: str) -> bool:
    return not number.startswith(SYNTHETIC_AREA) and read_certno(number, today=date(2100, 1, 1)).value is not None


def test_every_written_id_number_is_synthetic() -> None:
    found = []
    for path in tracked_files():
        if path.suffix in {".png", ".pdf", ".xlsx", ".parquet", ".gz", ".txt"} or path.name.startswith("requirements"):
            continue
        found += living_ids(str(path.relative_to(ROOT)), path.read_text("utf-8", errors="replace"))
    assert found == []


def test_a_living_id_number_is_found() -> None:
    assert living_ids("note.md", "他的号码是11010519491231002" + "X。")
    assert not living_ids("note.md", "hash 123456789012345678")
