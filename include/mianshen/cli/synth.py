"""`mianshen synth`: a fictional county's deliveries, with their answer key beside them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_moment, parse_month


def make(
    pack: Annotated[str, typer.Option(help="县区政策包  county pack")],
    out: Annotated[Path, typer.Option(help="交付文件放在哪里  folder for the deliveries")],
    month: Annotated[str | None, typer.Option(help="月份，缺省上一个整月  2026-10, the last full month when absent")] = None,
    insured: Annotated[int, typer.Option(min=100, help="参保人数  insured people")] = 20_000,
    seed: Annotated[int, typer.Option(help="随机种子，同种子同字节  equal seeds give equal bytes")] = 7,
    answer: Annotated[Path | None, typer.Option(help="答案放在哪里，缺省 <out>-answer  folder for the answer key")] = None,
    as_of: Annotated[str | None, typer.Option(help="此刻之后的日子不交付  days after it are not delivered")] = None,
    late_list: Annotated[str | None, typer.Option(help="扣下哪份名单  list that is held back")] = None,
    bad_files: Annotated[bool, typer.Option("--bad-files", help="另加应拒收的文件  add files that must be refused")] = False,
    canaries: Annotated[int, typer.Option(min=0, help="泄漏测试用的人数  persons that a leak test looks for")] = 0,
) -> None:
    """造一个虚构县区一年至今的交付文件。 Write a fictional county's files of the year to date; every person is made up."""
    from mianshen.policy.packs import load_pack
    from mianshen.synth import make_county

    moment = parse_moment(as_of) if as_of else datetime.now(ZONE)
    wanted = parse_month(month) if month else last_full_month(moment.date())
    try:
        made = make_county(
            load_pack(pack, on=wanted.last_day),
            month=wanted,
            insured=insured,
            seed=seed,
            out=out,
            answer=answer or out.with_name(f"{out.name}-answer"),
            as_of=moment,
            late_list=late_list,
            bad_files=bad_files,
            canaries=canaries,
        )
    except ValueError as cause:
        raise typer.BadParameter(str(cause)) from cause
    say(f"{len(made.files)} 个文件在 {out}，答案在 {made.answer}", f"{len(made.files)} files, the answer key beside them")
    typer.echo(json.dumps(made.as_dict(), ensure_ascii=False, indent=2))
