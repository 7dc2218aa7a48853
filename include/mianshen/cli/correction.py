"""`mianshen correction`: what was paid beyond what is due, why, what is open of it, and how it is settled. It names nobody."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.money import parse_fen, show_yuan

app = typer.Typer(help="更正与追回 late news: supplements and recoveries", no_args_is_help=True)
NumberArgument = Annotated[str, typer.Argument(help="追回编号或事项编号  recovery or case id")]


@app.command("list")
def show_list(
    pack: PackOption,
    is_all: Annotated[bool, typer.Option("--all", help="连同已结清的  settled ones too")] = False,
    home: HomeOption = None,
) -> None:
    """追回:编号、原因、数额、未结清、办法、事项。 Recoveries: id, cause, amount, what is open, way, case."""
    from mianshen.core.late_news import CAUSES
    from mianshen.warehouse.recoveries import of_county

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = [row for row in of_county(connection, county_code=job.county_code) if is_all or row["open_fen"] > 0]
    if not rows:
        say("没有未结清的追回", "nothing is open")
        return
    heads = ("recovery_id", "found_at", "cause", "amount", "open", "way", "case_id")
    lines = [
        (
            row["recovery_id"],
            row["found_at"][:10],
            CAUSES[row["cause"]][0],
            show_yuan(row["amount_fen"]),
            show_yuan(row["open_fen"]),
            row["way"],
            row["case_id"] or "",
        )
        for row in rows
    ]
    typer.echo(table([heads, *lines]))


@app.command("show")
def show_one(number: NumberArgument, pack: PackOption, home: HomeOption = None) -> None:
    """一笔追回:当时与现在、逐笔构成、如何结清、分期。 One recovery: then and now, its postings, how it was settled."""
    from mianshen.core.late_news import CAUSES
    from mianshen.warehouse.recoveries import entries_of, lines_of, parts_of, recovery_of

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        row = recovery_of(connection, number, county_code=job.county_code)
        lines = lines_of(connection, row["recovery_id"])
        entries, parts = (read(connection, row["recovery_id"]) for read in (entries_of, parts_of))
    (zh, en), amount, left = CAUSES[row["cause"]], show_yuan(row["amount_fen"]), show_yuan(row["open_fen"])
    say(f"{row['recovery_id']}:{zh},多付 {amount} 元,未结清 {left} 元", f"{en}; {left} open of {amount}")
    heads = ("event_id", "benefit_code", "fund_code", "amount", "当时 then", "现在 now")
    typer.echo(
        table(
            [
                heads,
                *(
                    (
                        one["event_id"],
                        one["benefit_code"],
                        one["fund_code"],
                        show_yuan(one["amount_fen"]),
                        (one["then_run_id"] or "")[:12],
                        one["run_id"][:12],
                    )
                    for one in lines
                ),
            ]
        )
    )
    if entries:
        shown = [(one["entry"], show_yuan(one["amount_fen"]), one["reference"], one["actor"], one["at"]) for one in entries]
        typer.echo(table([("entry", "amount", "reference", "actor", "at"), *shown]))
    if parts:
        due = [(str(one["part_no"]), one["due_on"], show_yuan(one["amount_fen"])) for one in parts]
        typer.echo(table([("part", "due_on", "amount"), *due]))


@app.command("receive")
def receive(
    number: NumberArgument,
    pack: PackOption,
    actor: ActorOption,
    yuan: Annotated[str, typer.Option(help="收到的金额(元)  yuan that came")],
    reference: Annotated[str, typer.Option(help="收据或银行流水号,同一号只登记一次  receipt; once each")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记本人退回的钱;结清时事项自动办结。 Record money paid back; the case ends once nothing is open."""
    from mianshen.stages import correct

    job = job_of(pack, home=home, actor=actor, at=at)
    is_new = correct.receive(job, number, amount_fen=parse_fen(yuan), reference=reference)
    say("已登记" if is_new else "早已登记,没有变化", "recorded" if is_new else "recorded before; nothing changed")


@app.command("instalments")
def agree(
    number: NumberArgument,
    pack: PackOption,
    actor: ActorOption,
    parts: Annotated[int, typer.Option(help="分几期,每月一期  how many monthly parts")],
    first: Annotated[str, typer.Option(help="首期到期日 2026-12-10  day of the first")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """约定分期退回。 Agree that what is open is paid back in parts."""
    from mianshen.stages import correct

    job = job_of(pack, home=home, actor=actor, at=at)
    plan = correct.agree_instalments(job, number, parts=parts, first_on=date.fromisoformat(first))
    typer.echo(table([("due_on", "amount"), *((day, show_yuan(fen)) for day, fen in plan)]))
