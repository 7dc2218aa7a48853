"""Tables inside one task's DuckDB: made from their SQL files, checked, and handed to a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import duckdb

from mianshen.core.errors import MianshenError
from mianshen.warehouse.lake import LakeRun
from mianshen.warehouse.sql_files import order_of, sql_text, table_doc

_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$([a-z]\w*)")


class Maker(Protocol):
    """What makes schema.table of a statement; without a text, from its SQL file."""

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], *, text: str | None
    ) -> None:
        """Make the table, binding those parameters that the text names."""


def parameters_of(text: str) -> frozenset[str]:
    """Names of the parameters that a statement binds, comments apart."""
    return frozenset(_PARAMETER.findall(_COMMENT.sub("", text)))


def make_table(
    connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], *, text: str | None = None
) -> None:
    """Make schema.table from its SQL file (or from `text`, when it is compiled), binding those parameters that it names."""
    body = sql_text(table) if text is None else text
    connection.execute(f"create schema if not exists {table.split('.')[0]}")
    named = {name: parameters[name] for name in sorted(parameters_of(body))}
    connection.execute(f"create or replace table {table} as {body.rstrip().rstrip(';')}", named)


def make_file(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    parameters: Mapping[str, Any],
    *,
    text: str | None,
    file: Path,
    options: str,
) -> None:
    """Write what would be schema.table to a Parquet file that is read in its place; it never stands in memory."""
    body = sql_text(table) if text is None else text
    named = {name: parameters[name] for name in sorted(parameters_of(body))}
    connection.execute(f"copy ({body.rstrip().rstrip(';')}) to '{file}' ({options})", named)
    connection.execute(f"create schema if not exists {table.split('.')[0]}")
    connection.execute(f"create or replace view {table} as select * from read_parquet('{file}')")  # noqa: S608 - our own path


def make_view(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make schema.table readable from its SQL file, which binds nothing; no row is copied."""
    connection.execute(f"create schema if not exists {table.split('.')[0]}")
    connection.execute(f"create or replace view {table} as {sql_text(table).rstrip().rstrip(';')}")


def write_tables(
    run: LakeRun, connection: duckdb.DuckDBPyConnection, tables: Iterable[str], *, stand_in_order: bool = False
) -> dict[str, int]:
    """Write tables of the task into the run with the columns of their .yml, ordered as their files say; returns rows by table.

    Rows that most likely `stand_in_order` already are looked at before they are sorted.
    """
    rows = {}
    for table in tables:
        order = order_of(table)
        if stand_in_order and order:
            rows[table] = run.write(connection, table, _columns_of(table, table), order=order)
        else:
            rows[table] = run.write(connection, table, ordered(table))
    return rows


def ordered(table: str, *, of: str | None = None) -> str:
    """A query for the columns of the table's .yml in the order that its file says; `of` is what they stand in, else the table."""
    return f"{_columns_of(table, of or table)} order by {', '.join(order_of(table)) or 'all'}"


def _columns_of(table: str, source: str) -> str:
    columns = ", ".join(f'"{one.name}"' for one in table_doc(table).columns)
    return f"select {columns} from {source}"  # noqa: S608 - names from our .yml


def require_checks(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Pass when no check of a checks.* table fails; else MianshenError CONSERVATION_BROKEN with the checks that did."""
    query = f"select check_code, failures from {table} where failures <> 0 or fen_in <> fen_out order by check_code"  # noqa: S608
    broken = connection.execute(query).fetchall()
    if broken:
        found = ", ".join(f"{code}: {failures}" for code, failures in broken)
        raise MianshenError("CONSERVATION_BROKEN", found=found, where=table)
