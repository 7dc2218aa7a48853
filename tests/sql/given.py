"""Given/expect for SQL files: rows in, the table made from its file, rows out. A column that a row leaves out is null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from mianshen.warehouse.build import make_table
from mianshen.warehouse.sql_files import table_doc

Row = Mapping[str, Any]


def columns_of(table: str) -> list[tuple[str, str]]:
    """(name, DuckDB type) of a documented table."""
    return [(one.name, one.type) for one in table_doc(table).columns]


def given(connection: duckdb.DuckDBPyConnection, table: str, *rows: Row) -> None:
    """Make the table, with the columns of its .yml, from the rows."""
    columns = columns_of(table)
    unknown = {name for row in rows for name in row} - {name for name, _ in columns}
    assert not unknown, f"{table} has no column {unknown}"
    connection.execute(f"create schema if not exists {table.split('.')[0]}")
    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns)
    connection.execute(f"create or replace table {table} ({listed})")
    if rows:
        names = [name for name, _ in columns if any(name in row for row in rows)]
        marks = ", ".join("(" + ", ".join("?" for _ in names) + ")" for _ in rows)
        named = ", ".join(f'"{name}"' for name in names)
        connection.execute(f"insert into {table} ({named}) values {marks}", [row.get(name) for row in rows for name in names])


def made(connection: duckdb.DuckDBPyConnection, table: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of the table made from its file, ordered by all columns; asserts that they fit the .yml."""
    make_table(connection, table, parameters)
    described = connection.execute(f"describe {table}").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == columns_of(table), f"{table} differs from its .yml"
    return fetched(connection, f"select * from {table} order by all")


def fetched(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries."""
    cursor = connection.execute(query)
    names = [one[0] for one in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def picked(rows: Iterable[Row], *names: str) -> list[tuple[Any, ...]]:
    """The named columns of each row."""
    return [tuple(row[name] for name in names) for row in rows]
