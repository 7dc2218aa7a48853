"""Settlements, fees and notices that were set aside, and what became of them, from every file that stands or stood."""

from __future__ import annotations

import duckdb
from sqlalchemy import select

from mianshen.warehouse import lake
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute, show_arrow
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import DELIVERY
from mianshen.warehouse.ledger_view import show_ledger

TABLE = "out.return_record"
READ = {
    "settlement": ("staging.settlement_quarantined", "staging.settlement"),
    "enrolment": ("staging.enrolment_quarantined", "staging.enrolment"),
    "notice": ("staging.notice_quarantined", "staging.notice"),
}
"""Tables of the validate runs, by feed."""
STOOD = ("ACCEPTED", "SUPERSEDED")
"""States of deliveries that stand or stood."""


def show_records(con: duckdb.DuckDBPyConnection, store: Lake, *, county_code: str, known_at: str) -> None:
    """Make out.return_record readable; worked out apart, for it reads superseded files that nothing else may see."""
    query = select(DELIVERY.c.feed, DELIVERY.c.staged_run_id).where(
        DELIVERY.c.county_code == county_code, DELIVERY.c.state.in_(STOOD), DELIVERY.c.staged_run_id.is_not(None)
    )
    with compute() as apart:
        with store.engine.connect() as connection:
            show_ledger(apart, connection, county_code=county_code, tables=(DELIVERY,))
            runs = connection.execute(query).all()
        for feed, tables in READ.items():
            mine = {row.staged_run_id for row in runs if row.feed == feed}
            for table in tables:
                lake.show(apart, table, store.files(table, run_ids=mine))
        make_table(apart, TABLE, {"known_at": known_at})
        found = apart.sql(f"select * from {TABLE}").to_arrow_table()  # noqa: S608 - our own name
    show_arrow(con, TABLE, found)
