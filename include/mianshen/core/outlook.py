"""预判: who will miss what if work goes on at the pace so far. Nothing here reads a clock; days and calendar are arguments.

A holder works off what is due first, the overdue before everything else, so many a working day as over the days looked back on.
What is due on a day and not done by its end will be missed. The forecast is exact for a holder who goes on just so:
a test simulates him.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mianshen.core.clocks import WorkingCalendar

LOOK_BACK_DAYS = 10
"""Working days over which the pace is taken, today not counted."""
AHEAD_DAYS = 2
"""Working days ahead of the due day at which a miss is announced at the latest."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a holder got done of one time limit."""

    done: int
    """Clocks closed on the working days looked back on and the days off between them."""
    days: int
    """How many working days those were, at least 1."""
    done_today: int = 0
    """Clocks closed today so far; they count against what today still brings."""

    def capacity(self, workdays: int, *, works_today: bool) -> int:
        """How many more are done by the end of the last of so many working days from now, today among them when people work."""
        ahead = self.done * workdays // self.days
        return max(0, ahead - self.done_today) if works_today else ahead


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Clocks of one due day that will be missed."""

    due_on: date
    """Their last day in time."""
    clocks: int
    """How many will be missed, at least 1."""
    workdays_left: int
    """Working days from today to the due day, both counted."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of the running clocks of one holder and time limit."""

    overdue: int
    """Already late; they are worked off first."""
    running: int
    """Not late yet."""
    pace: Pace
    """What it was reckoned with."""
    shortfalls: tuple[Shortfall, ...]
    """By due day, the earliest first; empty when the pace will do."""
    required: int
    """Clocks a working day that would do; what is due before the next working day cannot be helped and is not counted."""

    @property
    def clocks(self) -> int:
        """How many will be missed."""
        return sum(one.clocks for one in self.shortfalls)

    def within(self, workdays: int) -> tuple[Shortfall, ...]:
        """Those whose due day is at most so many working days away, today not counted."""
        return tuple(one for one in self.shortfalls if one.workdays_left <= workdays + 1)


def look_ahead(due: Mapping[date, int], *, pace: Pace, today: date, calendar: WorkingCalendar) -> Outlook:
    """The outlook of running clocks by due day; days before today are overdue ones. ValueError for a pace without days."""
    if pace.days < 1:
        raise ValueError(f"a pace over {pace.days} days")
    overdue = sum(count for day, count in due.items() if day < today)
    ahead = sorted((day, count) for day, count in due.items() if day >= today and count)
    works_today = calendar.is_workday(today)
    shortfalls, required, reached = [], 0, overdue
    already = pace.done_today if works_today else 0
    workdays, counted_to = 0, today - timedelta(days=1)
    for day, count in ahead:
        reached += count
        workdays += workdays_between(counted_to, day, calendar)
        counted_to = day
        missed = min(count, max(0, reached - pace.capacity(workdays, works_today=works_today)))
        if missed:
            shortfalls.append(Shortfall(day, missed, workdays))
        if workdays:
            required = max(required, -(-(reached + already) // workdays))
    return Outlook(overdue, reached - overdue, pace, tuple(shortfalls), required)


def pace_of(
    closed: Mapping[date, int], *, since: date, today: date, calendar: WorkingCalendar, back: int = LOOK_BACK_DAYS
) -> Pace | None:
    """The pace of the last `back` working days before today, from clocks closed by day, days off among them.

    Days before `since`, on which nothing lay there to be done, do not count; None while no working day has passed since then.
    """
    first = max(days_back(today, back, calendar), since)
    days = workdays_between(first - timedelta(days=1), today - timedelta(days=1), calendar)
    done = sum(count for day, count in closed.items() if first <= day < today)
    return Pace(done, days, closed.get(today, 0)) if days else None


def days_back(today: date, workdays: int, calendar: WorkingCalendar) -> date:
    """The day from which on so many working days lie before today."""
    day = today
    while workdays:
        day -= timedelta(days=1)
        workdays -= calendar.is_workday(day)
    return day


def workdays_between(after: date, until: date, calendar: WorkingCalendar) -> int:
    """Working days after the one day, up to and including the other."""
    return sum(calendar.is_workday(after + timedelta(days=number)) for number in range(1, (until - after).days + 1))


def usually_late(endings: Sequence[bool]) -> bool:
    """Whether what comes once a month will be late again: more than half of the last ones were (True means late)."""
    return 2 * sum(endings) > len(endings)
