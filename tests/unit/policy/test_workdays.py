"""The national calendar: every day of 2022 to 2026, then provisional."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from tools.seed_workdays import page

from mianshen.core.clocks import Counting, TimeLimit, WorkingCalendar, due
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES
from mianshen.policy.workdays import load_calendar

FOLDER = POLICIES / "national" / "workdays"


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return load_calendar(FOLDER)


def test_every_day_of_2022_to_2026_is_as_announced(calendar: WorkingCalendar) -> None:
    day = date(2022, 1, 1)
    while day < date(2027, 1, 1):
        assert calendar.is_workday(day) == chinese_calendar.is_workday(day), day
        assert not calendar.is_provisional(day)
        day += timedelta(days=1)
    assert len(calendar.workdays) == 1826


@pytest.mark.parametrize(("year", "days"), [(2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(calendar: WorkingCalendar, year: int, days: int) -> None:
    assert sum(works for day, works in calendar.workdays.items() if day.year == year) == days


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 2, 4), True),
        (date(2024, 2, 9), True),
        (date(2025, 1, 26), True),
        (date(2025, 10, 11), True),
        (date(2026, 1, 4), True),
        (date(2026, 2, 16), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 11, 22), False),
    ],
)
def test_days_that_people_get_wrong(calendar: WorkingCalendar, day: date, works: bool) -> None:
    assert calendar.is_workday(day) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 11, 14), 1, date(2026, 11, 16)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 11, 2), 20, date(2026, 11, 30)),
        (date(2026, 12, 3), 20, date(2026, 12, 31)),
    ],
)
def test_working_day_sums(calendar: WorkingCalendar, start: date, count: int, end: date) -> None:
    limit = TimeLimit("pay", "", "", count, Counting.WORKDAYS, "trigger", "money_sent", "", "quoted")
    assert due(limit, start=start, calendar=calendar).on == end


def test_2027_is_provisional_and_says_so(calendar: WorkingCalendar) -> None:
    assert calendar.provisional_since == date(2027, 1, 1)
    limit = TimeLimit("pay", "", "", 20, Counting.WORKDAYS, "trigger", "money_sent", "", "quoted")
    last_sure = due(limit, start=datetime(2026, 12, 3, 10, tzinfo=ZONE), calendar=calendar)
    first_guess = due(limit, start=datetime(2026, 12, 4, 10, tzinfo=ZONE), calendar=calendar)
    assert (last_sure.on, last_sure.provisional) == (date(2026, 12, 31), False)
    assert (first_guess.on, first_guess.provisional) == (date(2027, 1, 1), True)


def test_before_the_first_year_nothing_is_guessed(calendar: WorkingCalendar) -> None:
    with pytest.raises(MianshenError) as refused:
        calendar.is_workday(date(2021, 12, 31))
    assert refused.value.code == "CALENDAR_MISSING"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MianshenError) as refused:
        load_calendar(tmp_path)
    assert refused.value.code == "CALENDAR_MISSING"


SOUND = "year: 2026\nnotice_zh: 通知\nstatus: quoted\ndays_off: [2026-01-01]\ndays_worked: [2026-01-04]\n"


@pytest.mark.parametrize(
    ("name", "text", "line", "found"),
    [
        ("2026.yaml", SOUND.replace("days_off: [2026-01-01]", "days_off: [2026-01-03]"), 4, "不是周一至周五"),
        ("2026.yaml", SOUND.replace("[2026-01-04]", "[2026-01-05]"), 5, "不是周六或周日"),
        ("2026.yaml", SOUND.replace("[2026-01-01]", "[2025-01-01]"), 4, "不在 2026 年"),
        ("2026.yaml", SOUND.replace("[2026-01-01]", "[2026-01-01, 2026-01-01]"), 4, "写了两次"),
        ("2025.yaml", SOUND, 1, "与文件名不符"),
        ("2026.yaml", SOUND.replace("status: quoted\n", ""), 1, "缺少 status"),
    ],
)
def test_a_damaged_year_is_refused_at_its_line(tmp_path: Path, name: str, text: str, line: int, found: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(MianshenError) as refused:
        load_calendar(tmp_path)
    assert refused.value.code == "POLICY_DAMAGED"
    assert refused.value.where == f"national/workdays/{name}:{line}"
    assert found in refused.value.found


def test_a_year_left_out_between_two_is_refused(tmp_path: Path) -> None:
    for year in (2024, 2026):
        (tmp_path / f"{year}.yaml").write_text(
            SOUND.replace("2026", str(year)).replace(f"{year}-01-04", f"{year}-01-06"), "utf-8"
        )
    text = (tmp_path / "2026.yaml").read_text("utf-8").replace("2026-01-06", "2026-01-04")
    (tmp_path / "2026.yaml").write_text(text, "utf-8")
    with pytest.raises(MianshenError) as refused:
        load_calendar(tmp_path)
    assert "缺少 2025 年" in refused.value.found


@pytest.mark.parametrize("year", range(2022, 2027))
def test_the_seeding_tool_writes_the_pages_that_are_kept(year: int) -> None:
    assert (FOLDER / f"{year}.yaml").read_text("utf-8") == page(year)


def test_the_product_does_not_know_the_tool_s_package() -> None:
    sources = Path(load_calendar.__code__.co_filename).parents[1].rglob("*.py")
    assert not [path for path in sources if "chinese_calendar" in path.read_text("utf-8")]
