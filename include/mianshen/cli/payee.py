"""`mianshen payee`: who else than the beneficiary is paid, by which paper; accounts that are watched. It names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, hash_of, job_of, text_of
from mianshen.cli.say import say, table
from mianshen.core.money import show_yuan

app = typer.Typer(help="收款关系 payees who are not the beneficiary", no_args_is_help=True)
RelationArgument = Annotated[str, typer.Argument(help="收款关系编号  relation id")]


@app.command("add")
def add(
    form: Annotated[Path, typer.Argument(help="登记表(JSON),办完即销毁  the form; destroy it afterwards")],
    pack: PackOption,
    actor: ActorOption,
    paper: Annotated[Path, typer.Option(help="凭证扫描件,只记其指纹  the scanned paper; only its hash is kept")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记垫付医院、监护人、继承人或供养机构;另一人确认后生效。 Record a payee; it counts once another person confirms it."""
    from mianshen.stages.pay import payees

    found = payees.add(job_of(pack, home=home, actor=actor, at=at), text_of(form), paper_sha256=hash_of(paper))
    say(f"已登记 {found},待另一人确认", "recorded; another person confirms it")


@app.command("confirm")
def confirm(
    relation: RelationArgument, pack: PackOption, actor: ActorOption, at: AtOption = None, home: HomeOption = None
) -> None:
    """确认收款关系,须由登记人以外的人办理。 Confirm a relation, as another person than who recorded it."""
    from mianshen.stages.pay import payees

    payees.confirm(job_of(pack, home=home, actor=actor, at=at), relation)
    say("已确认", "confirmed")


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """全部收款关系:人员键、种类、垫付额或份额、登记人、确认人、终止人。 Every relation, by keys."""
    from mianshen.warehouse.payees import relations_of

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = relations_of(connection, county_code=job.county_code)
    names = ("relation_id", "kind", "person_key", "payee_key", "event_id", "recorded_by", "confirmed_by", "ended_by")
    lines = [
        (
            *(str(row[name] or "") for name in names),
            show_yuan(row["advanced_fen"]) if row["advanced_fen"] else "",
            f"{row['share_ppm']} ppm" if row["share_ppm"] else "",
        )
        for row in rows
    ]
    typer.echo(table([(*names, "advanced", "share"), *lines]))


@app.command("end")
def end(
    relation: RelationArgument,
    pack: PackOption,
    actor: ActorOption,
    reason: Annotated[str, typer.Option(help="原因,不写姓名证号  why; no name, no number")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """终止收款关系;已付的不变。 End a relation; what was paid stands."""
    from mianshen.stages.pay import payees

    payees.end(job_of(pack, home=home, actor=actor, at=at), relation, reason=reason)
    say("已终止", "ended")


@app.command("watch")
def watch(
    file: Annotated[Path, typer.Argument(help="账号清单,一行一个  account numbers, one a line")],
    pack: PackOption,
    actor: ActorOption,
    reported: Annotated[bool, typer.Option("--reported", help="被举报的账号,而非公职人员的  reported, not an officer's")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """公职人员或被举报的账号:付款到这里先由人核查,台账只留摘要键。 Accounts that wait for a person; only digests are kept."""
    from mianshen.stages.pay import payees

    kind = "flagged" if reported else "officer"
    count = payees.watch(job_of(pack, home=home, actor=actor, at=at), text_of(file).splitlines(), kind=kind)
    say(f"新列入 {count} 个账号", f"{count} accounts are watched from now on")


@app.command("unwatch")
def unwatch(
    file: Annotated[Path, typer.Argument(help="写着一个账号的文件  a file with one account number")],
    pack: PackOption,
    actor: ActorOption,
    reason: Annotated[str, typer.Option(help="原因  why")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """解除一个账号,须由列入人以外的人办理。 Watch an account no more, as another person."""
    from mianshen.stages.pay import payees

    count = payees.unwatch(job_of(pack, home=home, actor=actor, at=at), text_of(file).strip(), reason=reason)
    say(f"已解除 {count} 条", "released")
