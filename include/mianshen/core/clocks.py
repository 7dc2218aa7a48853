"""Time limits: when a statutory step is due. The calendar is a value; nothing here reads a clock.

Day 0 is not counted; a period of n working days ends at the end of the n-th working day after day 0, also when day 0 is a
holiday. A period of calendar days rolls past a holiday to the next working day. A period of months ends with the day of the same
number, in a shorter month with its last day (Civil Code, article 202), and rolls past a holiday. 0 days end with day 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from mianshen.core.days import ZONE, local
from mianshen.core.errors import MianshenError

MIDNIGHT = time(0)
"""A day that ends at 24:00 ends at midnight of the next day."""


class Counting(StrEnum):
    """What a time limit counts."""

    WORKDAYS = "workdays"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days by date, over [first, until); days from `provisional_since` on are guesses from the weekday alone."""

    workdays: Mapping[date, bool]
    """Every known day: True when people work."""
    provisional_since: date
    """First day of which no official notice is known; from here on Monday to Friday count as working days."""

    def is_workday(self, day: date) -> bool:
        """Whether people work; MianshenError CALENDAR_MISSING before the first known day."""
        if day in self.workdays:
            return self.workdays[day]
        if day >= self.provisional_since:
            return day.weekday() < 5
        raise MianshenError("CALENDAR_MISSING", found=day.isoformat(), where="include/policies/national/workdays")

    def is_provisional(self, day: date) -> bool:
        """Whether the day's kind may still change with the yearly notice."""
        return day >= self.provisional_since

    def roll(self, day: date) -> date:
        """The day itself when people work, else the next day when they do."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A time limit of the law, from a pack's time_limits.yaml."""

    code: str
    """Such as `trigger_relief`; quoted in clocks and reports."""
    name_zh: str
    """What supervisors read."""
    name_en: str
    """The same in English."""
    amount: int
    """How many days or months; 0 days is at once, on day 0."""
    counting: Counting
    """Working days, calendar days or months."""
    starts_at: str
    """The event that opens the clock: arrival | trigger | discharge_settlement | list_due | hold | step."""
    ends_at: str
    """The event that closes it: application | decision | money_sent | money_received | arrival | finding | step."""
    article: str
    """Document and chapter."""
    status: str
    """official | quoted | inferred | illustrative."""
    warn_days: tuple[int, ...] = (2, 1)
    """Days ahead of the due day on which holders are warned."""
    day_ends_at: time = MIDNIGHT
    """End of the office day; midnight means 24:00."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock is due."""

    on: date
    """The last day on which it is in time."""
    at: datetime
    """The first moment at which it is late, in Asia/Shanghai."""
    provisional: bool
    """True while a day counted on has no official notice."""


Pause = tuple[date, date]
"""Days on which a clock stood still and ran again."""


def due(limit: TimeLimit, *, start: datetime | date, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()) -> Due:
    """When the limit ends for a clock that started then (a moment with zone, or a day).

    Days of a pause are not counted: those after the day on which it began, up to and including the day on which the clock ran
    again, which is like day 0.
    """
    day = local(start).date() if isinstance(start, datetime) else start
    if limit.amount == 0:
        day = max([day, *(ended for _, ended in pauses)])
    elif limit.counting is Counting.MONTHS:
        day = calendar.roll(_after_months(day, limit.amount, pauses))
    else:
        day = _after_days(limit, day, calendar, pauses)
    return Due(on=day, at=end_of_day(day, limit.day_ends_at), provisional=calendar.is_provisional(day))


def _after_days(limit: TimeLimit, day: date, calendar: WorkingCalendar, pauses: Sequence[Pause]) -> date:
    counted = 0
    while counted < limit.amount:
        day += timedelta(days=1)
        is_counted = limit.counting is Counting.CALENDAR_DAYS or calendar.is_workday(day)
        counted += is_counted and not any(began < day <= ended for began, ended in pauses)
    return calendar.roll(day) if limit.counting is Counting.CALENDAR_DAYS else day


def _after_months(day: date, months: int, pauses: Sequence[Pause]) -> date:
    """The day of the same number so many months later, and a day later for each day of a pause."""
    years, month = divmod(day.month - 1 + months, 12)
    first, following = date(day.year + years, month + 1, 1), divmod(day.month + months, 12)
    last = date(day.year + following[0], following[1] + 1, 1) - timedelta(days=1)
    found = min(first + timedelta(days=day.day - 1), last)
    for began, ended in sorted(pauses):
        if began < found and ended > day:
            found += ended - max(began, day)
    return found


def end_of_day(day: date, ends_at: time = MIDNIGHT) -> datetime:
    """The moment at which the office day ends; midnight means the following 00:00."""
    following = day + timedelta(days=1) if ends_at == MIDNIGHT else day
    return datetime.combine(following, ends_at, tzinfo=ZONE)
