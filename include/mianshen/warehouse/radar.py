"""应救未救: signals found by the SQL of out.radar_*, kept once each in the ledger beside the visit that asks about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import Connection, RowMapping, func, insert, select

from mianshen.core.cases import Happening
from mianshen.warehouse import deaths, postings
from mianshen.warehouse.build import make_table
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import (
    APPROVAL_ITEM,
    CASE,
    CASE_EVENT,
    DECISION,
    DELIVERY,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_HOLD,
    PAYMENT_LINE,
    RADAR_SIGNAL,
)
from mianshen.warehouse.ledger_view import show_ledger

CHECKS = (
    "out.radar_over_line",
    "out.radar_lapsed",
    "out.radar_unpaid",
    "out.radar_unenrolled",
    "out.radar",
    "out.radar_cause",
)
"""In the order in which they read each other."""
PUBLISHED = ("out.radar", "out.radar_cause")
"""What the stage publishes."""
READ = ("facts.care_event", "facts.identity_span", "facts.enrolment_event", "facts.roster_snapshot", "facts.person_month")
"""Tables of the month's run that the checks look at."""
MONEY = (APPROVAL_ITEM, DECISION, PAYMENT_BATCH, PAYMENT, PAYMENT_LINE, PAYMENT_HOLD)
"""Tables of the ledger that they look at, beside the postings."""
GRIDDED = "staging.roster_grid"
"""Who lives in which grid, of the runs that read the lists."""
_FOUND = ("signal_id", "signal_code", "subject_id", "person_key", "town", "grid_code", "arose_on", "amount_fen", "evidence")


def find(con: duckdb.DuckDBPyConnection, lake: Lake, parameters: Mapping[str, Any], *, county_code: str, month: str) -> None:
    """Make the tables of CHECKS in this DuckDB from the lake and the ledger.

    `parameters` are the lines of core.radar.LIMITS and {as_of, county_code, expected_lists}: ISO text and list codes.
    """
    for table in READ:
        show(con, table, lake.current(table, county_code=county_code, month=month))
    show(con, GRIDDED, lake.files(GRIDDED, run_ids=_read_by(lake, county_code)))
    deaths.show_dead(con, deaths.dead(lake, county_code=county_code))
    with lake.engine.connect() as connection:
        show_ledger(con, connection, county_code=county_code, tables=MONEY)
        postings.show_postings(con, connection, county_code=county_code)
    for table in CHECKS:
        make_table(con, table, parameters)


def _read_by(lake: Lake, county_code: str) -> set[str]:
    """The runs that read the county's lists."""
    wanted = (DELIVERY.c.county_code == county_code, DELIVERY.c.feed == "roster", DELIVERY.c.keyed_run_id.is_not(None))
    with lake.engine.connect() as connection:
        return set(connection.execute(select(DELIVERY.c.keyed_run_id).where(*wanted)).scalars())


def found(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Signals of out.radar that wait for nothing, by person and kind, as rows of the ledger without place and moment."""
    columns = ", ".join(f"cast({name} as varchar) as {name}" if name == "arose_on" else name for name in _FOUND)
    query = f"select {columns} from out.radar where waits_for is null order by person_key, signal_code, signal_id"  # noqa: S608 - our names
    return [dict(zip(_FOUND, row, strict=True)) for row in con.execute(query).fetchall()]


def unknown(connection: Connection, signals: Sequence[Mapping[str, Any]], *, county_code: str) -> list[dict[str, Any]]:
    """Those of the signals that were not kept before."""
    known = set(connection.execute(select(RADAR_SIGNAL.c.signal_id).where(RADAR_SIGNAL.c.county_code == county_code)).scalars())
    return [dict(one) for one in signals if one["signal_id"] not in known]


def open_visits(connection: Connection, *, county_code: str, process_code: str) -> dict[str, str]:
    """The running case of the process by person_key."""
    over = select(CASE_EVENT.c.case_id).where(
        CASE_EVENT.c.case_id == CASE.c.case_id, CASE_EVENT.c.happening == Happening.ENDED.value
    )
    query = select(CASE.c.person_key, CASE.c.case_id).where(
        CASE.c.county_code == county_code, CASE.c.process_code == process_code, CASE.c.person_key.is_not(None), ~over.exists()
    )
    return {row.person_key: row.case_id for row in connection.execute(query.order_by(CASE.c.case_id))}


def keep(
    connection: Connection,
    signals: Sequence[Mapping[str, Any]],
    *,
    visits: Mapping[str, str],
    county_code: str,
    at: str,
    run_id: str,
) -> None:
    """Write new signals, each beside the visit of its person in `visits`; without one where the county visits nobody."""
    place = {"county_code": county_code, "raised_at": at, "run_id": run_id}
    rows = [{**one, **place, "case_id": visits.get(one["person_key"])} for one in signals]
    if rows:
        connection.execute(insert(RADAR_SIGNAL), rows)


@dataclass(frozen=True, slots=True)
class WantedSignals:
    """Which signals; None wants all."""

    county_codes: tuple[str, ...]
    """Counties that the reader may see."""
    signal_code: str | None = None
    """One kind."""
    town: str | None = None
    """One town; empty text wants those whose town is not known."""
    grid_code: str | None = None
    """One grid; empty text wants those whose grid is not known."""
    raised_since: str | None = None
    """Raised at this moment or later, ISO text."""


def standing(connection: Connection, wanted: WantedSignals, *, most: int) -> Sequence[RowMapping]:
    """Signals with `end_code` of their visit (empty text while it runs or where there is none), the newest first."""
    query = _query(wanted).order_by(RADAR_SIGNAL.c.raised_at.desc(), RADAR_SIGNAL.c.signal_id)
    return connection.execute(query.limit(most)).mappings().all()


def counted(connection: Connection, wanted: WantedSignals) -> dict[tuple[str, str, str], int]:
    """How many signals by (signal_code, town, how their visit ended); empty text for no town and for a visit that runs."""
    rows = _query(wanted).subquery()
    town = func.coalesce(rows.c.town, "")
    query = select(rows.c.signal_code, town, rows.c.end_code, func.count()).group_by(rows.c.signal_code, town, rows.c.end_code)
    return {(code, place, end): count for code, place, end, count in connection.execute(query)}


def of_case(connection: Connection, case_ids: Sequence[str]) -> dict[str, list[str]]:
    """Kinds of the signals that each of these visits asks about."""
    query = select(RADAR_SIGNAL.c.case_id, RADAR_SIGNAL.c.signal_code).where(RADAR_SIGNAL.c.case_id.in_(case_ids)).distinct()
    kinds: dict[str, list[str]] = {}
    for row in connection.execute(query.order_by(RADAR_SIGNAL.c.case_id, RADAR_SIGNAL.c.signal_code)):
        kinds.setdefault(row.case_id, []).append(row.signal_code)
    return kinds


def grids_of(connection: Connection, case_ids: Sequence[str]) -> dict[str, str]:
    """The grid of each of these visits that has one: of the newest signal that named one."""
    query = select(RADAR_SIGNAL.c.case_id, RADAR_SIGNAL.c.grid_code).where(
        RADAR_SIGNAL.c.case_id.in_(case_ids), RADAR_SIGNAL.c.grid_code.is_not(None)
    )
    rows = connection.execute(query.order_by(RADAR_SIGNAL.c.raised_at, RADAR_SIGNAL.c.signal_id))
    return {row.case_id: row.grid_code for row in rows}


def gridded(connection: Connection, wanted: WantedSignals) -> dict[str, int]:
    """How many signals by grid; empty text for no grid."""
    grid = func.coalesce(_query(wanted).subquery().c.grid_code, "")
    return {code: count for code, count in connection.execute(select(grid, func.count()).group_by(grid))}


def _query(wanted: WantedSignals) -> Any:
    ended = CASE_EVENT.alias("ended")
    query = (
        select(RADAR_SIGNAL, func.coalesce(ended.c.outcome_code, "").label("end_code"))
        .outerjoin(ended, (ended.c.case_id == RADAR_SIGNAL.c.case_id) & (ended.c.happening == Happening.ENDED.value))
        .where(RADAR_SIGNAL.c.county_code.in_(wanted.county_codes))
    )
    if wanted.signal_code is not None:
        query = query.where(RADAR_SIGNAL.c.signal_code == wanted.signal_code)
    if wanted.town is not None:
        query = query.where(func.coalesce(RADAR_SIGNAL.c.town, "") == wanted.town)
    if wanted.grid_code is not None:
        query = query.where(func.coalesce(RADAR_SIGNAL.c.grid_code, "") == wanted.grid_code)
    return query if wanted.raised_since is None else query.where(RADAR_SIGNAL.c.raised_at >= wanted.raised_since)
