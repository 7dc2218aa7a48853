"""`mianshen case counts` and `mianshen case draw`: a process in numbers, and the experts of a review."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.case import CaseArgument, PackOption
from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.experts import Recusal

HEAD = ("process", "year", "item", "step", "outcome", "cases", "median_workdays", "most_workdays")


def show_counts(
    pack: PackOption,
    year: Annotated[int | None, typer.Option(help="只看这个待遇年度  only this benefit year")] = None,
    out: Annotated[Path | None, typer.Option(help="写成这个 CSV 文件  write a CSV file")] = None,
    home: HomeOption = None,
) -> None:
    """各流程各环节的件数和所用工作日:供公开和来年复盘,不含任何人。 Cases by step and end with working days; nobody is named."""
    from mianshen.warehouse import case_counts

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        steps = case_counts.stepped(connection, county_code=job.county_code, benefit_year=year)
        ends = case_counts.ended(connection, county_code=job.county_code, calendar=job.pack.calendar, benefit_year=year)
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
    rows.sort(key=lambda one: one[:3])
    _give(rows, out)


def _give(rows: Sequence[tuple[str, ...]], out: Path | None) -> None:
    if out is None:
        typer.echo(table([HEAD, *rows]))
        return
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([HEAD, *rows])
    Path(part).replace(out)
    say(f"已写入 {out},{len(rows)} 行", f"wrote {len(rows)} rows")


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
