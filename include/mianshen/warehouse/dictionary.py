"""Entries of the data dictionary: tables of the lake from their .yml and SQL, tables of a database from their declarations."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML
from sqlalchemy import Column, MetaData

from mianshen.core.dictionary import ColumnEntry, TableEntry
from mianshen.warehouse import ledger
from mianshen.warehouse.lineage import column_sources
from mianshen.warehouse.publish import SCHEMAS, mart_name
from mianshen.warehouse.sql_files import documented_tables, sql_text, table_doc

MART_COLUMNS = (
    ColumnEntry("mart_county_code", "TEXT", "code", "区划码", "six-digit division code of the county"),
    ColumnEntry("mart_month", "TEXT", "text", "月份,如 2026-10", "month, such as 2026-10"),
)
"""Columns that every copy in the mart has before its own."""


def lake_entries() -> list[TableEntry]:
    """Every table of the lake, with lineage."""
    return [_lake_entry(name) for name in documented_tables()]


def ledger_entries() -> list[TableEntry]:
    """Every table and view of the ledger."""
    docs = table_docs([ledger])
    return [*database_entries(ledger.METADATA, docs, room="ledger"), *database_entries(ledger.VIEWS, docs, room="ledger")]


def database_entries(metadata: MetaData, docs: dict[str, str], *, room: str) -> list[TableEntry]:
    """The tables that a database is declared to hold; `docs` are the strings under their declarations."""
    return [
        TableEntry(room, table.name, "", docs[table.name], tuple(_database_column(one) for one in table.columns))
        for table in metadata.sorted_tables
    ]


def reads_of(table: str) -> str:
    """The tables that its SQL header says it reads; empty when the table has no SQL."""
    return _said(table, "reads")


@cache
def column_words() -> dict[str, list[str]]:
    """Chinese and English meaning of every column of the ledger and the vault by its name: one name, one meaning."""
    loaded: dict[str, list[str]] = YAML(typ="safe", pure=True).load(
        (Path(inspect.getfile(ledger)).parent / "columns.yml").read_text("utf-8")
    )
    return loaded


def table_docs(modules: Iterable[object]) -> dict[str, str]:
    """The string under each declared table, by the table's name."""
    docs: dict[str, str] = {}
    for path in (path for module in modules for path in _files(module)):
        body = ast.parse(path.read_text("utf-8")).body
        for declared, below in zip(body, [*body[1:], None], strict=True):
            name = _declared_name(declared)
            if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                docs[name] = " ".join(str(below.value.value).split())
    return docs


def _lake_entry(name: str) -> TableEntry:
    doc, behind = table_doc(name), column_sources(name)
    schema = name.split(".")[0]
    return TableEntry(
        room=schema,
        name=name,
        grain_zh=doc.grain_zh,
        grain_en=doc.grain_en,
        columns=tuple(
            ColumnEntry(one.name, one.type, one.unit, one.meaning_zh, one.meaning_en, behind.get(one.name, ()))
            for one in doc.columns
        ),
        reads=tuple(one.strip(" .") for one in reads_of(name).split(",") if one.strip(" .")),
        source=_said(name, "source"),
        mart_name=mart_name(name) if schema in SCHEMAS else "",
    )


def _said(table: str, what: str) -> str:
    try:
        text = sql_text(table)
    except FileNotFoundError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith(f"-- {what}:")), "")


def _database_column(column: Column[object]) -> ColumnEntry:
    zh, en = column_words()[column.name]
    notes = [note for note, holds in (("pk", column.primary_key), ("null", column.nullable)) if holds]
    behind = tuple(f"{key.column.table.name}.{key.column.name}" for key in column.foreign_keys)
    return ColumnEntry(column.name, str(column.type).lower(), " ".join(notes), zh, en, behind)


def _files(module: object) -> Iterator[Path]:
    path = Path(inspect.getfile(module))  # type: ignore[arg-type]
    yield from sorted(path.parent.glob("*.py")) if path.name == "__init__.py" else [path]


def _declared_name(node: ast.stmt) -> str:
    """The table's name in `X = table("x", ...)`; empty for other statements."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
        first = node.value.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value
    return ""
