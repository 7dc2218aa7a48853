"""The forecast says what would happen to a holder who goes on at his pace, day by day; more work done never makes it worse."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.outlook import Outlook, Pace, days_back, look_ahead, pace_of, usually_late, workdays_between

TODAY = date(2026, 10, 9)  # a Friday after the holidays; Saturday the 10th is worked
WORKED = {date(2026, 10, 10): True} | {date(2026, 10, day): False for day in range(1, 8)}
CALENDAR = WorkingCalendar(workdays=WORKED, provisional_since=date(2026, 1, 1))
DUES = st.dictionaries(st.integers(-20, 25), st.integers(0, 60), max_size=8).map(
    lambda found: {TODAY + timedelta(days=offset): count for offset, count in found.items()}
)
PACES = st.builds(Pace, done=st.integers(0, 200), days=st.integers(1, 10), done_today=st.integers(0, 30))
DAYS = st.integers(0, 8).map(lambda number: TODAY + timedelta(days=number))


def simulated(due: dict[date, int], pace: Pace, today: date) -> Counter[date]:
    """Clock by clock and day by day: the holder takes the one due first; what is open at the end of its due day is missed."""
    waiting = sorted(day for day, count in due.items() for _ in range(count))
    missed: Counter[date] = Counter()
    done = pace.done_today if CALENDAR.is_workday(today) else 0
    workdays, taken, day = 0, 0, today
    while day <= max([*waiting, today]):
        if CALENDAR.is_workday(day):
            workdays += 1
            while taken < len(waiting) and (done + 1) * pace.days <= pace.done * workdays:
                done, taken = done + 1, taken + 1
        missed[day] += sum(one == day for one in waiting[taken:])
        day += timedelta(days=1)
    return missed


@given(DUES, PACES, DAYS)
def test_the_forecast_is_what_a_simulation_of_the_holder_gives(due: dict[date, int], pace: Pace, today: date) -> None:
    found = look_ahead(due, pace=pace, today=today, calendar=CALENDAR)
    assert {one.due_on: one.clocks for one in found.shortfalls} == +simulated(due, pace, today)
    assert found.overdue + found.running == sum(due.values())


@given(DUES, PACES, DAYS)
def test_who_does_one_more_a_day_misses_no_more(due: dict[date, int], pace: Pace, today: date) -> None:
    faster = Pace(pace.done + pace.days, pace.days, pace.done_today)
    slow, fast = (look_ahead(due, pace=one, today=today, calendar=CALENDAR) for one in (pace, faster))
    before = {one.due_on: one.clocks for one in slow.shortfalls}
    assert all(one.clocks <= before.get(one.due_on, 0) for one in fast.shortfalls)


@given(DUES, PACES, DAYS)
def test_the_required_pace_is_the_least_that_will_do(due: dict[date, int], pace: Pace, today: date) -> None:
    found = look_ahead(due, pace=pace, today=today, calendar=CALENDAR)

    def missed(a_day: int) -> tuple[date, ...]:
        again: Outlook = look_ahead(due, pace=Pace(a_day, 1, pace.done_today), today=today, calendar=CALENDAR)
        return tuple(one.due_on for one in again.shortfalls if one.workdays_left)

    assert missed(found.required) == ()
    assert found.required == 0 or missed(found.required - 1) != ()


def test_a_department_too_slow_is_named_two_days_ahead() -> None:
    """Sixty a day are needed, forty are done: of 200 due on Wednesday, after four working days, forty will be missed."""
    wednesday = date(2026, 10, 14)
    assert workdays_between(date(2026, 10, 8), wednesday, CALENDAR) == 5, "the Saturday is worked"
    found = look_ahead({wednesday: 240, date(2026, 10, 30): 10}, pace=Pace(400, 10), today=TODAY, calendar=CALENDAR)
    assert [(one.due_on, one.clocks, one.workdays_left) for one in found.shortfalls] == [(wednesday, 40, 5)]
    assert (found.required, found.within(2), len(found.within(4))) == (48, (), 1)
    later = look_ahead({wednesday: 120}, pace=Pace(400, 10), today=date(2026, 10, 13), calendar=CALENDAR)
    assert [one.clocks for one in later.within(2)] == [40]


def test_overdue_ones_are_worked_off_first_and_missed_only_once() -> None:
    found = look_ahead({TODAY - timedelta(days=3): 30, TODAY: 5}, pace=Pace(100, 10), today=TODAY, calendar=CALENDAR)
    assert (found.overdue, found.running, found.clocks) == (30, 5, 5)


def test_what_was_done_today_is_not_hoped_for_again() -> None:
    due = {TODAY: 10}
    assert look_ahead(due, pace=Pace(100, 10), today=TODAY, calendar=CALENDAR).clocks == 0
    assert look_ahead(due, pace=Pace(100, 10, done_today=4), today=TODAY, calendar=CALENDAR).clocks == 4


def test_the_pace_is_that_of_the_last_working_days() -> None:
    assert days_back(TODAY, 2, CALENDAR) == date(2026, 9, 30), "the holidays are no working days"
    closed = {date(2026, 9, 29): 100, date(2026, 9, 30): 6, date(2026, 10, 3): 2, date(2026, 10, 8): 4, TODAY: 1}
    assert pace_of(closed, since=date(2026, 1, 1), today=TODAY, calendar=CALENDAR, back=2) == Pace(12, 2, 1)


def test_days_on_which_nothing_lay_there_do_not_slow_the_pace() -> None:
    closed = {date(2026, 10, 8): 4}
    assert pace_of(closed, since=date(2026, 10, 8), today=TODAY, calendar=CALENDAR) == Pace(4, 1)
    assert pace_of(closed, since=date(2026, 9, 30), today=TODAY, calendar=CALENDAR) == Pace(4, 2)
    assert pace_of({TODAY: 3}, since=TODAY, today=TODAY, calendar=CALENDAR) is None, "what came today has no pace yet"


def test_a_pace_needs_days() -> None:
    with pytest.raises(ValueError, match="0 days"):
        look_ahead({}, pace=Pace(1, 0), today=TODAY, calendar=CALENDAR)


@pytest.mark.parametrize(("endings", "late"), [([], False), ([True], True), ([True, False], False), ([True, True, False], True)])
def test_a_list_that_was_mostly_late_will_be_late_again(endings: list[bool], late: bool) -> None:
    assert usually_late(endings) is late
