"""Days of a yearly calendar, and how many cases a day a step is to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mianshen.core.clocks import Counting, WorkingCalendar


class Shift(StrEnum):
    """Where a fixed day goes that is no working day."""

    NONE = "none"
    NEXT = "next_workday"
    PREVIOUS = "previous_workday"


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of every year."""

    month: int
    """1 to 12."""
    day: int
    """Of the month."""
    years: int
    """Years after the benefit year; -1 is the year before."""
    shift: Shift
    """Where it goes when it is no working day."""

    def on(self, benefit_year: int, calendar: WorkingCalendar) -> date:
        """The day for a benefit year."""
        day = date(benefit_year + self.years, self.month, self.day)
        if self.shift is Shift.NEXT:
            return calendar.roll(day)
        while self.shift is Shift.PREVIOUS and not calendar.is_workday(day):
            day -= timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a step of a yearly calendar is done, both included."""

    opens: YearDay
    """The first; nothing is decided before it."""
    closes: YearDay
    """The last; what is decided later is late."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many cases a department decides a day at least."""

    per_day: int
    """At least 1."""
    counting: Counting
    """Whether every day or only working days count."""

    def required_pace(self, *, waiting: int, days_left: int) -> int:
        """Cases a day from now on: min(waiting, max(quota, waiting / days left, rounded up)); all of them on the last day."""
        return min(waiting, max(self.per_day, -(-waiting // max(days_left, 1))))

    def days_left(self, first: date, last: date, calendar: WorkingCalendar) -> int:
        """Days that count in [first, last]; 0 when the last is past."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return sum(self.counting is Counting.CALENDAR_DAYS or calendar.is_workday(day) for day in days)
