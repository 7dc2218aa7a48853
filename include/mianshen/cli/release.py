"""`mianshen release`: the month's people for analysts outside, generalised and suppressed, with the report that judges it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say
from mianshen.core.days import parse_month

if TYPE_CHECKING:
    from mianshen.stages.frame import Job

app = typer.Typer(help="对外发布 releases for analysts outside", no_args_is_help=True)
MonthOption = Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")]


@app.command("make")
def make(
    pack: PackOption,
    actor: ActorOption,
    month: MonthOption = None,
    again: Annotated[str | None, typer.Option(help="该月已发布过,再次发布的理由  why it is released again")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """发布当月在册人员(已泛化、隐去,无任何键)并出评估报告;一月一次。 Release the month's people once, with its report."""
    from mianshen.stages import release

    job = _job(pack, home=home, actor=actor, at=at, month=month)
    report = release.run(job) if again is None else release.release_again(job, reason=again)
    for note in report.notes:
        typer.echo(f"  · {note}")
    if report.counts:
        people, groups = report.counts["people_released"], report.counts["groups"]
        say(f"已发布 {people} 人、{groups} 组", f"{people} people in {groups} groups")
    if report.run_id is not None:
        say(f"评估报告:{release.report_path(job)}", f"the report lies at {release.report_path(job)}")


@app.command("extract")
def extract(
    pack: PackOption,
    department: Annotated[str, typer.Option(help="哪个部门,如 civil_affairs  whose listed people")],
    purpose: Annotated[str, typer.Option(help="用途,记入审计链  what it is for, for the audit chain")],
    actor: ActorOption,
    month: MonthOption = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """一个部门自己名单上的人的画像(限权开放):本部门的键、分档、缺口;每次都留痕。 A department's own people; logged."""
    from mianshen.stages.disclose import make_extract

    made = make_extract(_job(pack, home=home, actor=actor, at=at, month=month), department, purpose=purpose)
    say(f"已生成,{made.people} 人:{made.folder}", f"{made.people} people: {made.folder}")


def _job(pack: str, *, home: HomeOption, actor: str, at: str | None, month: str | None) -> Job:
    job = job_of(pack, home=home, actor=actor, at=at)
    return job if month is None else replace(job, month=parse_month(month))
