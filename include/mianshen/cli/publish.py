"""`mianshen publish`: the month's result tables into a SQL database of the reader's choice."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_month


def publish(
    pack: Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")],
    url: Annotated[str, typer.Option(help="目标数据库 SQLAlchemy URL  SQLAlchemy URL of the mart")],
    month: Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")] = None,
    home: HomeOption = None,
) -> None:
    """把当月结果表复制到 SQL 数据库(无个人信息)。 Copy the month's result tables into a SQL database; they name nobody."""
    from mianshen.stages.frame import make_job
    from mianshen.warehouse.publish import publish as copy

    now = datetime.now(ZONE)
    chosen = parse_month(month) if month else last_full_month(now.date())
    job = make_job(pack, month=chosen, as_of=now, home=home_at(home), entropy=os.urandom)
    copied = copy(job.lake, url, county_code=job.county_code, month=str(chosen))
    for table, rows in copied.items():
        typer.echo(f"  {table}  {rows}")
    say(f"已复制 {len(copied)} 张表", f"{len(copied)} tables copied")
