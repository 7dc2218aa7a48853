"""The national working-day calendar, from include/policies/national/workdays/<year>.yaml."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.errors import MianshenError
from mianshen.policy.layout_files import WORKDAYS
from mianshen.policy.pages import open_page
from mianshen.policy.shapes import Row


def load_calendar(folder: Path, *, shown_as: str = "national/workdays") -> WorkingCalendar:
    """The calendar of every year in the folder; provisional from the day after the last.

    MianshenError CALENDAR_MISSING when the folder holds no year, POLICY_DAMAGED for a damaged page or a missing year between two.
    """
    pages = [open_page(path, shown_as=f"{shown_as}/{path.name}") for path in sorted(folder.glob("*.yaml"))]
    if not pages:
        raise MianshenError("CALENDAR_MISSING", found=folder.name, where=shown_as)
    workdays: dict[date, bool] = {}
    year = None
    for page in pages:
        row = WORKDAYS.read(page)
        if page.file != f"{shown_as}/{row['year']}.yaml":
            row.at("year").refuse(f"年份 {row['year']} 与文件名不符", f"the year {row['year']} is not the file's name")
        if year is not None and row["year"] != year + 1:
            row.at("year").refuse(f"缺少 {year + 1} 年的工作日历", f"there is no calendar of {year + 1}")
        workdays |= _days_of(row)
        year = row["year"]
    return WorkingCalendar(workdays=workdays, provisional_since=max(workdays) + timedelta(days=1))


def _days_of(row: Row) -> dict[date, bool]:
    _check_days(row, key="days_off", weekdays=range(5), zh="周一至周五", en="a Monday to Friday")
    _check_days(row, key="days_worked", weekdays=range(5, 7), zh="周六或周日", en="a Saturday or Sunday")
    day = date(row["year"], 1, 1)
    days: dict[date, bool] = {}
    while day.year == row["year"]:
        days[day] = day in row["days_worked"] or (day.weekday() < 5 and day not in row["days_off"])
        day += timedelta(days=1)
    return days


def _check_days(row: Row, *, key: str, weekdays: range, zh: str, en: str) -> None:
    days = row[key]
    for spot, day in zip(row.at(key).items(), days, strict=True):
        if day.year != row["year"]:
            spot.refuse(f"{day} 不在 {row['year']} 年", f"{day} is not in {row['year']}")
        if day.weekday() not in weekdays:
            spot.refuse(f"{day} 不是{zh}", f"{day} is not {en}")
        if days.count(day) > 1:
            spot.refuse(f"{day} 写了两次", f"{day} stands twice")
