"""`mianshen clock`: when a time limit ends."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

import typer

from mianshen.cli.say import say
from mianshen.core.clocks import MIDNIGHT, Counting, Due, TimeLimit, WorkingCalendar, due
from mianshen.core.errors import MianshenError

app = typer.Typer(help="办理时限 time limits", no_args_is_help=True)


@app.callback()
def clock() -> None:
    """办理时限 time limits."""


@app.command("due")
def show_due(
    start: Annotated[str, typer.Option(help="起算日，不计入  day 0, not counted, 2026-12-04")],
    workdays: Annotated[int | None, typer.Option(min=1, help="工作日数 working days")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="自然日数，遇假顺延  calendar days, rolling past a holiday")] = None,
    county: Annotated[str | None, typer.Option(help="六位区划代码，用该县下班时刻  county code, for its closing hour")] = None,
) -> None:
    """打印到期日；放假通知未公布的打印 provisional。 Print the due day, and `provisional` while no notice covers it."""
    if (workdays is None) == (days is None):
        raise typer.BadParameter("--workdays 与 --days 二选一  choose one of --workdays and --days")
    counting, amount = (Counting.WORKDAYS, workdays) if workdays is not None else (Counting.CALENDAR_DAYS, days)
    day_zero = _day(start)
    calendar, ends_at = _office(county, day_zero)
    found = due(_limit(amount or 0, counting, ends_at), start=day_zero, calendar=calendar)
    typer.echo(f"{found.on.isoformat()}{' provisional' if found.provisional else ''}")
    _explain(found)


def _explain(found: Due) -> None:
    last = f"{found.on} 24:00" if found.at.time() == MIDNIGHT else f"{found.at:%Y-%m-%d %H:%M}"
    say(f"最迟 {last} 办结", f"in time until {last} (Asia/Shanghai)")
    if found.provisional:
        year = found.on.year
        say(f"{year} 年放假安排尚未公布，到期日暂定，公布后重算", f"no notice for {year} yet; recomputed when it is published")


def _office(county: str | None, day: date) -> tuple[WorkingCalendar, time]:
    """The calendar and the closing hour of a county, or the national calendar and 24:00."""
    from mianshen.policy.packs import POLICIES, load_pack, pack_names
    from mianshen.policy.workdays import load_calendar

    if county is None:
        return load_calendar(POLICIES / "national" / "workdays"), MIDNIGHT
    for name in pack_names():
        pack = load_pack(name, on=day)
        if county in (pack.county_code, *pack.area_aliases):
            return pack.calendar, min(
                (one.day_ends_at for one in pack.time_limits if one.day_ends_at != MIDNIGHT), default=MIDNIGHT
            )
    raise MianshenError("POLICY_UNKNOWN", found=county, where="--county")


def _limit(amount: int, counting: Counting, ends_at: time) -> TimeLimit:
    return TimeLimit(
        code="asked",
        name_zh="查询",
        name_en="asked",
        amount=amount,
        counting=counting,
        starts_at="arrival",
        ends_at="arrival",
        article="--",
        status="official",
        day_ends_at=ends_at,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=text, where="--start") from cause
