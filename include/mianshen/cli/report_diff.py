"""`mianshen report diff`: why the figures of a month are others than before."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.jobs import PackOption
from mianshen.cli.say import say, table
from mianshen.core.days import ZONE, parse_month
from mianshen.core.money import show_yuan

if TYPE_CHECKING:
    from mianshen.stages.figures import Change, Compared

FIGURES = {
    "people_listed": ("在册人数", "people listed", "人"),
    "people_treated": ("就诊人数", "people treated", "人"),
    "people_relieved": ("救助人数", "people relieved", "人"),
    "visits": ("就诊人次", "visits", "人次"),
    "visits_relieved": ("救助人次", "visits relieved", "人次"),
    "cost_fen": ("总费用", "cost", "元"),
    "fund_fen": ("基金支付", "paid by funds", "元"),
    "burden_fen": ("个人负担", "borne by people", "元"),
    "relief_fen": ("核定救助", "relief", "元"),
    "paid_fen": ("其中已到账", "of it paid", "元"),
}
"""Figures in Chinese and English, with their unit."""


def diff(
    pack: PackOption,
    month: Annotated[str, typer.Option(help="哪个月的数字 2026-10  whose figures")],
    since: Annotated[str, typer.Option("--from", help="较早的运行编号、日期或 now  a run, a day, or now")],
    until: Annotated[str, typer.Option("--to", help="较晚的运行编号、日期或 now  a run, a day, or now")] = "now",
    category: Annotated[str, typer.Option(help="类别,ALL 为全部  a category, or ALL")] = "TOTAL",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON print JSON")] = False,
    home: HomeOption = None,
) -> None:
    """同一个月的数字为何与上次不同:人数、人次、金额逐项按原因说明,各原因之和等于差额。 Why figures differ, by cause."""
    from mianshen.stages.figures import compare
    from mianshen.stages.frame import make_job

    now = datetime.now(ZONE).replace(microsecond=0)
    job = make_job(pack, month=parse_month(month, where="--month"), as_of=now, home=home_at(home), entropy=os.urandom)
    found = compare(job, since=since, until=until)
    chosen = [one for one in found.changes if category in ("ALL", one.category_code)]
    wanted = sorted(chosen, key=lambda one: (one.category_code, list(FIGURES).index(one.figure_code)))
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"changes": [asdict(one) for one in wanted]}, ensure_ascii=False, indent=2))
        return
    _show(found, wanted, month=month)


def _show(found: Compared, wanted: list[Change], *, month: str) -> None:
    from mianshen.core.late_news import CAUSES, MONEY_CAUSES

    words = {**CAUSES, **MONEY_CAUSES}

    say(
        f"{month}:{found.then_at}(运行 {found.then_run[:12]})至 {found.now_at}(运行 {found.now_run[:12]})",
        f"{month} as known at {found.then_at} and at {found.now_at}",
    )
    rows: list[tuple[str, ...]] = []
    for one in wanted:
        zh, _, unit = FIGURES[one.figure_code]
        name = zh if one.category_code == "TOTAL" else f"{zh}·{one.category_code}"
        rows.append((name, _number(one.then, unit), _number(one.now, unit), _number(one.now - one.then, unit, sign=True), unit))
        rows += [("", "", words[cause][0], _number(part, unit, sign=True), unit) for cause, part in one.causes]
    typer.echo(table(rows))
    for cause, people in found.people:
        say(f"{words[cause][0]}:涉及 {people} 人", f"{words[cause][1]}: {people} people")


def _number(value: int, unit: str, *, sign: bool = False) -> str:
    text = show_yuan(value) if unit == "元" else f"{value:,}"
    return f"+{text}" if sign and value > 0 else text
