"""Due days that rest on days without a notice are reckoned again when the notice of the year has come.

A clock's row never changes: the new due moment is a turn of it, so that what was said before stays readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from mianshen.core.case_clocks import clocks_of, watched_until
from mianshen.core.cases import Event
from mianshen.core.clocks import Due, due, end_of_day
from mianshen.core.days import parse_month
from mianshen.core.pack import Pack
from mianshen.warehouse import cases
from mianshen.warehouse.case_clocks import KIND, limit_of
from mianshen.warehouse.clock_store import publish_dues
from mianshen.warehouse.ledger import CLOCK_STANDING
from mianshen.warehouse.suspensions import Pauses, pauses_of


def reckon_again(connection: Connection, pack: Pack, *, as_of: datetime) -> int:
    """Bring every open provisional clock of the county to the calendar of now; returns how many moved or became certain."""
    clock = CLOCK_STANDING.c
    doubtful = (clock.county_code == pack.county_code, clock.is_provisional, clock.closed_at.is_(None), clock.missed_at.is_(None))
    rows = connection.execute(select(CLOCK_STANDING).where(*doubtful).order_by(clock.clock_id)).mappings().all()
    ids = [row["subject_id"].split("|")[0] for row in rows if row["subject_kind"] == KIND]
    known = {row["case_id"]: row for row in cases.cases_of(connection, ids)}
    events = cases.events_of(connection, ids)
    stood = pauses_of(connection, (row["clock_id"] for row in rows))
    wanted = []
    for row in rows:
        until = _until(pack, row, known, events, stood[row["clock_id"]][0])
        if until is not None and (until.on.isoformat(), until.provisional) != (row["due_on"], row["is_provisional"]):
            wanted.append((row, until))
    publish_dues(connection, wanted, at=as_of)
    return len(wanted)


def _until(
    pack: Pack, row: RowMapping, known: Mapping[str, Mapping[str, Any]], events: Mapping[str, Sequence[Event]], pauses: Pauses
) -> Due | None:
    """When the clock is due by the calendar of now; None for one whose limit or list the pack has no longer."""
    limits = {one.code: one for one in pack.time_limits}
    limit = limits.get(row["time_limit_code"])
    if limit is None:
        return None
    if row["subject_kind"] == KIND:
        return _of_case(pack, row["subject_id"], known, events)
    if row["subject_kind"] == "list":
        code, month = row["subject_id"].split("|")
        expected = next((one for one in pack.lists if one.list_code == code), None)
        if expected is None:
            return None
        on = pack.list_due_on(expected, parse_month(month))
        return Due(on=on, at=end_of_day(on, limit.day_ends_at), provisional=pack.calendar.is_provisional(on))
    return due(limit, start=datetime.fromisoformat(row["started_at"]), calendar=pack.calendar, pauses=pauses)


def _of_case(
    pack: Pack, subject_id: str, known: Mapping[str, Mapping[str, Any]], events: Mapping[str, Sequence[Event]]
) -> Due | None:
    case, code, number = subject_id.split("|")
    if case not in known:
        return None
    process = pack.process(known[case]["process_code"])
    clock = next(one for one in clocks_of(process, events[case]) if (one.code, one.number) == (code, int(number)))
    limit = limit_of(pack, process, clock)
    return watched_until(clock, process, limit=limit, year=known[case]["benefit_year"], calendar=pack.calendar)
