"""`mianshen officer`: who answers for relief in group, departments, towns and villages. Logins only, no name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say, table

app = typer.Typer(help="救助专员 officers who are told", no_args_is_help=True)


@app.command("take")
def take(
    sheet: Annotated[Path, typer.Argument(help="分送表:层级,单位,职责,登录名  routing table", exists=True)],
    pack: PackOption,
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """导入分送表,整份替换,有误的整份不收。 Take the routing table, whole or not at all."""
    from mianshen.stages.appoint import take as appoint

    count = appoint(job_of(pack, home=home, actor=actor, at=at), sheet.read_bytes(), where=sheet.name)
    say(f"现有 {count} 人", f"{count} officers")


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """分送表,以及没有专员的部门和镇街。 The routing table, and departments and towns that have nobody."""
    from mianshen.core.officers import missing
    from mianshen.warehouse.officers import standing

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        found = standing(connection, county_code=job.county_code)
    lines = [(one.level.value, one.place, one.role, one.login) for one in found]
    typer.echo(table([("层级 level", "单位 place", "职责 role", "登录名 login"), *lines]))
    lacking = missing(found, departments=[one.code for one in job.pack.departments], towns=job.pack.towns)
    if lacking:
        say(f"没有专员:{'、'.join(lacking)}", f"{len(lacking)} have no officer")
