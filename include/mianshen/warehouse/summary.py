"""What became of a county's month, as plain values: deliveries, people, relief, approvals, payments, time limits. No person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Connection, func, select

from mianshen.warehouse import audit, board
from mianshen.warehouse.build import make_table
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import AWARD_POSTING, DELIVERY, EXCEPTIONAL_AWARD, PAYMENT_HOLD
from mianshen.warehouse.ledger_view import SHOWN, show_ledger
from mianshen.warehouse.records import show_reasons

MADE = (
    "out.clock_board",
    "out.payment_summary",
    "out.approval_summary",
    "out.quarantine_summary",
    "out.record_decision",
    "out.exceptional_award",
)
"""Tables that supervise publishes."""
READ = (
    "out.category_counts",
    "out.funnel",
    "out.refusals",
    "out.relief_summary",
    "out.review_summary",
    "out.payer_summary",
    "out.roster_alarm",
    "out.roster_difference",
    "out.return_slip",
)
"""Tables of earlier stages that the summary quotes."""
ASIDE = ("staging.settlement_quarantined", "staging.enrolment_quarantined", "staging.roster_quarantined")
"""Rows set aside, by feed."""

PROOF = "checks.conservation"
"""Where each delivery's rows stand by state."""
STATES = ("rows_in", "rows_load", "rows_fix", "rows_flag", "rows_quarantined", "rows_ignored")
"""Rows that came in, and the states that they sum up to."""

Row = dict[str, Any]


def staged_runs(connection: Connection, *, county_code: str) -> dict[str, str]:
    """delivery_id to the run that staged it."""
    query = select(DELIVERY.c.delivery_id, DELIVERY.c.staged_run_id)
    wanted = query.where(DELIVERY.c.county_code == county_code, DELIVERY.c.staged_run_id.is_not(None))
    return {row.delivery_id: row.staged_run_id for row in connection.execute(wanted)}


def make_tables(con: duckdb.DuckDBPyConnection, lake: Lake, *, county_code: str, as_of: str) -> None:
    """Make the tables of MADE in this DuckDB."""
    with lake.engine.connect() as connection:
        runs = staged_runs(connection, county_code=county_code)
        show_ledger(con, connection, county_code=county_code, tables=(*SHOWN, AWARD_POSTING, EXCEPTIONAL_AWARD))
    show_reasons(con)
    for table in ASIDE:
        show(con, table, lake.files(table, run_ids=runs.values()))
    for table in MADE:
        make_table(con, table, {"as_of": as_of, "deliveries": sorted(runs)})


def ledger_figures(connection: Connection, *, county_code: str, as_of: datetime) -> dict[str, Any]:
    """What the ledger says: deliveries by feed and state, approvals, payments, holds, time limits, late lists, audit head."""
    end = audit.head(connection)
    return {
        "feeds": feeds(connection, county_code=county_code),
        "deliveries": [asdict(row) for row in board.deliveries(connection, county_code)],
        "approvals": [asdict(row) for row in board.approvals(connection, county_code)],
        "payments": [asdict(row) for row in reversed(board.payments(connection, county_code))],
        "holds": holds(connection, county_code=county_code),
        "time_limits": [asdict(row) for row in board.limits(connection, county_code, as_of=as_of)],
        "late_lists": [asdict(row) for row in board.late_lists(connection, county_code, as_of=as_of)],
        "audit": {"head": end.digest, "count": end.count},
    }


def feeds(connection: Connection, *, county_code: str) -> list[Row]:
    """Rows in, accepted, quarantined and ignored by feed and list; a file that was superseded counts as well."""
    sums = [func.sum(DELIVERY.c[name]).label(name) for name in ("rows_in", "rows_accepted", "rows_quarantined", "rows_ignored")]
    query = (
        select(DELIVERY.c.feed, DELIVERY.c.list_code, func.count().label("deliveries"), *sums)
        .where(DELIVERY.c.county_code == county_code)
        .group_by(DELIVERY.c.feed, DELIVERY.c.list_code)
        .order_by(DELIVERY.c.feed, DELIVERY.c.list_code)
    )
    return [_whole(dict(row)) for row in connection.execute(query).mappings()]


def holds(connection: Connection, *, county_code: str) -> list[Row]:
    """Money that stays, by reason."""
    query = (
        select(PAYMENT_HOLD.c.reason_code, func.count().label("payees"), func.sum(PAYMENT_HOLD.c.amount_fen).label("amount_fen"))
        .where(PAYMENT_HOLD.c.county_code == county_code, PAYMENT_HOLD.c.lifted_at.is_(None))
        .group_by(PAYMENT_HOLD.c.reason_code)
        .order_by(PAYMENT_HOLD.c.reason_code)
    )
    return [_whole(dict(row)) for row in connection.execute(query).mappings()]


def lake_figures(con: duckdb.DuckDBPyConnection, lake: Lake, *, county_code: str, month: str) -> dict[str, Any]:
    """What the lake says: rows of READ for the month, rows of MADE that were made just now."""
    for table in READ:
        show(con, table, lake.current(table, county_code=county_code, month=month))
    names = (*READ, "out.payment_summary", "out.approval_summary", "out.quarantine_summary", "out.exceptional_award")
    with lake.engine.connect() as connection:
        runs = staged_runs(connection, county_code=county_code)
    show(con, PROOF, lake.files(PROOF, run_ids=runs.values()))
    return {name.removeprefix("out."): rows_of(con, name) for name in names} | {"row_states": _row_states(con, runs)}


def _row_states(con: duckdb.DuckDBPyConnection, runs: Mapping[str, str]) -> list[Row]:
    """Rows by feed and state, over the deliveries of these runs."""
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in STATES)
    query = f"select feed, {sums} from {PROOF} where list_contains($deliveries, delivery_id) group by feed order by feed"  # noqa: S608
    found = con.execute(query, {"deliveries": sorted(runs)})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def rows_as_text(con: duckdb.DuckDBPyConnection, table: str) -> list[list[str]]:
    """Every row of the table as text, in order: what names a run of supervise."""
    found = con.execute(f"select * from {table} order by all").fetchall()  # noqa: S608 - names of the stage
    return [[str(value) for value in row] for row in found]


def as_json(figures: Mapping[str, Any]) -> str:
    """The figures as JSON text, keys sorted; equal figures give equal text."""
    return json.dumps(figures, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def rows_of(con: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """Every row of the table, in order."""
    found = con.execute(f"select * from {table} order by all")  # noqa: S608 - names of this module
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _whole(row: Mapping[str, Any]) -> Row:
    """Sums as whole numbers: PostgreSQL hands them over as decimals."""
    return {name: value if isinstance(value, str) or value is None else int(value) for name, value in row.items()}
