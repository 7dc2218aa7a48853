"""What watchers ask the clock store: which clocks opened together, which still run, and the one way to record a miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, func, select

from mianshen.core.days import local
from mianshen.warehouse.clock_causes import causes_of
from mianshen.warehouse.clock_store import clocks_of, current, record_event
from mianshen.warehouse.ledger import CLOCK_EVENT

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
    clock = current()
    lists = clock.c.subject_kind == LIST
    opened = clock.c.started_at >= local(since).isoformat(timespec="seconds")
    single = select(clock.c.time_limit_code, clock.c.started_at, clock.c.due_at, clock.c.subject_id).where(lists)
    grouped = (
        select(clock.c.time_limit_code, clock.c.started_at, clock.c.due_at, func.min("").label("subject_id"))
        .where(~lists, opened)
        .group_by(clock.c.time_limit_code, clock.c.started_at, clock.c.due_at)
    )
    closed = select(CLOCK_EVENT.c.clock_id).where(CLOCK_EVENT.c.clock_id == clock.c.clock_id, CLOCK_EVENT.c.event == "closed")
    still_open = and_(clock.c.county_code == county_code, ~closed.exists())
    found = [
        Watch(county_code, row.time_limit_code, row.started_at, row.due_at, row.subject_id)
        for query in (single, grouped)
        for row in connection.execute(query.where(still_open))
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.time_limit_code, one.started_at, one.subject_id)))


def standing(connection: Connection, watch: Watch) -> tuple[int, int]:
    """(clocks of the watch that are still open, clocks of it that closed at their due moment or later)."""
    closed, clock = CLOCK_EVENT.alias("closed"), current()
    wanted = [
        clock.c.county_code == watch.county_code,
        clock.c.time_limit_code == watch.time_limit_code,
        clock.c.started_at == watch.started_at,
        clock.c.due_at == watch.due_at,
    ]
    if watch.subject_id:
        wanted.append(clock.c.subject_id == watch.subject_id)
    query = (
        select(func.count().filter(closed.c.event.is_(None)), func.count().filter(closed.c.happened_at >= clock.c.due_at))
        .select_from(clock)
        .outerjoin(closed, and_(closed.c.clock_id == clock.c.clock_id, closed.c.event == "closed"))
        .where(*wanted)
    )
    still_open, late = connection.execute(query).one()
    return int(still_open), int(late)


def record_misses(connection: Connection, county_code: str, *, as_of: datetime) -> Sequence[str]:
    """Record every miss that stands at the moment and was not recorded, at its due moment; returns the clocks' ids.

    A clock is missed when its due moment came before it closed; a cure does not take the miss away. Sensors, native deadlines and
    the supervise stage all call this, in any order: the first one records, with the cause that stands then; the others change
    nothing.
    """
    moment = local(as_of).isoformat(timespec="seconds")
    late = [
        row
        for row in clocks_of(connection, county_code)
        if row["missed_at"] is None and row["due_at"] <= min(moment, row["closed_at"] or moment)
    ]
    causes = causes_of(connection, late)
    return [str(row["clock_id"]) for row in late if _record_miss(connection, row, causes.get(row["clock_id"]))]


def _record_miss(connection: Connection, row: RowMapping, cause_code: str | None) -> bool:
    due_at = datetime.fromisoformat(row["due_at"])
    return record_event(connection, row["clock_id"], event="missed", at=due_at, cause_code=cause_code)
