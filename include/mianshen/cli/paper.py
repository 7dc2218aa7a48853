"""`mianshen paper`: the named list that a department checks its batch by. It opens the vault, and every time is logged."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month


def paper(
    pack: Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")],
    batch: Annotated[str, typer.Option(help="审批批次编号  approval batch")],
    actor: Annotated[str, typer.Option(help="经办人账号,记入查询日志  login of who asks, for the log")],
    home: HomeOption = None,
) -> None:
    """打印审批批次的实名名单,供部门核对身份;每次查询都留痕。 A batch's named list for its department; always logged."""
    from mianshen.stages.disclose import approval_paper
    from mianshen.stages.frame import make_job

    now = datetime.now(ZONE).replace(microsecond=0)
    job = make_job(pack, month=last_full_month(now.date()), as_of=now, home=home_at(home), entropy=os.urandom, actor=actor)
    path = approval_paper(job, batch)
    say(f"名单已生成:{path}", f"the list lies at {path}")
