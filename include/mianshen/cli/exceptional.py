"""`mianshen exceptional`: relief that a meeting granted beyond the rules, with its minutes; the supervisor's own list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, hash_of, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.money import parse_fen, show_yuan

app = typer.Typer(help="会商特殊救助 relief granted by a meeting, beyond the rules", no_args_is_help=True)


@app.command("add")
def add(
    pack: PackOption,
    actor: ActorOption,
    person: Annotated[str, typer.Option(help="人员代码(person_key),不写姓名证号  person_key; no name, no number")],
    department: Annotated[str, typer.Option(help="付款并审批的部门  department that pays and approves")],
    fund: Annotated[str, typer.Option(help="资金代码  fund")],
    yuan: Annotated[str, typer.Option(help="金额(元)  amount in yuan")],
    minutes: Annotated[str, typer.Option(help="会商纪要号  number of the minutes")],
    paper: Annotated[Path, typer.Option(help="纪要扫描件,只记其指纹  the scanned minutes; only the hash is kept")],
    decider: Annotated[str, typer.Option(help="会商决定人  who decided in the meeting")],
    decided_on: Annotated[str, typer.Option("--on", help="会商日期 YYYY-MM-DD  day of the meeting")],
    year: Annotated[int | None, typer.Option(help="待遇年度,默认会商当年  benefit year, else the meeting's")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记会商决定的特殊救助:进入审批和付款;登记人不得是决定人,也不得审批。 Record a grant; it waits for the approver."""
    from mianshen.core.exceptional import Grant
    from mianshen.stages.exceptional import add as record

    try:
        day = date.fromisoformat(decided_on)
        fen = parse_fen(yuan)
    except ValueError:
        raise MianshenError("EXCEPTIONAL_INVALID", found=f"--on {decided_on} --yuan {yuan}", where="exceptional_award") from None
    grant = Grant(
        person_key=person,
        department_code=department,
        fund_code=fund,
        amount_fen=fen,
        minutes_no=minutes.strip(),
        document_sha256=hash_of(paper),
        decided_by=decider.strip(),
        decided_on=day,
        benefit_year=day.year if year is None else year,
    )
    key = record(job_of(pack, home=home, actor=actor, at=at), grant)
    say(f"已登记 {key},待部门审批", f"{key} is recorded; the department's approver decides")


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """全部特殊救助:纪要号、金额、决定人、登记人、审批结论、付款状态。 Every one, with who decided, recorded and approved."""
    from mianshen.warehouse.exceptionals import listed

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = listed(connection, county_code=job.county_code)
    if not rows:
        say("没有特殊救助", "there is none")
        return
    names: tuple[str, ...] = (
        "exceptional_id",
        "minutes_no",
        "decided_on",
        "decided_by",
        "department_code",
        "fund_code",
        "recorded_by",
    )
    names += ("outcome", "approved_by", "payment_state")
    lines = [(*(str(row[name] or "") for name in names), show_yuan(row["amount_fen"])) for row in rows]
    typer.echo(table([(*names, "yuan"), *lines]))
