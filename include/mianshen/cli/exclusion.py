"""`mianshen exclusion`: persons who are given nothing for some days after an audit. It names nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, hash_of, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError

app = typer.Typer(help="取消救助资格 exclusions after an audit", no_args_is_help=True)
PaperOption = Annotated[Path, typer.Option(help="决定书扫描件,只记其指纹  the scanned decision; only its hash is kept")]
DeciderOption = Annotated[str, typer.Option(help="决定人或部门,不得是登记人  who decided; never who records it")]


@app.command("add")
def add(
    pack: PackOption,
    actor: ActorOption,
    person: Annotated[str, typer.Option(help="人员代码(person_key),不写姓名证号  person_key; no name, no number")],
    ground: Annotated[str, typer.Option(help="IMPOSTURE 冒名顶替 FALSE_PAPERS 虚假材料 FAVOUR 徇私舞弊  why")],
    since: Annotated[str, typer.Option(help="自哪天起不予救助 YYYY-MM-DD  first day for which nothing is given")],
    document: Annotated[str, typer.Option(help="决定书文号  number of the decision")],
    paper: PaperOption,
    decider: DeciderOption,
    decided_on: Annotated[str, typer.Option("--on", help="决定日期 YYYY-MM-DD  day of the decision")],
    until: Annotated[str | None, typer.Option(help="至哪天恢复,不写则至解除  first day for which relief is given again")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记取消资格的决定;下次核算起不予救助,已付的转入追回。 Record an exclusion; the next run refuses and asks back."""
    from mianshen.core.exclusions import Exclusion
    from mianshen.stages.exclude import add as record

    one = Exclusion(
        person_key=person,
        ground=ground,
        since=_day(since),
        until=_day(until) if until else None,
        document_no=document.strip(),
        document_sha256=hash_of(paper),
        decided_by=decider.strip(),
        decided_on=_day(decided_on),
    )
    key = record(job_of(pack, home=home, actor=actor, at=at), one)
    say(f"已登记 {key}", f"{key} is recorded")


@app.command("lift")
def lift(
    exclusion: Annotated[str, typer.Argument(help="编号  id of the exclusion")],
    pack: PackOption,
    actor: ActorOption,
    ended_on: Annotated[str, typer.Option("--from", help="自哪天起恢复 YYYY-MM-DD  first day for which relief is given again")],
    paper: PaperOption,
    decider: DeciderOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """解除:自该日起恢复救助。 Lift an exclusion from a day on."""
    from mianshen.stages.exclude import lift as end

    job = job_of(pack, home=home, actor=actor, at=at)
    end(job, exclusion, ended_on=_day(ended_on), document_sha256=hash_of(paper), decided_by=decider.strip())
    say(f"已解除 {exclusion}", "lifted")


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """全部取消资格的决定:理由、起止、文号、决定人、登记人、解除日。 Every exclusion, by keys."""
    from mianshen.warehouse.exclusions import exclusions_of

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = exclusions_of(connection, county_code=job.county_code)
    if not rows:
        say("没有取消资格的决定", "there is none")
        return
    names = ("exclusion_id", "person_key", "ground", "since", "until", "ended_on", "document_no", "decided_by", "recorded_by")
    typer.echo(table([names, *(tuple(str(row[name] or "") for name in names) for row in rows)]))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MianshenError("EXCLUSION_INVALID", found=text, where="YYYY-MM-DD") from None
