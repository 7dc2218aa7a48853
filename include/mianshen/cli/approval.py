"""`mianshen approval`: departments' batches, items and decision sheets; items are delegated, paused, resumed. It names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.cases import Happening
from mianshen.core.codes import reason
from mianshen.core.errors import MianshenError
from mianshen.core.money import show_yuan

if TYPE_CHECKING:
    from mianshen.stages.frame import Job

app = typer.Typer(help="救助审批 approval of relief by departments", no_args_is_help=True)
BatchArgument = Annotated[str, typer.Argument(help="审批批次编号  approval batch id")]
ItemsArgument = Annotated[list[int], typer.Argument(help="序号,可多个  item numbers")]
DepartmentOption = Annotated[str | None, typer.Option(help="部门代码,默认批次所属部门  department, else the batch's own")]


@app.command("batches")
def show_batches(pack: PackOption, home: HomeOption = None) -> None:
    """各审批批次:部门、月份、件数、待审、由人审、已中止。 Batches with what waits, for people, and what stands still."""
    from mianshen.warehouse.approvals import batches, undecided

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        known = batches(connection, county_code=job.county_code)
        waiting = undecided(connection, county_code=job.county_code)
    rows: list[tuple[str, ...]] = [("batch", "department", "month", "items", "yuan", "waiting", "for people", "paused")]
    for one in known:
        own = [row for row in waiting if row["approval_batch_id"] == one["approval_batch_id"]]
        people, paused = sum(row["route"] == "person" for row in own), sum(bool(row["is_paused"]) for row in own)
        head = (one["approval_batch_id"], one["department_code"], one["month"], str(one["items"]), show_yuan(one["amount_fen"]))
        rows.append((*head, str(len(own)), str(people), str(paused)))
    typer.echo(table(rows))


@app.command("items")
def show_items(batch: BatchArgument, pack: PackOption, home: HomeOption = None) -> None:
    """一个批次的事项:金额、分流、由谁办、结论。 A batch's items: amount, route, holder, decision."""
    from mianshen.warehouse.approvals import batch_of, items_of

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        batch_of(connection, batch, county_code=job.county_code)
        items = items_of(connection, batch)
    head = ("no", "receipt", "yuan", "route", "why", "holder", "outcome", "reason", "how", "by", "at")
    rows: list[tuple[str, ...]] = [head]
    for one in items:
        state = one["outcome"] or ("paused" if one["is_paused"] else "waiting")
        said = (state, *(one[name] or "" for name in ("reason_code", "how", "decided_by", "decided_at")))
        why = reason(one["route_reason"]).code
        rows.append(
            (
                str(one["item_no"]),
                one["receipt_no"],
                show_yuan(one["amount_fen"]),
                one["route"],
                why,
                one["holder_department"],
                *said,
            )
        )
    typer.echo(table(rows))


@app.command("pace")
def show_pace(pack: PackOption, at: AtOption = None, home: HomeOption = None) -> None:
    """各部门每天须办多少件、能否按期办完。 How many a day each department must decide, and what would be left at the due day."""
    from mianshen.warehouse.approval_pace import pace

    job = job_of(pack, home=home, actor="reader", at=at)
    with job.ledger.connect() as connection:
        rows = pace(connection, job.pack, as_of=job.as_of)
    if not rows:
        say("没有待人审核的事项", "nothing waits for a person")
        return
    names: tuple[str, ...] = ("department_code", "due_on", "waiting", "days_left", "quota_per_day", "counting", "required_pace")
    names += ("decided_today", "pace_so_far", "short_by")
    typer.echo(table([names, *(tuple("" if row[name] is None else str(row[name]) for name in names) for row in rows)]))


@app.command("sheet")
def download_sheet(
    batch: BatchArgument,
    pack: PackOption,
    out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件  where to write the workbook")],
    department: DepartmentOption = None,
    home: HomeOption = None,
) -> None:
    """下载审批表(Excel),填好黄色栏目后用 answer 交回。 The decision sheet of what waits; fill in the yellow cells."""
    from mianshen.stages.approve import make_sheet

    content = make_sheet(job_of(pack, home=home, actor="reader"), batch, holder=department)
    out.write_bytes(content)
    say(f"已写出 {out}", f"written, {len(content)} bytes")


@app.command("answer")
def take_sheet_back(
    sheet: Annotated[Path, typer.Argument(help="填好的审批表  the sheet that came back")],
    pack: PackOption,
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """采纳填好的审批表:整表校验,有误则全部不采纳。 Take a sheet: whole, or not at all with every faulty cell named."""
    from mianshen.stages.approve import take_sheet

    if not sheet.is_file():
        raise typer.BadParameter(f"没有文件 {sheet}  there is no such file")
    counts = take_sheet(job_of(pack, home=home, actor=actor, at=at), sheet.read_bytes(), by=actor, where=sheet.name).counts
    if not counts["recorded"]:
        say("早已记录,没有变化", "recorded before; nothing changed")
        return
    said = (counts["recorded"], counts["agree"], counts["return"], counts["refuse"])
    say(
        "已记录 {} 件:同意 {}、退回补正 {}、不予救助 {}".format(*said),
        "recorded {}: {} agreed, {} returned, {} refused".format(*said),
    )


@app.command("collect")
def collect_signed(pack: PackOption, at: AtOption = None, home: HomeOption = None) -> None:
    """采纳部门用自己的数据库账号签下的答复(office.answer)。 Take what departments signed by their own database logins."""
    from mianshen.stages.approve import record_replies
    from mianshen.warehouse.access import signed_answers

    job = job_of(pack, home=home, actor="system", at=at)
    with job.ledger.connect() as connection:
        answers = signed_answers(connection, county_code=job.county_code)
    recorded, refused = 0, 0
    for batch, reply in answers:
        try:
            recorded += record_replies(job, batch, reply).counts["recorded"]
        except MianshenError as refusal:
            refused += 1
            typer.echo(refusal.message())
    say(
        f"答复 {len(answers)} 份,新记录 {recorded} 件,未采纳 {refused} 份",
        f"{len(answers)} answers, {recorded} items recorded, {refused} not taken",
    )


@app.command("delegate")
def delegate(
    batch: BatchArgument,
    items: ItemsArgument,
    pack: PackOption,
    actor: ActorOption,
    to: Annotated[str, typer.Option(help="转给哪个部门  department that takes them over")],
    department: DepartmentOption = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """转办:由另一部门审核,付款部门不变。 Another department decides; who pays does not change."""
    _turn(job_of(pack, home=home, actor=actor, at=at), batch, items, Happening.DELEGATED, department, to=to)


@app.command("pause")
def pause(
    batch: BatchArgument,
    items: ItemsArgument,
    pack: PackOption,
    actor: ActorOption,
    why: Annotated[str, typer.Option("--reason", help="中止理由代码  reason code of the pause")],
    department: DepartmentOption = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """中止计时,须有流程列明的理由。 Time stands still, for a reason that the process lists."""
    _turn(job_of(pack, home=home, actor=actor, at=at), batch, items, Happening.PAUSED, department, why=why)


@app.command("resume")
def resume(
    batch: BatchArgument,
    items: ItemsArgument,
    pack: PackOption,
    actor: ActorOption,
    department: DepartmentOption = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """恢复计时。 Time runs again."""
    _turn(job_of(pack, home=home, actor=actor, at=at), batch, items, Happening.RESUMED, department)


def _turn(
    job: Job, batch: str, items: list[int], happening: Happening, department: str | None, *, to: str = "", why: str | None = None
) -> None:
    from mianshen.core.approving import Turn
    from mianshen.stages.approve import turn_items
    from mianshen.warehouse.approvals import batch_of

    with job.ledger.connect() as connection:
        own = batch_of(connection, batch, county_code=job.county_code)["department_code"]
    wanted = Turn(happening, job.actor, department or own, job.as_of, reason_code=why, to_department=to)
    counts = turn_items(job, batch, items, wanted).counts
    say(
        f"已记录 {counts['turned']} 件,早已如此 {counts['stood']} 件",
        f"{counts['turned']} recorded, {counts['stood']} stood so before",
    )
