"""`mianshen case`: what waits in the county's processes and for whom, one matter's story, an act in it. It names nobody."""

from __future__ import annotations

from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.cases import Happening

app = typer.Typer(help="办理事项 cases of a process", no_args_is_help=True)
PackOption = Annotated[str, typer.Option(help="县区政策包,如 360702_zhanggong  county pack")]
CaseArgument = Annotated[str, typer.Argument(help="事项编号  case id")]


@app.command("list")
def show_list(
    pack: PackOption,
    process: Annotated[str | None, typer.Option(help="只看这个流程  only this process")] = None,
    department: Annotated[str | None, typer.Option(help="只看这个部门  only what this department holds")] = None,
    home: HomeOption = None,
) -> None:
    """待办环节:事项、环节、由谁办、何时到达。 Open steps: case, step, holder, since when; oldest first."""
    from mianshen.warehouse.cases import waiting

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        rows = waiting(connection, county_code=job.county_code, process_code=process, department_code=department)
    if not rows:
        say("没有待办环节", "nothing waits")
        return
    names = ("case_id", "process_code", "step_code", "round_no", "department_code", "town", "opened_at")
    typer.echo(table([names, *(tuple(str(row[name] or "") for name in names) for row in rows)]))


@app.command("show")
def show_one(case: CaseArgument, pack: PackOption, home: HomeOption = None) -> None:
    """一件事项的全部经过。 Everything that happened in one case, in order."""
    from mianshen.core.money import show_yuan
    from mianshen.warehouse.bills import standing
    from mianshen.warehouse.cases import case_of, events_of

    job = job_of(pack, home=home, actor="reader")
    with job.ledger.connect() as connection:
        own = case_of(connection, case, county_code=job.county_code)
        events = events_of(connection, [case])[case]
        billed = standing(connection, [case], county_code=job.county_code).get(case, [])
    typer.echo(table([(name, str(value)) for name, value in own.items() if value is not None and name != "person_key"]))
    head = ("", "happened_at", "happening", "step", "round", "department", "outcome", "reason", "actor", "papers")
    lines = [
        (
            str(number),
            one.at.isoformat(timespec="minutes"),
            one.happening.value,
            one.step_code,
            str(one.round_no or ""),
            one.department_code,
            one.outcome_code,
            one.reason_code or "",
            one.actor,
            ",".join(one.papers),
        )
        for number, one in enumerate(events, 1)
    ]
    typer.echo(table([head, *lines]))
    for bill in billed:
        said = f"{show_yuan(bill.awarded_fen)} / {show_yuan(bill.away_fen)}"
        typer.echo(f"单据 bill {bill.event_id}: {bill.decided or '待定 open'},核定 / 已拨付 awarded / away {said}")


@app.command("open")
def open_one(
    process: Annotated[str, typer.Argument(help="流程代码  process code")],
    pack: PackOption,
    subject: Annotated[str, typer.Option(help="办什么事:申请编号等,不写姓名证号  what it is about; no name, no number")],
    year: Annotated[int, typer.Option(help="待遇年度  benefit year")],
    actor: ActorOption,
    channel: Annotated[str | None, typer.Option(help="受理渠道  how it came")] = None,
    town: Annotated[str | None, typer.Option(help="镇街  town")] = None,
    item: Annotated[str | None, typer.Option(help="同一申请的哪一项,如病种代码  which item of it, such as a disease")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """开立事项;已开立的不再开。 Open a case; one that stands is left."""
    from mianshen.stages.handle import open_cases
    from mianshen.warehouse.cases import Matter, case_id

    job = job_of(pack, home=home, actor=actor, at=at)
    matter = Matter(subject, year, channel=channel, town=town, item_code=item)
    fresh = open_cases(job, process, [matter])
    key = case_id(job.county_code, process, matter)
    say(f"{'已开立' if fresh else '早已开立'} {key}", f"{'opened' if fresh else 'stands already'}")


@app.command("act")
def act_in_one(
    case: CaseArgument,
    step: Annotated[str, typer.Argument(help="环节代码  step code")],
    pack: PackOption,
    actor: ActorOption,
    department: Annotated[str, typer.Option(help="代表哪个部门  for which department")],
    outcome: Annotated[str | None, typer.Option(help="结论代码  outcome of a decision")] = None,
    reason: Annotated[str | None, typer.Option(help="理由代码  reason code")] = None,
    paper: Annotated[list[str] | None, typer.Option(help="收到的材料代码,可重复  papers that came")] = None,
    to: Annotated[str | None, typer.Option(help="转给哪个部门  delegate to this department")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="中止计时  time stands still")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="恢复计时  time runs again")] = False,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """在事项中办理一步:结论、收材料、转办、中止、恢复,五者择一。 One act: decide, take papers, delegate, pause, or resume."""
    from mianshen.core.moves import Act
    from mianshen.stages.handle import act

    said = {
        Happening.DECIDED: outcome is not None,
        Happening.PAPERS: bool(paper),
        Happening.DELEGATED: to is not None,
        Happening.PAUSED: pause,
        Happening.RESUMED: resume,
    }
    chosen = [kind for kind, is_said in said.items() if is_said]
    if len(chosen) != 1:
        raise typer.BadParameter("--outcome、--paper、--to、--pause、--resume 五选一  choose one of them")
    job = job_of(pack, home=home, actor=actor, at=at)
    wanted = Act(chosen[0], step, actor, department, job.as_of, outcome or "", reason, tuple(paper or ()), to or "")
    handled = act(job, case, wanted)
    say("已记录" if handled.done else "早已记录,没有变化", "recorded" if handled.done else "recorded before; nothing changed")


@app.command("bill")
def lay_bills(
    case: CaseArgument,
    pack: PackOption,
    actor: ActorOption,
    event: Annotated[list[str], typer.Option(help="单据流水号,可重复  ids of the bills or fees that the case claims")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """把窗口受理的单据归入事项:事项同意后计算、支付,一张单据只归一件事项。 Lay bills to the case that decides about them."""
    from mianshen.stages.handle import attach

    fresh = attach(job_of(pack, home=home, actor=actor, at=at), case, event)
    say(f"归入 {fresh} 张,早已归入 {len(set(event)) - fresh} 张", f"{fresh} laid to the case")


@app.command("pass")
def pass_over(pack: PackOption, at: AtOption = None, home: HomeOption = None) -> None:
    """期限届满、由时间办结的环节予以办结。 Pass the steps that time decides and whose period is over."""
    from mianshen.stages.handle import run

    counts = run(job_of(pack, home=home, at=at)).counts
    say(
        f"办结 {counts['passed_by_time']} 件,待办 {counts['waiting']} 件",
        f"{counts['passed_by_time']} passed, {counts['waiting']} wait",
    )
