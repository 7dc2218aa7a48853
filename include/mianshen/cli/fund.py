"""`mianshen fund`: receipts, transfers, clinics' advances, finance's sign-off, balances, the monthly statement."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, hash_of, job_of, text_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.money import parse_fen, show_yuan

app = typer.Typer(help="资金 funds", no_args_is_help=True)
PaperOption = Annotated[Path, typer.Option(help="凭证扫描件,只记其指纹  the scanned paper; only its hash is kept")]
KINDS = {"receipt": "到账", "transfer": "划转", "advance": "预拨", "top-up": "补足申请", "used": "汇总表核销"}
"""What can be asked for."""


@app.command("ask")
def ask(
    kind: Annotated[str, typer.Argument(help="receipt 到账 | transfer 划转 | advance 预拨 | top-up 补足申请 | used 汇总表核销")],
    pack: PackOption,
    actor: ActorOption,
    fund: Annotated[str, typer.Option(help="资金代码,见 funds.yaml  fund")],
    yuan: Annotated[str, typer.Option(help="金额(元)  amount in yuan")],
    on: Annotated[str, typer.Option(help="发生日期 2026-11-05  day")],
    paper: PaperOption,
    to: Annotated[str | None, typer.Option(help="划入的资金  fund that it goes to")] = None,
    clinic: Annotated[str | None, typer.Option(help="医疗机构代码  clinic")] = None,
    month: Annotated[str | None, typer.Option(help="汇总表月份 2026-10  month of the clinic's statement")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """申请一项资金事项;另一人签批后才记账。 Ask for an act of a fund; it is entered once another person agrees."""
    from mianshen.stages.reconcile import fund_acts as funds

    if kind not in KINDS:
        raise typer.BadParameter(f"种类为 {'、'.join(KINDS)}  one of {', '.join(KINDS)}")
    try:
        fen = parse_fen(yuan)
    except ValueError as cause:
        raise MianshenError("MONEY_INVALID", found=yuan, where="--yuan") from cause
    act = funds.ask(
        job_of(pack, home=home, actor=actor, at=at),
        kind.replace("-", "_"),
        fund_code=fund,
        amount_fen=fen,
        happened_on=date.fromisoformat(on),
        paper_sha256=hash_of(paper),
        other_fund=to,
        clinic_code=clinic,
        month=month,
    )
    say(f"已申请 {act}:{KINDS[kind]} {show_yuan(fen)} 元,待签批", "asked; another person signs it")


@app.command("settle")
def settle(
    year: Annotated[int, typer.Argument(help="年度  year")],
    pack: PackOption,
    actor: ActorOption,
    paper: PaperOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """年度清算:各机构未用完的预拨退回资金,待签批。 Yearly settlement: what clinics still hold goes back, once signed."""
    from mianshen.stages.reconcile import fund_acts as funds

    acts = funds.settle_advances(job_of(pack, home=home, actor=actor, at=at), year, paper_sha256=hash_of(paper))
    say(f"待签批 {len(acts)} 项:{' '.join(acts)}", f"{len(acts)} acts wait for the sign-off")


@app.command("services")
def services(
    pack: PackOption,
    actor: ActorOption,
    paper: PaperOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """考核补助:按最新考核结果,各机构应得而未申请的服务补助,待签批。 What clinics are still due for assessed packages."""
    from mianshen.stages.reconcile import fund_acts as funds

    acts = funds.ask_services(job_of(pack, home=home, actor=actor, at=at), paper_sha256=hash_of(paper))
    names = ("act_id", "clinic_code", "fund_code")
    typer.echo(
        table([(*names, "amount"), *((*(str(one[name]) for name in names), show_yuan(one["amount_fen"])) for one in acts)])
    )
    say(f"待签批 {len(acts)} 项", f"{len(acts)} acts wait for the sign-off")


@app.command("clinic")
def clinic(
    form: Annotated[Path, typer.Argument(help="登记表(JSON),办完即销毁  the form; destroy it afterwards")],
    pack: PackOption,
    actor: ActorOption,
    paper: PaperOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记收款的基层机构:代码、信用代码、户名、账号;另一人确认后生效。 Record a clinic that is paid."""
    from mianshen.stages.pay import clinics

    found = clinics.add(job_of(pack, home=home, actor=actor, at=at), text_of(form), paper_sha256=hash_of(paper))
    say(f"已登记 {found},待另一人确认", "recorded; another person confirms it")


@app.command("confirm-clinic")
def confirm_clinic(
    record: Annotated[str, typer.Argument(help="机构登记编号  record id")],
    pack: PackOption,
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """确认收款机构及其账户,须由登记人以外的人办理。 Confirm a clinic, as another person than who recorded it."""
    from mianshen.stages.pay import clinics

    clinics.confirm(job_of(pack, home=home, actor=actor, at=at), record)
    say("已确认", "confirmed")


@app.command("clinics")
def show_clinics(pack: PackOption, home: HomeOption = None) -> None:
    """收款机构登记:代码、登记人、确认人。 Clinics that are paid, by their codes."""
    from mianshen.warehouse.clinics import records

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = records(connection, county_code=job.county_code)
    names = ("clinic_id", "clinic_code", "payee_key", "recorded_by", "recorded_at", "confirmed_by", "confirmed_at")
    typer.echo(table([names, *(tuple(str(row[name] or "") for name in names) for row in rows)]))


@app.command("sign")
def sign(
    act: Annotated[str, typer.Argument(help="资金事项编号  act id")],
    pack: PackOption,
    actor: ActorOption,
    refuse: Annotated[bool, typer.Option("--refuse", help="退回  refuse")] = False,
    reason: Annotated[str, typer.Option(help="理由,退回时必写  why")] = "",
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """财政签批资金事项与批次用款,须由申请人以外的人办理。 Finance signs an act, as another person than who asked."""
    from mianshen.stages.reconcile import fund_acts as funds

    found = funds.check(job_of(pack, home=home, actor=actor, at=at), act, is_agreed=not refuse, reason=reason)
    say(f"{'已退回' if refuse else '已签批'} {act} {show_yuan(found['amount_fen'])} 元", found["kind"])


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """资金事项与各资金、各机构余额。 Acts, and the balance of every fund and clinic."""
    from mianshen.warehouse.funds import acts_of, balances

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        acts = acts_of(connection, county_code=job.county_code)
        standing = balances(connection, county_code=job.county_code)
    names = ("act_id", "kind", "fund_code", "other_fund", "clinic_code", "payment_batch_id", "made_by", "outcome", "checked_by")
    lines = [(*(str(row[name] or "") for name in names), show_yuan(row["amount_fen"])) for row in acts]
    typer.echo(table([(*names, "amount"), *lines]))
    say("余额", "balances")
    typer.echo(table([(fund, holder or "—", show_yuan(fen)) for (fund, holder), fen in standing.items()]))


@app.command("statement")
def statement(
    month: Annotated[str, typer.Argument(help="月份 2026-10  month")],
    pack: PackOption,
    out: Annotated[Path, typer.Option(help="写入的 .xlsx 文件  the workbook to write")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """资金月报:每项资金、每个机构的期初、收支、期末。 The month's statement of every fund and clinic."""
    from mianshen.stages.reconcile import fund_acts as funds

    rows = funds.write_statement(job_of(pack, home=home, actor="reader", at=at), month, out)
    say(f"已写入 {out.name}:{rows} 行", f"{rows} rows")
