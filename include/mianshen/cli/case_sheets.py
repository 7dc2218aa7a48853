"""`mianshen case sheet`, `take` and `roll`: a step's cases as a sheet to fill in, what came back, and lists of people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.case import PackOption
from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, job_of
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError

ProcessArgument = Annotated[str, typer.Argument(help="流程代码  process code")]


def download_sheet(
    process: ProcessArgument,
    step: Annotated[str, typer.Argument(help="环节代码  step code")],
    pack: PackOption,
    actor: ActorOption,
    out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件  where to write the workbook")],
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """下载一个环节的办理表(Excel,含姓名,留痕),填好后用 take 交回。 Everything that waits in a step, with names, logged."""
    from mianshen.documents.outbox import OWNER_ONLY
    from mianshen.stages.disclose import make_step_sheet

    content = make_step_sheet(job_of(pack, home=home, actor=actor, at=at), process, step)
    out.touch(mode=OWNER_ONLY)
    out.chmod(OWNER_ONLY)
    out.write_bytes(content)
    say(f"已写出 {out.name}", f"written, {len(content)} bytes")


def take_sheet(
    sheet: Annotated[Path, typer.Argument(help="填好的办理表  the sheet that came back")],
    pack: PackOption,
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """采纳填好的办理表:整表校验,有误则全部不采纳;交两次不重复办理。 Take a sheet, whole or not at all; twice changes nothing."""
    from mianshen.stages.sheets import take_sheet as take

    if not sheet.is_file():
        raise MianshenError("PATH_MISSING", found=sheet.name, where="sheet")
    counts = take(job_of(pack, home=home, actor=actor, at=at), sheet.read_bytes(), where=sheet.name).counts
    said = " ".join(f"{name} {count}" for name, count in counts.items())
    say(f"已办理 {counts['decided']} 件,早已办理 {counts['stood']} 件", said)


def make_list(
    process: ProcessArgument,
    roll: Annotated[str, typer.Argument(help="名单代码,见 process.yaml 的 rolls  code of the list")],
    pack: PackOption,
    year: Annotated[int, typer.Option(help="待遇年度  benefit year")],
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """生成一份人员名单(Excel,含姓名证号,留痕),放在用它的部门的目录。 A list of people for its department, logged."""
    from mianshen.stages.disclose import make_roll

    made = make_roll(job_of(pack, home=home, actor=actor, at=at), process, roll, benefit_year=year)
    say(f"{made.people} 人,{made.path}", f"{made.people} people")


def print_step(
    process: ProcessArgument,
    step: Annotated[str, typer.Argument(help="打印审批表的环节  the printing step")],
    pack: PackOption,
    year: Annotated[int, typer.Option(help="待遇年度  benefit year")],
    actor: ActorOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """逐人打印审批表(PDF)并写打印清单;已打印的不重打,重打用 paper form --again。 Everybody's form and the list."""
    from mianshen.stages.disclose import print_step as printing

    made = printing(job_of(pack, home=home, actor=actor, at=at), process, step, benefit_year=year)
    say(f"新打印 {made.printed} 份,清单共 {made.papers} 份 {made.pages} 页:{made.path}", f"printed {made.printed} forms")
