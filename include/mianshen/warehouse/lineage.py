"""From which columns a column of a SQL file is computed, by sqlglot over the file and the columns that every .yml describes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from mianshen.warehouse.sql_files import documented_tables, sql_text, table_doc


def column_sources(table: str) -> Mapping[str, tuple[str, ...]]:
    """schema.table.column of everything behind each output column, sorted; empty where no SQL file makes the table.

    Also empty for a file that sqlglot does not see through: its header still says which tables it reads.
    """
    try:
        query = sqlglot.parse_one(sql_text(table), dialect="duckdb")
    except FileNotFoundError:
        return {}
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it does not see through is left empty, not told on the screen
    try:
        found = lineage(None, query, schema=_schema(), dialect="duckdb", trim_selects=False, copy=False)
    except (SqlglotError, KeyError, ValueError):
        return {}
    nodes = found if isinstance(found, dict) else {found.name: found}
    return {name: _leaves(node) for name, node in nodes.items()}


def _leaves(node: Node) -> tuple[str, ...]:
    found = set()
    for one in node.walk():
        if isinstance(one.expression, exp.Table) and one.expression.db:
            found.add(f"{one.expression.db}.{one.expression.name}.{one.name.split('.')[-1]}")
    return tuple(sorted(found))


@cache
def _schema() -> dict[str, object]:
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for name in documented_tables():
        schema, table = name.split(".")
        tables.setdefault(schema, {})[table] = {one.name: one.type for one in table_doc(name).columns}
    return dict(tables)
