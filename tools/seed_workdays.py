"""Writes include/policies/national/workdays/<year>.yaml from the chinesecalendar package (a development dependency).

The product never imports that package: it reads the pages this script wrote once, which people then compare with the notice.
Run `python tools/seed_workdays.py 2026` for each year that a new notice covers; pages that exist are left alone unless --force.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

FOLDER = Path(__file__).parents[1] / "include" / "policies" / "national" / "workdays"
NOTICES = {
    2022: ("国务院办公厅关于2022年部分节假日安排的通知(国办发明电〔2021〕11号)", "inferred"),
    2023: ("国务院办公厅关于2023年部分节假日安排的通知(国办发明电〔2022〕16号)", "inferred"),
    2024: ("国务院办公厅关于2024年部分节假日安排的通知(国办发明电〔2023〕7号)", "inferred"),
    2025: ("国务院办公厅关于2025年部分节假日安排的通知(国办发明电〔2024〕12号)", "inferred"),
    2026: ("国务院办公厅2025年11月4日关于2026年部分节假日安排的通知(国办发明电〔2025〕7号)", "quoted"),
}


def page(year: int) -> str:
    """The page of one year."""
    notice, status = NOTICES.get(year, (f"国务院办公厅关于{year}年部分节假日安排的通知", "inferred"))
    days = [date(year, 1, 1) + timedelta(days=index) for index in range(366)]
    days = [day for day in days if day.year == year]
    off = [day for day in days if day.weekday() < 5 and not chinese_calendar.is_workday(day)]
    worked = [day for day in days if day.weekday() >= 5 and chinese_calendar.is_workday(day)]
    lines = [
        f"# {year} 年工作日:只列与周一至周五不同的日子。",
        f"# Working days of {year}: only the days that differ from Monday to Friday.",
        f"year: {year}",
        f"notice_zh: {notice}",
        f"status: {status}",
        "note: seeded by tools/seed_workdays.py from chinesecalendar; compare with the notice",
        "days_off:",
        *[f"  - {day.isoformat()}" for day in off],
        "days_worked:",
        *[f"  - {day.isoformat()}" for day in worked],
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes one page a year named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("years", nargs="+", type=int)
    parser.add_argument("--force", action="store_true", help="overwrite pages that exist")
    chosen = parser.parse_args()
    for year in chosen.years:
        path = FOLDER / f"{year}.yaml"
        if path.exists() and not chosen.force:
            print(f"{path} exists, left alone")
            continue
        path.write_text(page(year), "utf-8")
        print(path)


if __name__ == "__main__":
    main()
