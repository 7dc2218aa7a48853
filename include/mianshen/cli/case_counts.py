"""`mianshen case counts` and `mianshen case draw`: a process in numbers, and the experts of a review."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.case import CaseArgument, PackOption
from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.experts import Recusal
from mianshen.core.ratings import Channel

if TYPE_CHECKING:
    from mianshen.stages.frame import Job

HEAD = ("process", "year", "item", "step", "outcome", "cases", "median_workdays", "most_workdays")


def show_counts(
    pack: PackOption,
    year: Annotated[int | None, typer.Option(help="只看这个待遇年度  only this benefit year")] = None,
    out: Annotated[Path | None, typer.Option(help="写成这个 CSV 文件  write a CSV file")] = None,
    ratings: Annotated[
        Path | None,
        typer.Option(help="好差评、12345 计数表:办理点,事项编码,渠道,好评,差评  ratings and hotline counts of the year"),
    ] = None,
    home: HomeOption = None,
) -> None:
    """各流程各环节的件数和所用工作日:供公开和来年复盘,不含任何人。 Cases by step and end with working days; nobody is named."""
    from mianshen.warehouse import case_counts

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        steps = case_counts.stepped(connection, county_code=job.county_code, benefit_year=year)
        ends = case_counts.ended(connection, county_code=job.county_code, calendar=job.pack.calendar, benefit_year=year)
        came = case_counts.channelled(connection, county_code=job.county_code, benefit_year=year)
        trips = case_counts.trips(connection, job.pack, benefit_year=year)
    names = {(one.code, step.code): step.name_zh for one in job.pack.processes for step in one.steps}
    done = {(one.code, end.code): end.name_zh for one in job.pack.processes for end in one.ends}
    rows: list[tuple[str, ...]] = []
    for stepped in steps:
        step = names.get((stepped.process_code, stepped.step_code), stepped.step_code)
        outcome = stepped.outcome_code or "待办 waiting"
        group = (stepped.process_code, str(stepped.benefit_year), stepped.item_code)
        rows.append((*group, step, outcome, str(stepped.cases), "", ""))
    for ended in ends:
        told = done.get((ended.process_code, ended.end_code), ended.end_code) or "在办 running"
        took = ["" if days is None else str(days) for days in (ended.median_workdays, ended.most_workdays)]
        rows.append((ended.process_code, str(ended.benefit_year), ended.item_code, "", told, str(ended.cases), *took))
    for process, of_year, item, count, number in trips:
        rows.append((process, str(of_year), item, "跑动次数 trips", str(count), str(number), "", ""))
    ways = {(one.code, way.code): way.name_zh for one in job.pack.processes for way in one.channels}
    for process, of_year, channel, count in came:
        if (process, channel) in ways:
            rows.append((process, str(of_year), "", "渠道 channel", ways[process, channel], str(count), "", ""))
    rows.sort(key=lambda one: one[:3])
    _give([*rows, *_rated(job, ratings, year)], out)


def show_staff(
    file: Annotated[
        Path,
        typer.Argument(
            help="人口表:乡镇,服务人口[,专职人员]  people by town; staff only where the ledger saw nobody", exists=True
        ),
    ],
    pack: PackOption,
    year: Annotated[int | None, typer.Option(help="只看这个待遇年度的事项  only cases of this benefit year")] = None,
    home: HomeOption = None,
) -> None:
    """按人口核对专职经办人员:应有、账上经办、缺几人。 Staff of each town: needed, seen in the ledger, short by."""
    from mianshen.core.staffing import short_of
    from mianshen.feeds.counts_file import staff_of
    from mianshen.warehouse import case_counts

    job = job_of(pack, home=home, actor="reader")
    rules = job.pack.staffing
    if rules is None:
        raise MianshenError("COUNTS_INVALID", found="staffing.yaml ?", where=pack)
    said = {"department": rules.department_code, "county_code": job.county_code}
    with job.ledger.connect() as connection:
        served = case_counts.served_by(connection, **said, benefit_year=year)
    points = staff_of(file.read_bytes(), served=served, where=file.name)
    short = short_of(points, rules)
    lines = [
        (
            one.name,
            str(one.people),
            str(rules.needed(one.people)),
            str(one.staff),
            "账 ledger" if served.get(one.name) else "表 sheet",
            str(short[one.name]),
        )
        for one in points
    ]
    typer.echo(table([("乡镇 town", "人口 people", "应有 needed", "实有 staff", "依据 by", "缺 short"), *lines]))
    lacking = sum(one > 0 for one in short.values())
    say(f"{rules.article}:缺员 {lacking} 处", f"{lacking} towns are short of staff")


def _rated(job: Job, file: Path | None, year: int | None) -> list[tuple[str, ...]]:
    """Rows of ratings: the office in the place of the process, good and bad in the place of the outcome.

    What the ledger knows of a channel, item and office is its own; the sheet says the rest.
    """
    from mianshen.feeds.counts_file import ratings_of
    from mianshen.warehouse.ratings import counted

    with job.ledger.connect() as connection:
        rated = counted(connection, job.pack, benefit_year=year)
    if file is not None:
        items = {one.item_code for one in job.pack.processes if one.item_code}
        known = {(one.office, one.item_code, one.channel) for one in rated}
        told = ratings_of(file.read_bytes(), items=items, where=file.name)
        rated += [one for one in told if (one.office, one.item_code, one.channel) not in known]
    said = (("好评 good", "good"), ("差评 bad", "bad"))
    return [
        (one.office, "", one.item_code, one.channel.value, word, str(getattr(one, name)), "", "")
        for one in rated
        for word, name in said
    ]


def _give(rows: Sequence[tuple[str, ...]], out: Path | None) -> None:
    if out is None:
        typer.echo(table([HEAD, *rows]))
        return
    from mianshen.documents.live_text import tamed

    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([tamed(cell) for cell in row] for row in (HEAD, *rows))
    Path(part).replace(out)
    say(f"已写入 {out},{len(rows)} 行", f"wrote {len(rows)} rows")


def rate(
    case: CaseArgument,
    pack: PackOption,
    actor: ActorOption,
    channel: Annotated[Channel, typer.Option(help="好差评或12345  the rating device, or the hotline")],
    good: Annotated[bool, typer.Option("--good/--bad", help="好评或差评  satisfied or not")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记办结事项的评价:一个渠道一次,计入年度表。 Keep what a person said of how the finished case was served."""
    from mianshen.stages import handle

    is_new = handle.rate(job_of(pack, home=home, actor=actor, at=at), case, channel, is_good=good)
    say("已登记" if is_new else "早已登记,没有变化", "recorded" if is_new else "recorded before; nothing changed")


def draw_experts(
    case: CaseArgument,
    step: Annotated[str, typer.Argument(help="由专家办理的环节  the step that experts decide")],
    pack: PackOption,
    actor: ActorOption,
    treating: Annotated[list[str] | None, typer.Option(help="经治医师,回避  treating doctor, recused")] = None,
    relative: Annotated[list[str] | None, typer.Option(help="近亲属,回避  a relative, recused")] = None,
    unavailable: Annotated[list[str] | None, typer.Option(help="不能到场  cannot come")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """抽取评审专家:随机数、回避和结果入账;没有新的回避时不重抽。 Draw the experts of a review; seed and recusals are recorded."""
    from mianshen.stages.draw import draw

    said = {Recusal.TREATING_DOCTOR: treating, Recusal.RELATIVE: relative, Recusal.UNAVAILABLE: unavailable}
    recused = {code: reason for reason, codes in said.items() for code in codes or ()}
    made = draw(job_of(pack, home=home, actor=actor, at=at), case, step, recused)
    told = f"draw {made.draw_no}, seed {made.seed}; {len(made.recused)} recused"
    say(f"第{made.draw_no}次抽取:{'、'.join(made.experts)}", told)
