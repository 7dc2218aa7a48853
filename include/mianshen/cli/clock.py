"""`mianshen clock`: when a time limit ends, which clocks run or are late, and 容错免责 of a miss."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import job_of
from mianshen.cli.say import say
from mianshen.core.clocks import MIDNIGHT, Counting, Due, TimeLimit, WorkingCalendar, due
from mianshen.core.errors import MianshenError

PackOption = Annotated[str, typer.Option(help="县区政策包，如 510118_xinjin  county pack")]
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


@app.command("list")
def show_list(
    pack: PackOption,
    state: Annotated[str | None, typer.Option(help="overdue due_soon open paused met_late met exempted")] = None,
    limit: Annotated[str | None, typer.Option(help="时限代码  a time limit")] = None,
    holder: Annotated[str | None, typer.Option(help="责任部门代码  a department")] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="最多列出  at most")] = 50,
    home: HomeOption = None,
) -> None:
    """时限台账：按状态计数并列出。 The register of clocks: counts by state, then the clocks by due moment."""
    from mianshen.warehouse import docket

    if state not in (None, *docket.STATES):
        raise typer.BadParameter(f"--state: {' '.join(docket.STATES)}")
    job = job_of(pack, home=home)
    wanted = docket.Wanted((job.county_code,), limit, holder, None, state)
    with job.ledger.connect() as connection:
        counted = docket.counted(connection, wanted, as_of=job.as_of)
        rows = docket.page_of(connection, wanted, as_of=job.as_of, size=most).rows
    for name in docket.STATES:
        typer.echo(f"{name}\t{sum(one.clocks for one in counted if one.state == name)}")
    for row in rows:
        last = "--" if row["state"] == "paused" else row["due_on"]
        typer.echo(
            "\t".join((row["clock_id"], row["state"], last, row["time_limit_code"], row["holder_department"], row["subject_id"]))
        )


@app.command("exempt")
def exempt(
    clock_id: Annotated[str, typer.Argument(help="时限编号  the clock")],
    pack: PackOption,
    ground: Annotated[str, typer.Option(help="免责理由代码  a ground, such as SYSTEM_OUTAGE")],
    document: Annotated[str, typer.Option(help="依据文号  the paper that it rests on")],
    department: Annotated[str, typer.Option(help="申请部门代码  the department that applies")],
    actor: Annotated[str, typer.Option(help="申请人登录名  who applies")],
    home: HomeOption = None,
) -> None:
    """为一次逾期申请容错免责。 Apply for a miss to be excused; somebody else decides."""
    from mianshen.warehouse.exemptions import APPLIED, ExemptionAct, apply_for

    job = job_of(pack, home=home)
    act = ExemptionAct(APPLIED, actor, department, job.moment, ground, document)
    with job.ledger.begin() as connection:
        apply_for(connection, clock_id, act, county_code=job.county_code)
    say(f"已登记免责申请 {clock_id}", f"application recorded for {clock_id}")


@app.command("decide")
def decide_exemption(
    clock_id: Annotated[str, typer.Argument(help="时限编号  the clock")],
    pack: PackOption,
    document: Annotated[str, typer.Option(help="认定文号  the paper of the decision")],
    department: Annotated[str, typer.Option(help="认定部门代码  the department that decides")],
    actor: Annotated[str, typer.Option(help="认定人登录名，不能是申请人  who decides, not the applicant")],
    grant: Annotated[bool, typer.Option("--grant/--deny", help="认定或不予认定  grant or deny")],
    home: HomeOption = None,
) -> None:
    """认定或不予认定容错免责；逾期记录不变。 Grant or deny an exemption; the miss itself stays."""
    from mianshen.warehouse.exemptions import DENIED, GRANTED, ExemptionAct, decide, ground_of

    job = job_of(pack, home=home)
    with job.ledger.begin() as connection:
        ground = ground_of(connection, clock_id)
        act = ExemptionAct(GRANTED if grant else DENIED, actor, department, job.moment, ground, document)
        decide(connection, clock_id, act, county_code=job.county_code)
    say(f"已登记{'认定免责' if grant else '不予认定'} {clock_id}", f"{'granted' if grant else 'denied'}: {clock_id}")


@app.command("told")
def settle_digest(
    digest_id: Annotated[str, typer.Argument(help="通知编号，见运维页  the digest, from the page operations")],
    pack: PackOption,
    actor: Annotated[str, typer.Option(help="核实人登录名  who looked")],
    arrived: Annotated[
        bool, typer.Option("--arrived/--again", help="已送达，或未送达须重发  it arrived, or is to be sent again")
    ],
    home: HomeOption = None,
) -> None:
    """核实一份送达不明的通知：已送达，或随下一份重发。 Say of a notification that nobody knows of whether it arrived."""
    from mianshen.warehouse.alarms import settle

    job = job_of(pack, home=home)
    with job.ledger.begin() as connection:
        settle(connection, job.county_code, digest_id, was_taken=arrived, actor=actor, at=job.moment)
    say(f"已登记 {digest_id}", f"recorded: {digest_id}")


def _explain(found: Due) -> None:
    last = f"{found.on} 24:00" if found.at.time() == MIDNIGHT else f"{found.at:%Y-%m-%d %H:%M}"
    say(f"最迟 {last} 办结", f"in time until {last} (Asia/Shanghai)")
    if found.provisional:
        year = found.on.year
        say(f"{year} 年放假安排尚未公布，到期日暂定，公布后重算", f"no notice for {year} yet; recomputed when it is published")


def _office(county: str | None, day: date) -> tuple[WorkingCalendar, time]:
    """The calendar and the closing hour of a county, or the national calendar and 24:00."""
    from mianshen.policy.packs import POLICIES, county_names, load_pack
    from mianshen.policy.workdays import load_calendar

    if county is None:
        return load_calendar(POLICIES / "national" / "workdays"), MIDNIGHT
    for name in county_names():
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
