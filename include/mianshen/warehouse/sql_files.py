"""The SQL files: one file makes one table, its path is the table's name, a .yml beside it says what the columns mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

import mianshen

ROOT = Path(mianshen.__file__).resolve().parents[1] / "sql"
"""include/sql."""


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """A column as the .yml beside the SQL describes it."""

    name: str
    """Column name."""
    type: str
    """DuckDB type."""
    unit: str
    """fen, day, moment, code, key, count, text, ppm, flag."""
    meaning_zh: str
    """What it holds, for analysts."""
    meaning_en: str
    """The same in English."""


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A table as the .yml beside the SQL describes it."""

    name: str
    """schema.table."""
    grain_zh: str
    """What one row is."""
    grain_en: str
    """The same in English."""
    columns: tuple[ColumnDoc, ...]
    """In output order."""


def sql_text(table: str) -> str:
    """The text of include/sql/<schema>/<table>.sql; FileNotFoundError when no file makes this table."""
    schema, name = table.split(".")
    return (ROOT / schema / f"{name}.sql").read_text("utf-8")


def grain_of(table: str) -> tuple[str, ...]:
    """The columns that make a row unique, from the line `grain:` of its SQL file's header; empty when there is no file."""
    return _said(table, "grain")


def order_of(table: str) -> tuple[str, ...]:
    """The columns by which the rows lie when they are published: those of the line `order:`, else the grain."""
    return _said(table, "order") or grain_of(table)


def _said(table: str, what: str) -> tuple[str, ...]:
    schema, name = table.split(".")
    path = ROOT / schema / f"{name}.sql"
    found = re.search(rf"^-- {what}:\s*([\w, ]+)", path.read_text("utf-8"), re.MULTILINE) if path.is_file() else None
    return tuple(one.strip() for one in found[1].split(",")) if found else ()


@cache
def table_doc(table: str) -> TableDoc:
    """What include/sql/<schema>/<table>.yml says; FileNotFoundError when there is none."""
    schema, name = table.split(".")
    loaded = YAML(typ="safe", pure=True).load((ROOT / schema / f"{name}.yml").read_text("utf-8"))
    columns = tuple(ColumnDoc(**{key: str(value) for key, value in one.items()}) for one in loaded["columns"])
    return TableDoc(name=loaded["table"], grain_zh=loaded["grain_zh"], grain_en=loaded["grain_en"], columns=columns)


def documented_tables() -> tuple[str, ...]:
    """Every table that has a .yml, as schema.table, sorted."""
    return tuple(sorted(f"{path.parent.name}.{path.stem}" for path in ROOT.glob("*/*.yml")))
