"""When the notice of a year comes, due days that rested on guesses are reckoned again, once, and what was said before stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.stages.money_county import County, make_county

from mianshen.core.cases import Happening
from mianshen.core.clocks import Counting, TimeLimit, WorkingCalendar, due
from mianshen.core.days import ZONE
from mianshen.core.moves import Act
from mianshen.policy.packs import POLICIES, load_pack
from mianshen.policy.workdays import load_calendar
from mianshen.stages import handle, supervise
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.clock_store import Subject, clocks_of, open_clock, open_clock_due_on
from mianshen.warehouse.ledger import CLOCK_TURN

STARTED = datetime(2026, 12, 21, 10, tzinfo=ZONE)
GUESSED = load_calendar(POLICIES / "national" / "workdays")
OFF = {date(2027, 1, day) for day in (1, 2, 3)}
WORKED = {date(2027, 1, 9), date(2027, 1, 10)}


def published() -> WorkingCalendar:
    """The calendar with a notice for 2027 in which a weekend is worked."""
    days = (date(2027, 1, 1) + timedelta(days=number) for number in range(365))
    known: Mapping[date, bool] = {day: day in WORKED or (day.weekday() < 5 and day not in OFF) for day in days}
    return WorkingCalendar({**GUESSED.workdays, **known}, date(2028, 1, 1))


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path, ("甲",))
    example = load_pack("_example", on=STARTED.date())
    limits = {one.code: one for one in (*made.job.pack.time_limits, *example.time_limits)}
    made.with_pack(lambda pack: replace(pack, processes=example.processes, time_limits=tuple(limits.values())))
    made.job = replace(made.job, as_of=STARTED)
    return made


def dues(county: County) -> dict[str, tuple[str, bool]]:
    with county.job.ledger.connect() as connection:
        return {
            row["subject_kind"]: (row["due_on"], row["is_provisional"]) for row in clocks_of(connection, county.job.county_code)
        }


def opened(county: County) -> str:
    """A clock of a batch, of a list and of a case's step, all due in 2027."""
    pack = county.job.pack
    with county.job.ledger.begin() as connection:
        batch = Subject(pack.county_code, "batch", "B1", "civil_affairs")
        open_clock(connection, batch, limit=pack.time_limit("pay_relief"), started=STARTED, calendar=pack.calendar)
        expected = pack.lists[0]
        subject = Subject(pack.county_code, "list", f"{expected.list_code}|2026-12", expected.department_code)
        on = date(2027, 1, 5)
        open_clock_due_on(
            connection, subject, limit=pack.time_limit("roster_due"), started=STARTED, due_on=on, calendar=pack.calendar
        )
    county.job = replace(county.job, as_of=datetime(2026, 12, 29, 10, tzinfo=ZONE))
    (case,) = handle.open_cases(county.job, "certification", [Matter("A1", 2027, person_key=county.people["甲"])])
    return case


def test_open_clocks_move_to_the_published_days_once_and_keep_what_was_said(county: County) -> None:
    opened(county)
    before = dues(county)
    assert before == {"batch": ("2027-01-18", True), "list": ("2027-01-05", True), "case_step": ("2027-01-05", True)}
    assert supervise.run(county.job).counts["due_days_reckoned"] == 0, "nothing was published"
    county.with_pack(lambda pack: replace(pack, calendar=published()))
    assert supervise.run(county.job).counts["due_days_reckoned"] == 3
    assert dues(county) == {"batch": ("2027-01-15", False), "list": ("2027-01-05", False), "case_step": ("2027-01-06", False)}
    assert supervise.run(county.job).counts["due_days_reckoned"] == 0
    with county.job.ledger.connect() as connection:
        turns = connection.execute(select(CLOCK_TURN.c.reason_code)).scalars().all()
    assert turns == ["CALENDAR_PUBLISHED"] * 3


def test_a_step_that_is_paused_after_the_notice_stands_still_and_goes_on(county: County) -> None:
    case = opened(county)
    county.with_pack(lambda pack: replace(pack, calendar=published()))
    supervise.run(county.job)
    for happening, day in ((Happening.PAUSED, 30), (Happening.RESUMED, 31)):
        county.job = replace(county.job, as_of=datetime(2026, 12, day, 10, tzinfo=ZONE))
        reason = "WAITS_FOR_PAPERS" if happening is Happening.PAUSED else None
        handle.act(county.job, case, Act(happening, "intake", "clerk", "union", county.job.as_of, reason_code=reason))
        if happening is Happening.PAUSED:
            assert dues(county)["case_step"][0].startswith("9999")
    assert dues(county)["case_step"] == ("2027-01-07", False), "one working day later than without the pause"


@settings(max_examples=60, deadline=None)
@given(
    st.dates(min_value=date(2022, 1, 1), max_value=date(2026, 9, 1)),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=3),
)
def test_working_day_sums_of_2022_to_2026_with_pauses_are_those_of_another_calendar(
    start: date, amount: int, breaks: list[tuple[int, int]]
) -> None:
    pauses = [(start + timedelta(days=after), start + timedelta(days=after + days)) for after, days in breaks]
    still = {began + timedelta(days=number) for began, ended in pauses for number in range(1, (ended - began).days + 1)}
    day, left = start, amount
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day) and day not in still
    limit = TimeLimit("pay", "", "", amount, Counting.WORKDAYS, "trigger", "money_sent", "", "quoted")
    found = due(limit, start=start, calendar=GUESSED, pauses=pauses)
    assert (found.on, found.provisional) == (day, False)
