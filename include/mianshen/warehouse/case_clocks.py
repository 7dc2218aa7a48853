"""Clocks of cases in the clock store: what the cases' events ask for is written in sets, what stands is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mianshen.core.case_clocks import CaseClock, clocks_of, watched_until
from mianshen.core.cases import Event
from mianshen.core.clocks import Due, TimeLimit
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.warehouse.clock_store import Subject, TurnOf, clock_id, close_clocks, open_clocks_due, turn_clocks

KIND = "case_step"
"""Kind of the clocks that run on a step of a case, or on a span over several."""


@dataclass(frozen=True, slots=True)
class Course:
    """A case whose clocks are brought where its events say."""

    process: Process
    """What it goes through."""
    case_id: str
    """The case."""
    year: int
    """The benefit year, to which the days of a yearly calendar belong."""
    town: str | None
    """Which town serves the person."""
    events: Sequence[Event]
    """All of its events, in order."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A clock that a case's events ask for."""

    subject: Subject
    limit: TimeLimit
    clock: CaseClock
    dues: tuple[Due | None, ...]
    """When it is due at first and after each turn."""

    @property
    def key(self) -> str:
        return clock_id(self.subject, self.limit.code)


def keep_clocks(connection: Connection, pack: Pack, courses: Iterable[Course]) -> None:
    """Bring the cases' clocks where their events say: opened, handed on, standing still, due later, closed."""
    wanted = list(_wanted(pack, courses))
    open_clocks_due(connection, [(one.subject, one.limit.code, one.clock.started_at, _first(one)) for one in wanted])
    turn_clocks(connection, {one.key: _turns(one) for one in wanted if one.clock.turns})
    close_clocks(connection, {one.key: one.clock.closed_at for one in wanted if one.clock.closed_at is not None})


def limit_of(pack: Pack, process: Process, clock: CaseClock) -> TimeLimit:
    """The time limit that the clock runs by; of a window the one made of it."""
    return pack.time_limit(clock.limit_code or process.window_limit(clock.code))


def _wanted(pack: Pack, courses: Iterable[Course]) -> Iterator[_Wanted]:
    limits = {one.code: one for one in pack.time_limits}
    reckoned: dict[tuple[str, str, str, int, datetime, tuple[object, ...]], tuple[Due | None, ...]] = {}
    for course in courses:
        process = course.process
        for clock in clocks_of(process, course.events):
            subject = Subject(pack.county_code, KIND, f"{course.case_id}|{clock.code}|{clock.number}", clock.holder, course.town)
            limit = limits[clock.limit_code or process.window_limit(clock.code)]
            turns = tuple((one.stands_still, one.pauses) for one in clock.turns)
            same = (process.code, clock.code, limit.code, course.year, clock.started_at, turns)
            if same not in reckoned:
                reckoned[same] = tuple(
                    watched_until(clock, process, limit=limit, year=course.year, calendar=pack.calendar, turns=number)
                    for number in range(len(turns) + 1)
                )
            yield _Wanted(subject, limit, clock, reckoned[same])


def _first(wanted: _Wanted) -> Due:
    first = wanted.dues[0]
    if first is None:
        raise ValueError(f"{wanted.subject.subject_id} opens with a due moment")
    return first


def _turns(wanted: _Wanted) -> list[TurnOf]:
    pairs = zip(wanted.clock.turns, wanted.dues[1:], strict=True)
    return [TurnOf(holder=turn.holder, until=until, at=turn.at, reason_code=turn.reason_code) for turn, until in pairs]
