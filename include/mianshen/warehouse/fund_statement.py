"""The monthly statement of funds: what each fund, and each clinic of it, had, received, gave and has."""

from __future__ import annotations

from typing import Any

import duckdb
from sqlalchemy import Connection

from mianshen.warehouse.build import make_table
from mianshen.warehouse.ledger import FUND_ACT, FUND_ENTRY
from mianshen.warehouse.ledger_view import show_ledger

Row = dict[str, Any]
TABLE = "out.fund_statement"


def make_tables(con: duckdb.DuckDBPyConnection, connection: Connection, *, county_code: str) -> None:
    """Make out.fund_statement in this DuckDB from the ledger as the connection sees it."""
    show_ledger(con, connection, county_code=county_code, tables=(FUND_ACT, FUND_ENTRY))
    make_table(con, TABLE, {})


def rows_of(con: duckdb.DuckDBPyConnection, month: str) -> list[Row]:
    """The month's rows, or of the last month before it where nothing moved since; funds first, then their clinics."""
    query = f"""
        select * from {TABLE} where statement_month <= $month
        qualify row_number() over (partition by fund_code, holder order by statement_month desc) = 1
        order by fund_code, holder
    """  # noqa: S608 - our own table
    found = con.execute(query, {"month": month})
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [row if row["statement_month"] == month else _unmoved(row, month) for row in rows]


def _unmoved(row: Row, month: str) -> Row:
    """A month in which nothing moved: it opens and closes with the balance before it."""
    kept = {"fund_code": row["fund_code"], "holder": row["holder"], "statement_month": month}
    still = {name: 0 for name in row if name.endswith("_fen")}
    return {**row, **still, **kept, "opening_fen": row["closing_fen"], "closing_fen": row["closing_fen"]}
