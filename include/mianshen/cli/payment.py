"""`mianshen payment`: what became of payments, and what a clerk does to them after they left. It names nobody."""

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

app = typer.Typer(help="付款与银行回盘 payments and the bank loop", no_args_is_help=True)
BatchArgument = Annotated[str, typer.Argument(help="付款批次  payment batch")]
PaymentArgument = Annotated[str, typer.Argument(help="付款编号  payment id")]
PaperOption = Annotated[Path, typer.Option(help="凭证扫描件,只记其指纹  the scanned paper; only its hash is kept")]


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """批次、退汇待重发的付款、挂账。 Batches, payments that came back, money in suspense."""
    from mianshen.warehouse import bank_loop, board, suspense

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        batches = board.payments(connection, job.county_code)
        back = bank_loop.returned(connection, county_code=job.county_code)
        kept = suspense.open_entries(connection, county_code=job.county_code)
    heads = ("payment_batch_id", "state", "payments", "amount")
    rows = [(one.payment_batch_id, one.state, str(one.payments), show_yuan(one.amount_fen)) for one in batches]
    typer.echo(table([heads, *rows]))
    say(f"退汇待重发 {len(back)} 笔", "payments that came back")
    typer.echo(table([(row["payment_id"], row["payee_key"], show_yuan(row["amount_fen"]), row["bank_code"]) for row in back]))
    say(f"挂账 {len(kept)} 笔", "money in suspense")
    typer.echo(
        table([(row["suspense_id"], show_yuan(row["amount_fen"]), row["reason_code"], row["recorded_at"]) for row in kept])
    )


@app.command("reissue")
def reissue(
    payment: PaymentArgument,
    pack: PackOption,
    actor: ActorOption,
    same_account: Annotated[bool, typer.Option("--same-account", help="账号核实无误,仍付原账号  the account is right")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """更正发放:认领一笔退汇,随下一批重发;一笔只能认领一次。 Claim a returned payment to be paid again, once."""
    from mianshen.stages.reconcile import acts

    acts.reissue(job_of(pack, home=home, actor=actor, at=at), payment, keeps_account=same_account)
    say("已认领,随下一批发放", "claimed; it goes with the next batch")


@app.command("by-hand")
def by_hand(
    payment: PaymentArgument,
    pack: PackOption,
    actor: ActorOption,
    on: Annotated[str, typer.Option(help="发放或退回日期 2026-11-05  day")],
    paper: PaperOption,
    back: Annotated[bool, typer.Option("--returned", help="未能发放,退回  it could not be paid")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记人工发放的结果,凭回单或收据。 Note a payment made by hand, by its paper."""
    from mianshen.stages.reconcile import acts

    job = job_of(pack, home=home, actor=actor, at=at)
    outcome = "returned" if back else "paid"
    acts.record_by_hand(job, payment, outcome=outcome, happened_on=date.fromisoformat(on), paper_sha256=hash_of(paper))
    say("已登记", outcome)


@app.command("recall")
def recall(
    batch: BatchArgument,
    pack: PackOption,
    actor: ActorOption,
    reason: Annotated[str, typer.Option(help="原因  why")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """已请银行撤回文件;银行答复前仍按在途。 The bank was asked to give a sent file back; it stays sent until it answers."""
    from mianshen.stages.reconcile import acts

    count = acts.ask_recall(job_of(pack, home=home, actor=actor, at=at), batch, reason=reason)
    say(f"已登记撤回申请,在途 {count} 笔", f"recall noted; {count} payments are open")


@app.command("recalled")
def recalled(
    batch: BatchArgument,
    pack: PackOption,
    actor: ActorOption,
    paper: PaperOption,
    refused: Annotated[bool, typer.Option("--refused", help="银行未能撤回  the bank could not")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记银行的书面答复,由申请人以外的人办理;已撤回的随下一批重发。 The bank's written answer, by another person."""
    from mianshen.stages.reconcile import acts

    job = job_of(pack, home=home, actor=actor, at=at)
    outcome = "refused" if refused else "recalled"
    found = acts.answer_recall(job, batch, outcome=outcome, paper_sha256=hash_of(paper))
    say(f"已登记:撤回 {found['payments']} 笔 {show_yuan(found['amount_fen'])} 元", f"{outcome}: {found['payments']} payments")


@app.command("cancel")
def cancel(batch: BatchArgument, pack: PackOption, actor: ActorOption, at: AtOption = None, home: HomeOption = None) -> None:
    """撤销尚未送银行的批次,其金额进入下一批。 Cancel a batch that was not sent; its money goes into the next one."""
    from mianshen.stages.reconcile import acts

    found = acts.cancel_batch(job_of(pack, home=home, actor=actor, at=at), batch)
    say(f"已撤销 {found['payments']} 笔 {show_yuan(found['amount_fen'])} 元", f"cancelled: {found['payments']} payments")


@app.command("suspend")
def suspend(
    pack: PackOption,
    actor: ActorOption,
    yuan: Annotated[str, typer.Option(help="金额(元)  amount in yuan")],
    paper: PaperOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """挂账:银行通知退回、但不知属于哪一笔的钱。 Money that came back by the bank's paper, of no known payment."""
    from mianshen.stages.reconcile import acts

    try:
        fen = parse_fen(yuan)
    except ValueError as cause:
        raise MianshenError("MONEY_INVALID", found=yuan, where="--yuan") from cause
    found = acts.record_suspense(job_of(pack, home=home, actor=actor, at=at), amount_fen=fen, paper_sha256=hash_of(paper))
    say(f"已挂账 {found}", "in suspense")


@app.command("clear")
def clear(
    suspense: Annotated[str, typer.Argument(help="挂账编号  suspense id")],
    pack: PackOption,
    actor: ActorOption,
    paper: PaperOption,
    payment: Annotated[str | None, typer.Option(help="查明是这笔付款退回;不写为退还来款方  the payment it came from")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """销账,由挂账人以外的人办理。 Clear suspense: to the payment it came from, or back to its sender."""
    from mianshen.stages.reconcile import acts

    job = job_of(pack, home=home, actor=actor, at=at)
    acts.clear_suspense(job, suspense, payment_id=payment, paper_sha256=hash_of(paper))
    say("已销账", "cleared")
