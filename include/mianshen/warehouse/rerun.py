"""A run computed again from what it stored: its row, its facts, and the statements with the values that were bound."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
from sqlalchemy import Engine, Row, select

from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import RUN


def stored_run(ledger: Engine, *, stage: str, county_code: str, month: str, run_id: str | None = None) -> Row[Any]:
    """The run's row, the month's newest of the stage when it is not named; MianshenError RUN_UNKNOWN."""
    query = select(RUN).where(RUN.c.stage == stage, RUN.c.county_code == county_code)
    query = query.where(RUN.c.month == month) if run_id is None else query.where(RUN.c.run_id.startswith(run_id))
    with ledger.connect() as connection:
        found = connection.execute(query.order_by(RUN.c.run_no.desc()).limit(1)).first()
    if found is None:
        raise MianshenError("RUN_UNKNOWN", found=run_id or month, where=f"{stage} {county_code}")
    return found


def facts_of(run: Row[Any]) -> tuple[str, ...]:
    """The facts tables that a run of `profile` wrote."""
    return tuple(table for table in sorted(json.loads(run.tables)) if table.startswith("facts."))


def run_statement(connection: duckdb.DuckDBPyConnection, one: Mapping[str, Any], years: Iterable[int]) -> None:
    """Make the table of one stored statement (a row of checks.assess_sql) over these benefit years."""
    bound = json.loads(one["parameters"]) | ({"years": list(years)} if "$years" in one["sql_text"] else {})
    text = one["sql_text"].rstrip().rstrip(";")
    connection.execute(f"create or replace table {one['table_name']} as {text}", bound)


def years_in(statements: Sequence[Mapping[str, Any]]) -> list[tuple[int, ...]]:
    """The groups of benefit years that the statements were run over, one a plan."""
    return list(dict.fromkeys(tuple(one["years"]) for one in statements))


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, bound: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries."""
    found = connection.execute(query, dict(bound or {}))
    names = [one[0] for one in found.description]
    return [dict(zip(names, cells, strict=True)) for cells in found.fetchall()]
