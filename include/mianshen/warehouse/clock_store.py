"""The clock store: a row a clock, a row an event, nothing ever changed (docs/adr/0006); the database sums up how each stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Subquery, bindparam, func, insert, select

from mianshen.core import digest
from mianshen.core.clocks import Due, TimeLimit, WorkingCalendar, due, end_of_day
from mianshen.core.days import local
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT, CLOCK_STANDING, CLOCK_TURN

_CHUNK = 500
CALENDAR_PUBLISHED = "CALENDAR_PUBLISHED"
"""Why a clock turned when the notice of a year came."""
STANDS_STILL = end_of_day(date(9999, 12, 30))
"""When a clock is due whose time stands still."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clock runs on, and who holds it."""

    county_code: str
    """Whose clock."""
    kind: str
    """delivery | list | application | batch | claim | case_step."""
    subject_id: str
    """Its id; for a list `list_code|month`, for a held claim `review_code|event_id`, for a release again `delivery_id|act_no`,
    for a step of a case `case_id|step|round`."""
    holder_department: str
    """Department that must act."""
    town: str | None = None
    """Where the person lives, where a person is behind it."""


@dataclass(frozen=True, slots=True)
class TurnOf:
    """A change of a running clock."""

    holder: str
    """Who holds it from now on."""
    until: Due | None
    """When it is due from now on; None while its time stands still."""
    at: datetime
    """When."""
    reason_code: str | None
    """Why."""


def current() -> Subquery:
    """Every clock with its holder and due moment of now: those with which it opened, or those of its last turn."""
    return select(*(CLOCK_STANDING.c[one.name] for one in CLOCK.c)).subquery("clock")


def turn_clocks(connection: Connection, wanted: Mapping[str, Sequence[TurnOf]]) -> None:
    """Bring each clock to these turns, all that its case ever gave it, in order; those that stand are left.

    Turns that a newly published calendar gave it stand between them and are not counted.
    """
    known: dict[str, tuple[int, int]] = {}
    own = CLOCK_TURN.c.reason_code.is_distinct_from(CALENDAR_PUBLISHED)
    for some in _chunks(list(wanted)):
        columns = (CLOCK_TURN.c.clock_id, func.count().filter(own), func.max(CLOCK_TURN.c.turn_no))
        query = select(*columns).where(CLOCK_TURN.c.clock_id.in_(some)).group_by(CLOCK_TURN.c.clock_id)
        known |= {clock: (count, last) for clock, count, last in connection.execute(query)}
    rows = []
    for clock, turns in wanted.items():
        count, last = known.get(clock, (0, 0))
        rows += [_turn_row(clock, last + number, turn) for number, turn in enumerate(turns[count:], 1)]
    if rows:
        connection.execute(insert(CLOCK_TURN), rows)


def turn_on(connection: Connection, wanted: Mapping[str, TurnOf]) -> None:
    """Give each of these clocks one more turn."""
    last: dict[str, int] = {}
    for some in _chunks(list(wanted)):
        query = select(CLOCK_TURN.c.clock_id, func.max(CLOCK_TURN.c.turn_no)).where(CLOCK_TURN.c.clock_id.in_(some))
        last |= {clock: number for clock, number in connection.execute(query.group_by(CLOCK_TURN.c.clock_id))}
    rows = [_turn_row(clock, last.get(clock, 0) + 1, turn) for clock, turn in wanted.items()]
    if rows:
        connection.execute(insert(CLOCK_TURN), rows)


def publish_dues(connection: Connection, wanted: Sequence[tuple[RowMapping, Due]], *, at: datetime) -> None:
    """Give each of these rows of clock_standing its due moment by the calendar that was published."""
    rows = [
        _turn_row(row["clock_id"], row["turn_no"] + 1, TurnOf(row["holder_department"], until, at, CALENDAR_PUBLISHED))
        for row, until in wanted
    ]
    if rows:
        connection.execute(insert(CLOCK_TURN), rows)


def _turn_row(clock: str, number: int, turn: TurnOf) -> dict[str, Any]:
    return {
        "clock_id": clock,
        "turn_no": number,
        "holder_department": turn.holder,
        "due_on": turn.until.on.isoformat() if turn.until else None,
        "due_at": turn.until.at.isoformat(timespec="seconds") if turn.until else None,
        "is_provisional": turn.until.provisional if turn.until else False,
        "happened_at": local(turn.at).isoformat(timespec="seconds"),
        "reason_code": turn.reason_code,
    }


def clock_id(subject: Subject, time_limit_code: str) -> str:
    """The clock's id; equal for the same limit on the same subject."""
    return digest.short_id("C", subject.county_code, time_limit_code, subject.kind, subject.subject_id)


def open_clock(
    connection: Connection, subject: Subject, *, limit: TimeLimit, started: datetime, calendar: WorkingCalendar
) -> str:
    """Open the clock unless it stands already; returns its id."""
    return _insert(connection, subject, limit.code, started, due(limit, start=started, calendar=calendar))


def open_clocks(
    connection: Connection, subjects: Sequence[Subject], *, limit: TimeLimit, started: datetime, calendar: WorkingCalendar
) -> int:
    """Open one clock a subject, all with the same start; those that stand are left. Returns how many are new."""
    until = due(limit, start=started, calendar=calendar)
    known = select(CLOCK.c.clock_id).where(CLOCK.c.time_limit_code == limit.code)
    standing = set(connection.execute(known).scalars())
    keys = {clock_id(subject, limit.code): subject for subject in subjects}
    fresh = [_clock_row(key, subject, limit.code, started, until) for key, subject in keys.items() if key not in standing]
    if fresh:
        connection.execute(insert(CLOCK), fresh)
        record_events(connection, [row["clock_id"] for row in fresh], event="opened", at=started)
    return len(fresh)


def record_events(connection: Connection, clocks: Sequence[str], *, event: str, at: datetime) -> int:
    """Record the same event of many clocks; those that have it already are left. Returns how many are new."""
    known = set(connection.execute(select(CLOCK_EVENT.c.clock_id).where(CLOCK_EVENT.c.event == event)).scalars())
    moment = local(at).isoformat(timespec="seconds")
    rows = [
        {"clock_id": clock, "event": event, "happened_at": moment, "cause_code": None}
        for clock in dict.fromkeys(clocks)
        if clock not in known
    ]
    if rows:
        connection.execute(insert(CLOCK_EVENT), rows)
    return len(rows)


def open_clock_due_on(
    connection: Connection, subject: Subject, *, limit: TimeLimit, started: datetime, due_on: date, calendar: WorkingCalendar
) -> str:
    """Open a clock whose due day is fixed by a yearly or monthly calendar; returns its id."""
    fixed = Due(on=due_on, at=end_of_day(due_on, limit.day_ends_at), provisional=calendar.is_provisional(due_on))
    return _insert(connection, subject, limit.code, started, fixed)


def open_clocks_due(connection: Connection, wanted: Sequence[tuple[Subject, str, datetime, Due]]) -> int:
    """Open clocks whose due moments the caller has reckoned: subject, limit, start, due; those that stand are left.

    Returns how many are new.
    """
    rows = [_clock_row(clock_id(subject, code), subject, code, started, until) for subject, code, started, until in wanted]
    keys = [row["clock_id"] for row in rows]
    standing: set[str] = set()
    for some in _chunks(keys):
        standing |= set(connection.execute(select(CLOCK.c.clock_id).where(CLOCK.c.clock_id.in_(some))).scalars())
    fresh = [row for row in rows if row["clock_id"] not in standing]
    if fresh:
        connection.execute(insert(CLOCK), fresh)
        _write_events(connection, "opened", {row["clock_id"]: row["started_at"] for row in fresh})
    return len(fresh)


def close_clocks(connection: Connection, closed: Mapping[str, datetime]) -> None:
    """Close each clock at its own moment; those that are closed stay as they are."""
    moments = {clock: local(at).isoformat(timespec="seconds") for clock, at in closed.items()}
    done: set[str] = set()
    for some in _chunks(list(moments)):
        query = select(CLOCK_EVENT.c.clock_id).where(CLOCK_EVENT.c.event == "closed", CLOCK_EVENT.c.clock_id.in_(some))
        done |= set(connection.execute(query).scalars())
    _write_events(connection, "closed", {clock: at for clock, at in moments.items() if clock not in done})


def record_event(connection: Connection, clock: str, *, event: str, at: datetime, cause_code: str | None = None) -> bool:
    """Record an event of the clock; False when that event stands already, and nothing changes."""
    known = select(CLOCK_EVENT.c.event).where(CLOCK_EVENT.c.clock_id == clock, CLOCK_EVENT.c.event == event)
    if connection.execute(known).first() is not None:
        return False
    moment = local(at).isoformat(timespec="seconds")
    connection.execute(insert(CLOCK_EVENT).values(clock_id=clock, event=event, happened_at=moment, cause_code=cause_code))
    return True


def state_of(*, due_at: datetime, closed_at: datetime | None, as_of: datetime) -> str:
    """open | overdue | met | met_late at the moment `as_of`; a clock closed at its due moment is late."""
    if closed_at is not None and closed_at <= as_of:
        return "met" if closed_at < due_at else "met_late"
    return "open" if as_of < due_at else "overdue"


def clocks_of(connection: Connection, county_code: str, *, kind: str | None = None) -> Sequence[RowMapping]:
    """Every clock of the county, or of one kind of subject, as rows of clock_standing, by due moment."""
    clock = CLOCK_STANDING.c
    query = select(CLOCK_STANDING).where(clock.county_code == county_code).order_by(clock.due_at, clock.clock_id)
    return connection.execute(query if kind is None else query.where(of_kind(kind))).mappings().all()


def of_kind(kind: str) -> ColumnElement[bool]:
    """That a clock of clock_standing runs on this kind of subject, written out: an index of one kind serves no parameter."""
    return CLOCK_STANDING.c.subject_kind == bindparam(None, kind, literal_execute=True)


def clocks_named(connection: Connection, ids: Sequence[str]) -> list[RowMapping]:
    """The rows of clock_standing of these clocks, by due moment."""
    clock = CLOCK_STANDING.c
    found: list[RowMapping] = []
    for some in _chunks(list(ids)):
        query = select(CLOCK_STANDING).where(clock.clock_id.in_(some))
        found += connection.execute(query).mappings().all()
    return sorted(found, key=lambda one: (one["due_at"], one["clock_id"]))


def _write_events(connection: Connection, event: str, moments: Mapping[str, str]) -> None:
    rows = [{"clock_id": clock, "event": event, "happened_at": at, "cause_code": None} for clock, at in moments.items()]
    if rows:
        connection.execute(insert(CLOCK_EVENT), rows)


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _insert(connection: Connection, subject: Subject, limit_code: str, started: datetime, until: Due) -> str:
    key = clock_id(subject, limit_code)
    if connection.execute(select(CLOCK.c.clock_id).where(CLOCK.c.clock_id == key)).first() is None:
        connection.execute(insert(CLOCK).values(**_clock_row(key, subject, limit_code, started, until)))
        record_event(connection, key, event="opened", at=started)
    return key


def _clock_row(key: str, subject: Subject, limit_code: str, started: datetime, until: Due) -> dict[str, Any]:
    return {
        "clock_id": key,
        "county_code": subject.county_code,
        "time_limit_code": limit_code,
        "subject_kind": subject.kind,
        "subject_id": subject.subject_id,
        "holder_department": subject.holder_department,
        "started_at": local(started).isoformat(timespec="seconds"),
        "due_on": until.on.isoformat(),
        "due_at": until.at.isoformat(timespec="seconds"),
        "is_provisional": until.provisional,
        "town": subject.town,
    }
