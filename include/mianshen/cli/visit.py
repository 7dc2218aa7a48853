"""`mianshen visit`: whom the towns are to ask, the sheet to take along, what came of it. Only the sheet names people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError
from mianshen.core.visits import SpokeWith, Way

app = typer.Typer(help="走访 visits of people whom relief does not reach", no_args_is_help=True)
CaseArgument = Annotated[str, typer.Argument(help="事项编号  case id")]


@app.command("list")
def show_list(pack: PackOption, home: HomeOption = None) -> None:
    """各镇街、网格待访:流程、环节、由谁访、人数、最早期限。 Who waits to be asked, by town, grid and step."""
    from mianshen.core.officers import told_of
    from mianshen.warehouse.officers import standing
    from mianshen.warehouse.visits import waiting

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = waiting(connection, job.pack)
        officers = standing(connection, county_code=job.county_code)
    if not rows:
        say("没有待访的人", "nobody waits to be asked")
        return
    names = ("process_code", "step_code", "town", "grid_code", "department_code")
    places: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        told = told_of(officers, department=row["department_code"], town=row["town"])
        places.setdefault((*(row[name] or "—" for name in names), ",".join(told) or "—"), []).append(row["due_on"] or "—")
    head = (*names, "officers", "people", "due_on")
    typer.echo(table([head, *((*place, str(len(dues)), min(dues)) for place, dues in sorted(places.items()))]))


@app.command("sheet")
def download_sheet(
    process: Annotated[str, typer.Argument(help="流程代码  process code")],
    step: Annotated[str, typer.Argument(help="环节代码  step code")],
    pack: PackOption,
    actor: ActorOption,
    out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件  where to write the workbook")],
    town: Annotated[
        str | None,
        typer.Option(
            help="镇街,“全部镇街”为全县区,不写为镇街不明的人  the town, 全部镇街 for the whole county, else people of no town"
        ),
    ] = None,
    grid: Annotated[str | None, typer.Option(help="只要一个网格的人(网格代码)  people of one grid only")] = None,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """下载一个镇街的走访表(Excel,含姓名电话,留痕),填好后用 take 交回。 The town's visit sheet, with names, logged."""
    from mianshen.documents.outbox import OWNER_ONLY
    from mianshen.stages.disclose import make_visit_sheet

    content = make_visit_sheet(job_of(pack, home=home, actor=actor, at=at), process, step, town=town, grid=grid)
    out.touch(mode=OWNER_ONLY)
    out.chmod(OWNER_ONLY)
    out.write_bytes(content)
    say(f"已写出 {out.name}", f"written, {len(content)} bytes")


@app.command("take")
def take(
    sheet: Annotated[Path, typer.Argument(help="填好的走访表  the sheet that came back")],
    pack: PackOption,
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """采纳填好的走访表:整表校验,有误则全部不采纳。 Take a sheet: whole, or not at all with every faulty cell named."""
    from mianshen.stages.disclose import keep_addresses
    from mianshen.stages.visits import take_sheet

    if not sheet.is_file():
        raise MianshenError("PATH_MISSING", found=sheet.name, where="sheet")
    job, content = job_of(pack, home=home, actor=actor, at=at), sheet.read_bytes()
    counts = take_sheet(job, content, where=sheet.name).counts
    keep_addresses(job, content, where=sheet.name)
    said = " ".join(f"{name} {count}" for name, count in counts.items() if name not in ("recorded", "stood"))
    say(f"已记录 {counts['recorded']} 次,早已记录 {counts['stood']} 次", f"recorded: {said}")


@app.command("record")
def record_one(
    case: CaseArgument,
    pack: PackOption,
    actor: ActorOption,
    outcome: Annotated[str, typer.Option(help="结果代码  outcome of the step")],
    spoke: Annotated[SpokeWith, typer.Option(help="问到谁  who answered")],
    way: Annotated[Way, typer.Option(help="上门或电话  at home or by phone")],
    visitor: Annotated[str, typer.Option(help="走访人姓名或工号  who went: a name or number of the staff")],
    day: Annotated[str, typer.Option("--on", help="走访日 YYYY-MM-DD  day of the visit")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """登记一次走访。 Record one visit."""
    from mianshen.core.visits import Visit
    from mianshen.stages.visits import record

    try:
        visited_on = date.fromisoformat(day)
    except ValueError:
        raise MianshenError("VISIT_INVALID", found=f"--on {day}", where=f"case {case}") from None
    visit = Visit(outcome, way, spoke, visited_on, visitor.strip())
    fresh = record(job_of(pack, home=home, actor=actor, at=at), case, visit)
    say("已登记" if fresh else "早已登记,没有变化", "recorded" if fresh else "recorded before; nothing changed")


@app.command("show")
def show_one(case: CaseArgument, pack: PackOption, home: HomeOption = None) -> None:
    """一件事项的历次走访。 Every visit of one case, in order."""
    from mianshen.warehouse.visits import recorded

    job = job_of(pack, home=home, actor="reader", at=None)
    with job.ledger.connect() as connection:
        rows = recorded(connection, [case])
    names = (
        "step_code",
        "round_no",
        "visited_on",
        "visited_by",
        "way",
        "spoke_with",
        "outcome_code",
        "recorded_by",
        "recorded_at",
    )
    typer.echo(table([names, *(tuple(str(row[name]) for name in names) for row in rows)]))
