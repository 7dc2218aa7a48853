"""`mianshen replay`: calculation records made again from what their run stored, byte for byte."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_month
from mianshen.core.money import show_yuan

if TYPE_CHECKING:
    from mianshen.stages.frame import Job


def replay(
    pack: Annotated[str, typer.Option(help="县区政策包  county pack")],
    events: Annotated[list[str] | None, typer.Argument(help="结算流水号  claims", show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help="月份,缺省上一个整月  month, the last full one when absent")] = None,
    run: Annotated[str | None, typer.Option(help="核算运行编号,缺省该月最新  assessing run, else the newest")] = None,
    sample: Annotated[int, typer.Option(min=0, help="抽查多少次就医  so many claims in place of named ones")] = 0,
    show: Annotated[bool, typer.Option("--show", help="打印重放出的依据单  print the records")] = False,
    against: Annotated[
        str | None,
        typer.Option(help="与哪次运行比较,按原因列出差额;now 为最新  difference to --run by cause; now: the newest"),
    ] = None,
    home: HomeOption = None,
) -> None:
    """用当时存下的事实和语句重做核算依据单,逐字节比对。 Replay records byte for byte; exit code 1 when one differs."""
    from mianshen.stages.frame import make_job
    from mianshen.stages.replay import replay as replay_records

    now = datetime.now(ZONE).replace(microsecond=0)
    chosen = parse_month(month, where="--month") if month else last_full_month(now.date())
    job = make_job(pack, month=chosen, as_of=now, home=home_at(home), entropy=os.urandom)
    if against is not None:
        _compare(job, run, against)
        return
    done = replay_records(job, tuple(events or ()), run_id=run, sample=sample)
    for record in done.records if show else ():
        typer.echo(record.decode())
    for event, column in done.differing:
        say(f"{event} 与存档不同:{column}", f"{event} differs from what is stored: {column}")
    say(
        f"运行 {done.run_id[:12]}:重放 {len(done.records)} 份,{len(done.differing)} 份不同。",
        f"run {done.run_id[:12]}: {len(done.records)} records replayed, {len(done.differing)} differ",
    )
    raise typer.Exit(1 if done.differing else 0)


def _compare(job: Job, run: str | None, against: str) -> None:
    """Print what was due then, what is due now, and what each cause moved."""
    from mianshen.core.late_news import CAUSES
    from mianshen.stages.known import known

    if run is None:
        raise typer.BadParameter("--against 须同时写明 --run  needs --run")
    found = known(job, run_id=run, against=None if against == "now" else against)
    say(
        f"运行 {found.then_run[:12]} 当时应救助 {show_yuan(found.then_fen)} 元,"
        f"运行 {found.now_run[:12]} 应救助 {show_yuan(found.now_fen)} 元,相差 {show_yuan(found.now_fen - found.then_fen)} 元。",
        f"run {found.then_run[:12]}: {show_yuan(found.then_fen)} then, {show_yuan(found.now_fen)} now",
    )
    for cause, fen, people in found.causes:
        zh, en = CAUSES[cause]
        say(f"{zh}:{show_yuan(fen)} 元,{people} 人", f"{en}: {show_yuan(fen)}, {people} people")
