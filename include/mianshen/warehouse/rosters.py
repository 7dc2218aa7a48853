"""Departments' lists as they were known at a moment: which delivery stood, whose rows, which spans followed.

Every delivery that ever stood is read, the superseded ones too: what was known earlier is rebuilt from facts, never remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from mianshen.warehouse import grants, lake, return_records
from mianshen.warehouse.build import make_table
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import DELIVERY, DELIVERY_ACT, RUN
from mianshen.warehouse.ledger_view import show_ledger

STOOD = ("ACCEPTED", "SUPERSEDED", "WITHDRAWN")
"""States of deliveries that stand or may have stood."""
STAGED = ("staging.roster", "staging.roster_quarantined")
"""Tables of the validate run."""
KEYED = ("staging.roster_keyed", "staging.row_suggestion", "staging.roster_trace")
"""Tables of the deidentify run."""
SPANS = "facts.identity_span"
MADE = (
    "facts.roster_change",
    "facts.identity_revision",
    "out.roster_difference",
    "out.roster_alarm",
    "out.return_row",
    "out.return_slip",
)
"""What follows from the spans, in the order in which the tables read each other."""


def show_rosters(con: duckdb.DuckDBPyConnection, store: Lake, *, county_code: str) -> None:
    """Make ledger.delivery, ledger.delivery_act, ledger.run and the staged rows of every list that stands or stood readable.

    What cases gave beside the lists is shown as nothing: `grants.show_granted` shows it where it counts.
    """
    with store.engine.connect() as connection:
        show_ledger(con, connection, county_code=county_code, tables=(DELIVERY, DELIVERY_ACT, RUN))
        stood = _stood(connection, county_code)
    for table in STAGED:
        lake.show(con, table, store.files(table, run_ids={staged for staged, _ in stood}))
    for table in KEYED:
        lake.show(con, table, store.files(table, run_ids={keyed for _, keyed in stood if keyed}))
    lake.show(con, grants.TABLE, ())


def make_spans(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any], *, known_at: str) -> None:
    """Make facts.roster_snapshot, facts.roster_kept and facts.identity_span as they were known at the moment."""
    for table in ("facts.roster_snapshot", "facts.roster_kept", SPANS):
        make_table(con, table, {**parameters, "known_at": known_at})


def make_changes(con: duckdb.DuckDBPyConnection, store: Lake, parameters: Mapping[str, Any], *, county_code: str) -> None:
    """Make facts.identity_span as known now, and what changed since the last assessment before it."""
    now = str(parameters["known_at"])
    before, months = assessed_before(store, county_code=county_code, moment=now)
    make_spans(con, parameters, known_at=before or "")
    con.execute(f"create or replace table {SPANS}_before as select * from {SPANS}")  # noqa: S608 - our own table name
    make_spans(con, parameters, known_at=now)
    kept = profiled_before(store, county_code=county_code, moment=now)
    lake.show(con, "facts.identity_revision_before", store.files("facts.identity_revision", run_ids=kept))
    return_records.show_records(con, store, county_code=county_code, known_at=now)
    for table in MADE:
        make_table(con, table, {**parameters, "assessed_months": months})


def assessed_before(store: Lake, *, county_code: str, moment: str) -> tuple[str | None, list[str]]:
    """The last assessment's moment before this one and the months assessed by then; (None, []) before the first."""
    query = select(RUN.c.as_of, RUN.c.month).where(
        RUN.c.county_code == county_code, RUN.c.stage == "assess", RUN.c.as_of < moment
    )
    with store.engine.connect() as connection:
        rows = connection.execute(query).all()
    return max((row.as_of for row in rows), default=None), sorted({row.month for row in rows})


def profiled_before(store: Lake, *, county_code: str, moment: str) -> list[str]:
    """The newest earlier run of profile, as a list of none or one: it carries what was found so far."""
    query = (
        select(RUN.c.run_id)
        .where(RUN.c.county_code == county_code, RUN.c.stage == "profile", RUN.c.as_of < moment)
        .order_by(RUN.c.as_of.desc(), RUN.c.run_no.desc())
        .limit(1)
    )
    with store.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def _stood(connection: Connection, county_code: str) -> list[tuple[str, str | None]]:
    query = select(DELIVERY.c.staged_run_id, DELIVERY.c.keyed_run_id).where(
        DELIVERY.c.county_code == county_code,
        DELIVERY.c.feed == "roster",
        DELIVERY.c.state.in_(STOOD),
        DELIVERY.c.staged_run_id.is_not(None),
    )
    return [(row.staged_run_id, row.keyed_run_id) for row in connection.execute(query)]
