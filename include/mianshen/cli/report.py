"""`mianshen report`: reports about a county's month that name nobody."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.jobs import AtOption, PackOption
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_moment, parse_month

app = typer.Typer(help="报告 reports that name nobody", no_args_is_help=True)


@app.callback()
def noun() -> None:
    """报告 reports that name nobody."""


@app.command("portrait")
def make_portrait(
    pack: PackOption,
    month: Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")] = None,
    out: Annotated[Path | None, typer.Option(help="另存为这个 HTML 文件  also put it here")] = None,
    pdf: Annotated[Path | None, typer.Option(help="另存为 PDF(需要 pango 和中文字体)  also as PDF")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """群体画像报告:一县一月一个离线 HTML,小数目不公布,不含个人信息。 The month's portrait report; it names nobody."""
    from mianshen.documents.pdf import print_pdf
    from mianshen.documents.portrait.page import for_print
    from mianshen.stages import report
    from mianshen.stages.catalogue import entry
    from mianshen.stages.frame import make_job

    moment = parse_moment(at, where="--at") if at else datetime.now(ZONE).replace(microsecond=0)
    chosen = parse_month(month) if month else last_full_month(moment.date())
    job = make_job(pack, month=chosen, as_of=moment, home=home_at(home), entropy=os.urandom)
    done = entry(report.STAGE)(job)
    made = report.read_report(job)
    if out is not None:
        out.write_bytes(made)
    if pdf is not None:
        pdf.write_bytes(print_pdf(for_print(made.decode())))
    say(f"群体画像报告:{out or report.report_path(job)}", f"run {done.run_id}, {done.counts['hidden']} figures hidden")
