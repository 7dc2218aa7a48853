"""Days are dates, moments have a zone (Asia/Shanghai), months are written 2026-10."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mianshen.core.errors import MianshenError

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of every moment that the product shows."""

_MONTH = re.compile(r"^(\d{4})-?(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    """Four digits."""
    number: int
    """1 to 12."""

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its last day, included."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    def shift(self, months: int) -> Month:
        """The month so many months later (earlier when negative)."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def parse_month(text: str, *, where: str = "--month") -> Month:
    """The month written `2026-10` or `202610`; MianshenError MONTH_INVALID otherwise."""
    found = _MONTH.match(text.strip())
    if found is None:
        raise MianshenError("MONTH_INVALID", found=text, where=where)
    return Month(int(found[1]), int(found[2]))


def month_of(day: date) -> Month:
    """The month that holds the day."""
    return Month(day.year, day.month)


def last_full_month(day: date) -> Month:
    """The last month that had ended before this day began."""
    return month_of(day).shift(-1)


def local(moment: datetime, *, where: str = "moment") -> datetime:
    """The moment in Asia/Shanghai; MianshenError MOMENT_WITHOUT_ZONE when it carries no zone."""
    if moment.tzinfo is None:
        raise MianshenError("MOMENT_WITHOUT_ZONE", found=moment.isoformat(), where=where)
    return moment.astimezone(ZONE)


def parse_moment(text: str, *, where: str = "--as-of") -> datetime:
    """A moment from ISO text. A bare day, 2026-11-22 or 20261122, means 09:00 of it in Asia/Shanghai; a time carries its zone."""
    try:
        if len(text) in (len("2026-11-22"), len("20261122")):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=ZONE) + timedelta(hours=9)
        return local(datetime.fromisoformat(text), where=where)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text, where=where) from cause
