"""`mianshen paper`: everything that is printed about people. It opens the vault, and every time is logged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode, PeopleList

if TYPE_CHECKING:
    from mianshen.stages.disclose import Made

app = typer.Typer(help="文书 papers that name people", no_args_is_help=True)
ActorOption = Annotated[str, typer.Option(help="经办人账号,记入查询日志  login of who asks, for the log")]


@app.command("list")
def print_list(
    pack: PackOption,
    batch: Annotated[str, typer.Option(help="审批批次编号  approval batch")],
    actor: ActorOption,
    home: HomeOption = None,
) -> None:
    """打印审批批次的实名名单,供部门核对身份;每次查询都留痕。 A batch's named list for its department; always logged."""
    from mianshen.stages.disclose import approval_paper

    path = approval_paper(job_of(pack, home=home, actor=actor), batch)
    say(f"名单已生成:{path}", f"the list lies at {path}")


@app.command("form")
def print_one(
    code: Annotated[FormCode, typer.Argument(help="文书代码  which form")],
    number: Annotated[str, typer.Argument(help="受理号、事项、付款或批次编号;停发可写区划码  what it is about")],
    pack: PackOption,
    actor: ActorOption,
    again: Annotated[str | None, typer.Option(help="重打的理由  why it is printed again")] = None,
    home: HomeOption = None,
) -> None:
    """打印一份文书:审批表、受理单、告知书等;打印和重打都记入审计链。 Print a form; every print is kept in the audit chain."""
    from mianshen.stages.disclose import print_form

    _say_made(print_form(job_of(pack, home=home, actor=actor), code, number, again=again))


@app.command("people")
def list_people(
    which: Annotated[PeopleList, typer.Argument(help="last_resort 转兜底保障,closing_notice 次年1月结案  which list")],
    year: Annotated[int, typer.Option(help="待遇年度  benefit year")],
    pack: PackOption,
    actor: ActorOption,
    home: HomeOption = None,
) -> None:
    """转兜底保障、次年1月结案告知的实名名单(Excel);每次查询都留痕。 Whom to help further or to tell; logged."""
    from mianshen.stages.disclose import make_people_list

    made = make_people_list(job_of(pack, home=home, actor=actor), which, benefit_year=year)
    say(f"名单已生成,{made.people} 人:{made.path}", f"{made.people} people: {made.path}")


@app.command("notice")
def print_notices(pack: PackOption, actor: ActorOption, home: HomeOption = None) -> None:
    """公示:为到了公示环节的事项生成名单,公示期从此刻起算。 Make every notice that is due; its days run from now."""
    from mianshen.stages.disclose import publish

    made = publish(job_of(pack, home=home, actor=actor))
    for one in made:
        _say_made(one)
    if not made:
        say("没有待公示的事项", "nothing waits for a notice")


@app.command("objection")
def take_objection(
    case: Annotated[str, typer.Argument(help="事项编号  case id")],
    letter: Annotated[Path, typer.Argument(help="异议书面材料,密封保管  what was written; it is sealed")],
    pack: PackOption,
    actor: ActorOption,
    department: Annotated[str, typer.Option(help="由哪个部门受理异议  which department takes it")],
    reason: Annotated[str, typer.Option(help="理由代码  reason code")] = "NOTICE_OBJECTED",
    home: HomeOption = None,
) -> None:
    """公示期内的异议:材料密封,事项退回重办,办好后重新公示。 Seal an objection and re-open the case; a new notice follows."""
    from mianshen.core.cases import Happening
    from mianshen.core.moves import Act
    from mianshen.stages import handle
    from mianshen.stages.disclose import take_objection as take

    if not letter.is_file():
        raise MianshenError("PATH_MISSING", found=str(letter), where="paper objection")
    job = job_of(pack, home=home, actor=actor)
    sealed = take(job, case, letter.read_bytes())
    step_code, outcome_code = handle.objecting(job, case)
    act = Act(Happening.DECIDED, step_code, actor, department, job.as_of, outcome_code=outcome_code, reason_code=reason)
    handle.act(job, case, act)
    say(
        f"异议已受理,事项退回重办;材料 {sealed[:12]} 已密封",
        f"taken; the case is open again, the letter is sealed as {sealed[:12]}",
    )


@app.command("tell")
def tell_people(pack: PackOption, actor: ActorOption, home: HomeOption = None) -> None:
    """告知短信文件与信函清单:已发放、不予救助、暂停、退汇,每人每事一次;只写文件,不发送。 Whom to tell, once; nothing is sent."""
    from mianshen.stages.disclose import tell

    job = job_of(pack, home=home, actor=actor)
    counts = tell(job).counts
    where = job.home.outbox(job.pack.name) / "messages"
    say(
        f"短信 {counts['sms']} 人次 {counts['sms_parts']} 条,信函 {counts['letters']} 人次,收回 {counts['withdrawn']};{where}",
        f"{counts['sms']} messages in {counts['sms_parts']} parts, {counts['letters']} letters, {counts['withdrawn']} withdrawn",
    )


@app.command("log")
def show_log(
    pack: PackOption,
    form: Annotated[FormCode | None, typer.Option(help="只看这种文书  only this form")] = None,
    home: HomeOption = None,
) -> None:
    """打印清单和重打记录:何时、何人、哪份、为何重打。 Every print and reprint: when, who, which, why again."""
    from mianshen.warehouse.paper_facts import prints

    with job_of(pack, home=home, actor="reader").ledger.connect() as connection:
        rows = [row for row in prints(connection) if form in (None, row["form"])]
    if not rows:
        say("没有打印过文书", "nothing was printed")
        return
    names = ("at", "actor", "action", "form", "number", "papers", "reason")
    typer.echo(table([names, *(tuple(str(row[name]) for name in names) for row in rows)]))


def _say_made(made: Made) -> None:
    kind = "HTML 和 PDF" if made.is_pdf else "HTML"
    say(f"已生成 {made.papers} 份({kind}):{made.path}", f"{made.papers} made: {made.path}")
    if made.missing:
        points = "、".join(made.missing)
        say(f"有字没有字库,已以码位代替,须手写补上:{points}", f"no font here has {points}: write them in by hand")
