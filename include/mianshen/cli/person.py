"""`mianshen person`: decisions that two written identities are one person. Rows are named by delivery and line, people never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError

if TYPE_CHECKING:
    from mianshen.stages.link import Prospect

app = typer.Typer(help="同人认定 decisions that two written identities are one person", no_args_is_help=True)
ActorOption = Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who decides")]
ReasonOption = Annotated[str, typer.Option(help="理由,勿写姓名证号  why; name nobody")]
DocumentOption = Annotated[str, typer.Option(help="依据文号  reference of the paper that says so")]
LinkArgument = Annotated[str, typer.Argument(help="认定编号  link id")]
NAMES = {
    "same": ("姓名相同", "the names are equal"),
    "alike": ("姓名同音", "the names sound alike"),
    "differ": ("姓名不同", "the names differ"),
    "unknown": ("有一方无可读姓名", "one side has no readable name"),
}
STATES = {"proposed": "待复核 proposed", "confirmed": "生效 in force", "undone": "已撤销 undone"}


@app.command("suggestions")
def suggestions(pack: PackOption, home: HomeOption = None) -> None:
    """列出疑似同人的提示;提示本身不作认定。 What may be the same person; a suggestion alone links nothing."""
    from mianshen.stages.link import suggested

    rows = [(f"{delivery}:{line}", key, rule) for delivery, line, key, rule in suggested(job_of(pack, home=home))]
    typer.echo(table([("row", "person_key", "rule"), *rows]))


@app.command("link")
def link(
    row: Annotated[str, typer.Argument(help="批次:行号,见退回单  DELIVERY:LINE, as on the return slip")],
    to: Annotated[str, typer.Option(help="所指的人:批次:行号 或 person_key  who is meant: DELIVERY:LINE or a person_key")],
    pack: PackOption,
    actor: ActorOption,
    reason: ReasonOption = "",
    document: DocumentOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看,不记录  show what would be linked, record nothing")] = False,
    home: HomeOption = None,
) -> None:
    """提出同人认定:某行(无可用证号,或证号已更正)就是某人;另一人复核后,下次入库起生效。 Propose that a row is a person."""
    from mianshen.stages.link import look, place_of, propose

    place = place_of(row)
    if place is None:
        raise MianshenError("LINK_ROW_UNKNOWN", found=row, where="DELIVERY:LINE")
    job = job_of(pack, home=home, actor=actor)
    prospect = look(job, place, to)
    _tell(prospect)
    if dry_run:
        say("仅预演,没有记录", "a rehearsal: nothing was recorded")
        return
    link_id = propose(job, prospect, reason=reason, document=document)
    say(f"已提出 {link_id},待另一人复核", f"{link_id} is proposed; another person confirms it")


@app.command("confirm")
def confirm(
    link_id: LinkArgument,
    pack: PackOption,
    actor: ActorOption,
    reason: ReasonOption,
    document: DocumentOption,
    home: HomeOption = None,
) -> None:
    """复核同人认定,须为另一人。 Confirm a link; another person than the proposer."""
    from mianshen.stages.link import confirm as record

    record(job_of(pack, home=home, actor=actor), link_id, reason=reason, document=document)
    say(f"{link_id} 生效,下次入库起照此归人", f"{link_id} holds from the next load on")


@app.command("unlink")
def unlink(
    link_id: LinkArgument,
    pack: PackOption,
    actor: ActorOption,
    reason: ReasonOption,
    document: DocumentOption,
    home: HomeOption = None,
) -> None:
    """撤销同人认定:另记一条,原记录不动。 Undo a link by a new record; the old one stays."""
    from mianshen.stages.link import undo

    undo(job_of(pack, home=home, actor=actor), link_id, reason=reason, document=document)
    say(f"{link_id} 已撤销,下次入库起不再照此归人", f"{link_id} is undone from the next load on")


@app.command("links")
def show_links(pack: PackOption, home: HomeOption = None) -> None:
    """列出同人认定及每一步由谁、何时、凭何作出。 Every link with who did what, when, and why."""
    from mianshen.stages.link import listed

    rows: dict[str, list[str]] = {}
    for act in listed(job_of(pack, home=home)):
        if act["act"] == "proposed":
            row = f"{act['delivery_id']}:{act['line_no']}"
            rows[act["link_id"]] = [act["link_id"], act["link_kind"], row, act["to_key"], "", ""]
        one = rows[act["link_id"]]
        one[4] = STATES[act["act"]]
        one[5] += f"{'; ' if one[5] else ''}{act['act']} {act['actor']} {act['acted_at']} {act['document']} {act['reason']}"
    typer.echo(table([("link", "kind", "row", "person_key", "state", "acts"), *(tuple(row) for row in rows.values())]))


def _tell(prospect: Prospect) -> None:
    zh, en = NAMES[prospect.names]
    say(f"该行 {prospect.row_shown} 归为 {prospect.person_shown}:{zh}", f"the row would be that person: {en}")
    if prospect.is_same_birth is not None:
        same = "出生日期相同" if prospect.is_same_birth else "出生日期不同"
        say(same, "equal birth dates" if prospect.is_same_birth else "the birth dates differ")
    for name, count in sorted(prospect.loaded.items()):
        say(
            f"该证号名下已入库 {name} {count} 行,保持原样", f"{count} rows of {name} stand under this number and stay as they are"
        )
    if prospect.together:
        say(
            f"注意:两者同时出现在 {prospect.together} 份名单中,可能是两个人",
            f"look: both stand side by side in {prospect.together} lists and may be two people",
        )
