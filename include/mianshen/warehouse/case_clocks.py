"""Clocks of cases in the clock store: what a case's events ask for is written, what stands is left."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from mianshen.core.case_clocks import CaseClock, clocks_of, due_of
from mianshen.core.cases import Event
from mianshen.core.clocks import TimeLimit
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.warehouse.clock_store import Subject, open_clock_due, record_event, turn_clock
from mianshen.warehouse.ledger import CLOCK_TURN

KIND = "case_step"
"""Kind of the clocks that run on a step of a case, or on a span over several."""


def keep_clocks(
    connection: Connection, pack: Pack, process: Process, *, case_id: str, year: int, events: Sequence[Event]
) -> None:
    """Bring the case's clocks where its events say: opened, handed on, standing still, due later, closed.

    `year` is the benefit year, to which the days of a yearly calendar belong.
    """
    for clock in clocks_of(process, events):
        subject = Subject(pack.county_code, KIND, f"{case_id}|{clock.code}|{clock.number}", clock.holder)
        limit = limit_of(pack, process, clock)
        first, *later = [
            due_of(clock, process, limit=limit, year=year, calendar=pack.calendar, turns=number)
            for number in range(len(clock.turns) + 1)
        ]
        key = open_clock_due(connection, subject, limit_code=limit.code, started=clock.started_at, until=first)
        known = connection.execute(select(func.count()).where(CLOCK_TURN.c.clock_id == key)).scalar_one()
        for turn, until in list(zip(clock.turns, later, strict=True))[known:]:
            turn_clock(connection, key, holder=turn.holder, until=until, at=turn.at, reason_code=turn.reason_code)
        if clock.closed_at is not None:
            record_event(connection, key, event="closed", at=clock.closed_at)


def limit_of(pack: Pack, process: Process, clock: CaseClock) -> TimeLimit:
    """The time limit that the clock runs by; of a window the one made of it."""
    return pack.time_limit(clock.limit_code or process.window_limit(clock.code))
