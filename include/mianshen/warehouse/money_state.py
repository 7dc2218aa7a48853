"""The daily identity: where the county's agreed money stands, and every place where two parts of the ledger differ about it."""

from __future__ import annotations

from typing import Any

import duckdb
from sqlalchemy import Connection

from mianshen.warehouse.build import make_table
from mianshen.warehouse.ledger_view import MONEY, show_ledger
from mianshen.warehouse.postings import show_postings

Row = dict[str, Any]
MADE = ("out.money_state", "checks.money_difference")
"""The tables of the identity."""
SIDES = ("approved", "paid", "returned", "in_flight", "cancelled", "held", "waiting")
"""What was agreed, and what became of it."""


def make_tables(con: duckdb.DuckDBPyConnection, connection: Connection, *, county_code: str) -> None:
    """Make the tables of MADE in this DuckDB from the ledger as the connection sees it."""
    show_ledger(con, connection, county_code=county_code, tables=MONEY)
    show_postings(con, connection, county_code=county_code)
    for table in MADE:
        make_table(con, table, {})


def sums(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The county's totals in fen: `approved_fen` and what became of it, and `difference_fen`."""
    names = [f"{one}_fen" for one in (*SIDES, "difference")]
    columns = ", ".join(f"cast(coalesce(sum({name}), 0) as bigint)" for name in names)
    found = con.execute(f"select {columns} from out.money_state").fetchone()  # noqa: S608 - names of this module
    return dict(zip(names, found or (), strict=True))


def differences(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every difference with its place; none when all is well."""
    found = con.execute("select * from checks.money_difference order by all")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def place_of(one: Row) -> str:
    """Where a difference is and what it is, for a reader; it names nobody."""
    names = ("fund_code", "department_code", "town", "bank_profile", "subject_id")
    where = " ".join(f"{name}={one[name]}" for name in names if one[name])
    return f"{one['check_code']} {where}: {one['expected_fen']} <> {one['found_fen']} fen"
