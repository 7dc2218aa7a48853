"""`mianshen fund`: receipts, transfers, clinics' advances, finance's sign-off, balances, the monthly statement."""

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
