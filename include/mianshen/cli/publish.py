"""`mianshen publish`: the month's result tables into a SQL database of the reader's choice, or into a folder of Parquet files."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_month
from mianshen.core.errors import MianshenError


def publish(
    pack: Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")],
    url: Annotated[str | None, typer.Option(help="目标数据库 SQLAlchemy URL  SQLAlchemy URL of the mart")] = None,
    folder: Annotated[Path | None, typer.Option(help="或写成 Parquet 文件的目录  or the folder of Parquet files")] = None,
    month: Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")] = None,
    home: HomeOption = None,
) -> None:
    """把当月结果表复制到 SQL 数据库或 Parquet 目录(无个人信息)。 Copy the month's result tables; they name nobody."""
    from mianshen.stages.frame import make_job
    from mianshen.warehouse.publish import publish as copy
    from mianshen.warehouse.publish_files import publish_files

    if url is None and folder is None:
        raise MianshenError("PATH_MISSING", found="publish", where="--url | --folder")

    now = datetime.now(ZONE)
    chosen = parse_month(month) if month else last_full_month(now.date())
    job = make_job(pack, month=chosen, as_of=now, home=home_at(home), entropy=os.urandom)
    place = {"county_code": job.county_code, "month": str(chosen)}
    copied = {} if url is None else copy(job.lake, url, **place)
    copied |= {} if folder is None else publish_files(job.lake, folder, **place)
    for table, rows in copied.items():
        typer.echo(f"  {table}  {rows}")
    say(f"已复制 {len(copied)} 张表", f"{len(copied)} tables copied")
