"""What watchers ask the clock store: which clocks opened together, which still run, and the one way to record a miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from mianshen.core.days import local
from mianshen.warehouse.clock_causes import causes_of
from mianshen.warehouse.clock_store import STANDS_STILL
from mianshen.warehouse.ledger import CLOCK_EVENT, CLOCK_STANDING

LIST = "list"
"""Kind of the clocks that run on a department's monthly list; each is watched by itself."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Clocks of one limit that opened together and are due together; nothing joins them later."""

    county_code: str
    """Whose clocks."""
    time_limit_code: str
    """The limit at work, such as `pay_relief`."""
    started_at: str
    """When they opened, ISO in Asia/Shanghai."""
    due_at: str
    """The first moment at which they are late, ISO in Asia/Shanghai."""
    subject_id: str
    """`list_code|month` of a list; empty for a whole group."""

    @property
    def due(self) -> datetime:
        """The due moment."""
        return local(datetime.fromisoformat(self.due_at), where="clock.due_at")


def open_watches(connection: Connection, county_code: str, *, since: datetime) -> tuple[Watch, ...]:
    """What must be watched: groups of open clocks that opened at `since` or later, and every open list clock; by due moment."""
    clock = CLOCK_STANDING.c
    lists = clock.subject_kind == LIST
    opened = clock.started_at >= local(since).isoformat(timespec="seconds")
    single = select(clock.time_limit_code, clock.started_at, clock.due_at, clock.subject_id).where(lists)
    grouped = (
        select(clock.time_limit_code, clock.started_at, clock.due_at, func.min("").label("subject_id"))
        .where(~lists, opened)
        .group_by(clock.time_limit_code, clock.started_at, clock.due_at)
    )
    still_open = and_(clock.county_code == county_code, clock.closed_at.is_(None))
    found = [
        Watch(county_code, row.time_limit_code, row.started_at, row.due_at, row.subject_id)
        for query in (single, grouped)
        for row in connection.execute(query.where(still_open))
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.time_limit_code, one.started_at, one.subject_id)))


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at all of a county's clocks found."""

    missed: tuple[str, ...]
    """Clocks whose miss was recorded now."""
    next_due: datetime | None
    """The next moment at which an open clock is due; None when none is."""


def look(connection: Connection, county_code: str, *, as_of: datetime) -> Look:
    """Record the misses that stand at the moment and say when to look again: all that a watcher does, whatever wakes it.

    One watcher serves any number of clocks, and any number of watchers end alike.
    """
    missed = record_misses(connection, county_code, as_of=as_of)
    clock, moment = CLOCK_STANDING.c, local(as_of).isoformat(timespec="seconds")
    running = (clock.county_code == county_code, clock.closed_at.is_(None), clock.due_at > moment)
    query = select(func.min(clock.due_at)).where(*running, clock.due_at < STANDS_STILL.isoformat(timespec="seconds"))
    soonest = connection.execute(query).scalar_one()
    return Look(tuple(missed), None if soonest is None else local(datetime.fromisoformat(soonest), where="clock.due_at"))


def standing(connection: Connection, watch: Watch) -> tuple[int, int]:
    """(clocks of the watch that are still open, clocks of it that closed at their due moment or later)."""
    clock = CLOCK_STANDING.c
    wanted = [
        clock.county_code == watch.county_code,
        clock.time_limit_code == watch.time_limit_code,
        clock.started_at == watch.started_at,
        clock.due_at == watch.due_at,
    ]
    if watch.subject_id:
        wanted.append(clock.subject_id == watch.subject_id)
    query = select(func.count().filter(clock.closed_at.is_(None)), func.count().filter(clock.closed_at >= clock.due_at))
    still_open, late = connection.execute(query.where(*wanted)).one()
    return int(still_open), int(late)


def record_misses(connection: Connection, county_code: str, *, as_of: datetime) -> Sequence[str]:
    """Record every miss that stands at the moment and was not recorded, at its due moment; returns the clocks' ids.

    A clock is missed when its due moment came before it closed; a cure does not take the miss away. Sensors, native deadlines and
    the supervise stage all call this, in any order: the first one records, with the cause that stands then; the others change
    nothing.
    """
    moment, clock = local(as_of).isoformat(timespec="seconds"), CLOCK_STANDING.c
    unrecorded = select(CLOCK_STANDING).where(clock.county_code == county_code, clock.missed_at.is_(None))
    running = unrecorded.where(clock.closed_at.is_(None), clock.due_at <= moment)
    closed_late = unrecorded.where(clock.closed_as == "met_late", clock.due_at <= moment)
    late = [row for query in (running, closed_late) for row in connection.execute(query).mappings()]
    causes = causes_of(connection, late)
    rows = [
        {
            "clock_id": row["clock_id"],
            "event": "missed",
            "happened_at": row["due_at"],
            "cause_code": causes.get(row["clock_id"]),
        }
        for row in sorted(late, key=lambda one: (one["due_at"], one["clock_id"]))
    ]
    if rows:
        connection.execute(insert(CLOCK_EVENT), rows)
    return [row["clock_id"] for row in rows]
