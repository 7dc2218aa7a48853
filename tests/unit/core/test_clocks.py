"""Time limits: day 0 does not count, holidays do not count, the unknown year is said to be unknown."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.clocks import Counting, TimeLimit, WorkingCalendar, due
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError

FIRST, UNKNOWN = date(2026, 1, 1), date(2027, 1, 1)
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
CALENDAR = WorkingCalendar(
    workdays={
        day: day.weekday() < 5 and day not in HOLIDAYS
        for day in (FIRST + timedelta(days=offset) for offset in range((UNKNOWN - FIRST).days))
    },
    provisional_since=UNKNOWN,
)


def limit(amount: int, counting: Counting, ends: time = time(0)) -> TimeLimit:
    return TimeLimit(
        code="pay_relief",
        name_zh="发放",
        name_en="pay",
        amount=amount,
        counting=counting,
        starts_at="trigger",
        ends_at="money_received",
        article="001",
        status="quoted",
        day_ends_at=ends,
    )


def test_three_calendar_days_roll_past_a_holiday() -> None:
    found = due(limit(3, Counting.CALENDAR_DAYS), start=date(2026, 9, 29), calendar=CALENDAR)
    assert (found.on, found.provisional) == (date(2026, 10, 8), False)
    assert found.at == datetime(2026, 10, 9, tzinfo=ZONE)


def test_a_start_on_a_saturday_counts_monday_as_the_first_day() -> None:
    assert due(limit(1, Counting.WORKDAYS), start=date(2026, 11, 14), calendar=CALENDAR).on == date(2026, 11, 16)


def test_a_period_that_reaches_2027_is_provisional() -> None:
    assert due(limit(20, Counting.WORKDAYS), start=date(2026, 12, 4), calendar=CALENDAR).provisional
    assert not due(limit(20, Counting.WORKDAYS), start=date(2026, 11, 30), calendar=CALENDAR).provisional


@given(st.dates(min_value=FIRST, max_value=date(2026, 11, 1)), st.integers(1, 30))
def test_the_last_day_is_the_nth_working_day(start: date, amount: int) -> None:
    on = due(limit(amount, Counting.WORKDAYS), start=start, calendar=CALENDAR).on
    between = [start + timedelta(days=offset) for offset in range(1, (on - start).days + 1)]
    assert sum(CALENDAR.is_workday(day) for day in between) == amount
    assert CALENDAR.is_workday(on)


def test_an_office_hour_ends_the_day_earlier() -> None:
    found = due(limit(1, Counting.WORKDAYS, time(18)), start=datetime(2026, 11, 16, 23, tzinfo=ZONE), calendar=CALENDAR)
    assert found.at == datetime(2026, 11, 17, 18, tzinfo=ZONE)


def test_a_day_before_the_calendar_begins_is_refused() -> None:
    with pytest.raises(MianshenError, match="CALENDAR_MISSING"):
        CALENDAR.is_workday(date(2025, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 1, 31), 1, date(2026, 3, 2)),
        (date(2026, 2, 12), 12, date(2027, 2, 12)),
        (date(2026, 9, 1), 1, date(2026, 10, 8)),
    ],
)
def test_months_end_on_the_day_of_the_same_number_or_the_month_s_last_and_roll(start: date, months: int, end: date) -> None:
    assert due(limit(months, Counting.MONTHS), start=start, calendar=CALENDAR).on == end


@given(st.dates(min_value=FIRST, max_value=date(2026, 6, 1)), st.integers(0, 40), st.integers(0, 20))
def test_a_pause_moves_the_end_of_months_by_its_days(start: date, after: int, days: int) -> None:
    began = start + timedelta(days=after)
    asked = limit(3, Counting.MONTHS)
    plain = date(start.year, start.month + 3, min(start.day, 30 if start.month + 3 in (4, 6, 9) else 31))
    found = due(asked, start=start, calendar=CALENDAR, pauses=[(began, began + timedelta(days=days))])
    assert found.on == CALENDAR.roll(plain + timedelta(days=days))


def test_at_once_is_late_after_the_day_and_after_the_day_of_resuming() -> None:
    saturday = datetime(2026, 11, 14, 11, tzinfo=ZONE)
    at_once = limit(0, Counting.WORKDAYS)
    assert due(at_once, start=saturday, calendar=CALENDAR).at == datetime(2026, 11, 15, tzinfo=ZONE)
    paused = due(at_once, start=saturday, calendar=CALENDAR, pauses=[(date(2026, 11, 14), date(2026, 12, 2))])
    assert paused.on == date(2026, 12, 2)
