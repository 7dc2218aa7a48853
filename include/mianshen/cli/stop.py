"""`mianshen stop`: stop a batch, a fund or the county at once, see whom it touches, resume as another person."""

from __future__ import annotations

from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.money import show_yuan

app = typer.Typer(help="一键停发 stop and resume payments", no_args_is_help=True)
ReasonOption = Annotated[str, typer.Option(help="原因,不写姓名证号  why; no name, no number")]


@app.command("put")
def put(
    pack: PackOption,
    actor: ActorOption,
    reason: ReasonOption,
    batch: Annotated[str | None, typer.Option(help="停发这个付款批次  this payment batch")] = None,
    fund: Annotated[str | None, typer.Option(help="停发这项资金  this fund")] = None,
    county: Annotated[bool, typer.Option("--county", help="停发全县  the whole county")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """停发:批次、资金、全县三选一;列出涉及多少人。 Stop one of batch, fund, county; says how many people it touches."""
    from mianshen.stages.reconcile.stopping import stop

    if sum((batch is not None, fund is not None, county)) != 1:
        raise typer.BadParameter("--batch、--fund、--county 三选一  choose one of them")
    job = job_of(pack, home=home, actor=actor, at=at)
    scope = "batch" if batch else "fund" if fund else "county"
    found = stop(job, scope=scope, subject_id=batch or fund or job.county_code, reason=reason)
    say(
        f"已停发 {found['stop_id']}:涉及 {found['persons']} 人 {show_yuan(found['amount_fen'])} 元",
        f"stopped; {found['persons']} people, {show_yuan(found['amount_fen'])} yuan; stopped by {found['stopped_by']}",
    )


@app.command("resume")
def lift(
    stop: Annotated[str, typer.Argument(help="停发编号  stop id")],
    pack: PackOption,
    actor: ActorOption,
    reason: ReasonOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """恢复发放;须由停发人以外的人办理。 End a stop; another person than who put it."""
    from mianshen.stages.reconcile.stopping import resume

    found = resume(job_of(pack, home=home, actor=actor, at=at), stop, reason=reason)
    say(f"已恢复 {stop}", f"resumed: {found['scope']} {found['subject_id']}, stopped by {found['stopped_by']}")


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """全部停发:编号、范围、原因、停发人、恢复人。 Every stop, who put it and who ended it."""
    from mianshen.warehouse.stops import stops_of

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = stops_of(connection, county_code=job.county_code)
    names = ("stop_id", "scope", "subject_id", "persons", "stopped_by", "stopped_at", "resumed_by", "resumed_at", "reason")
    typer.echo(table([names, *(tuple(str(row[name] or "") for name in names) for row in rows)]))


@app.command("people")
def show_people(
    stop: Annotated[str, typer.Argument(help="停发编号  stop id")], pack: PackOption, home: HomeOption = None
) -> None:
    """停发涉及的人(人员键)与金额;姓名只在保密库。 The people a stop touches, by key; names stay in the vault."""
    from mianshen.warehouse.stops import people_of

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = people_of(connection, stop)
    typer.echo(table([("person_key", "amount"), *((row["person_key"], show_yuan(row["amount_fen"])) for row in rows)]))
