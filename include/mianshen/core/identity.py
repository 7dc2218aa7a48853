"""How a listed identity counts: on which days it is tested, when it begins and ends, where the person must be registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mianshen.core.spans import Span


class Tested(StrEnum):
    """A day of a claim on which an identity is tested."""

    SINCE = "since"
    UNTIL_ON = "until_on"
    SETTLED_ON = "settled_on"


class MonthArithmetic(StrEnum):
    """Where a day that a month does not have goes: to its last day, or on into the next month."""

    CLAMP = "clamp"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """What turns a listed span of a category into the days that count."""

    tested_on: tuple[Tested, ...] = tuple(Tested)
    """Days of a claim; the identity counts when it holds on one of them."""
    is_by_month: bool = False
    """Whether a month counts whole when one of its days does."""
    ends_after_months: int | None = None
    """None ends as listed; 0 at the end of the month of the last day, n at the end of the n-th month after it."""
    reaches_back_months: int | None = None
    """Months before the application from which it counts; None begins as listed."""
    month_arithmetic: MonthArithmetic = MonthArithmetic.CLAMP
    """For `reaches_back_months`."""
    is_yearly: bool = False
    """Whether it is determined anew each year: it ends with the calendar year in which it began."""
    must_be_local: bool = False
    """Whether the person must be registered in the county."""
    unknown_is_local: bool = True
    """Whether a person whose registration was not delivered counts as registered in the county."""

    def counts_for(self, is_local: bool | None) -> bool:
        """Whether a person of this registration may hold it; None was not delivered."""
        return not self.must_be_local or (self.unknown_is_local if is_local is None else is_local)

    def effective(self, listed: Span, applied_on: date | None) -> Span:
        """The days that count, half-open, of a listed span and the day of the application."""
        since, until = listed.since, listed.until
        if self.reaches_back_months is not None and applied_on is not None:
            since = min(since, months_before(applied_on, self.reaches_back_months, self.month_arithmetic))
        if until is not None and self.ends_after_months is not None:
            until = _month_start(until - timedelta(days=1), 1 + self.ends_after_months)
        if self.is_yearly:
            year_end = date(listed.since.year + 1, 1, 1)
            until = year_end if until is None else min(until, year_end)
        if self.is_by_month:
            since = _month_start(since, 0)
            until = None if until is None else _month_start(until - timedelta(days=1), 1)
        return Span(since, until)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Who holds one category and a mark also holds another category."""

    category_code: str
    """The category held."""
    mark_code: str
    """The category or mark held beside it."""
    also_code: str
    """The category that is then held too."""
    clause_id: str
    """Where it stands."""


PLAIN_IDENTITY = IdentityRule()
"""As listed, on the first or last day of care or the day of settlement."""


def months_before(day: date, months: int, arithmetic: MonthArithmetic) -> date:
    """The day so many months earlier, under the rule for days that the month does not have."""
    first = _month_start(day, -months)
    following = _month_start(first, 1)
    found = first + timedelta(days=day.day - 1)
    return found if arithmetic is MonthArithmetic.OVERFLOW else min(found, following - timedelta(days=1))


def _month_start(day: date, months: int) -> date:
    """First day of the month so many months after that of the day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
