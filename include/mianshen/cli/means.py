"""`mianshen means`: the members of a family, the request to the department that checks incomes, and its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption
from mianshen.cli.jobs import ActorOption, AtOption, PackOption, job_of
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError

app = typer.Typer(help="家庭经济状况核对 checks of families' means", no_args_is_help=True)
OutOption = Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件  where to write the workbook")]
SheetArgument = Annotated[Path, typer.Argument(help="填好的表  the sheet that came back")]


@app.command("family")
def download_family(
    case: Annotated[str, typer.Argument(help="事项编号  case id")],
    pack: PackOption,
    actor: ActorOption,
    out: OutOption,
    at: AtOption = None,
    home: HomeOption = None,
) -> None:
    """下载一件代办申请的家庭成员登记表(含姓名证号,留痕),填好后用 members 交回。 The members' sheet of a case, logged."""
    from mianshen.stages.disclose import make_family_sheet

    _write(out, make_family_sheet(job_of(pack, home=home, actor=actor, at=at), case))


@app.command("members")
def take_members(
    sheet: SheetArgument, pack: PackOption, actor: ActorOption, at: AtOption = None, home: HomeOption = None
) -> None:
    """登记家庭成员:整表校验,有误则全部不采纳;交两次不变。 Register a family, whole or not at all; twice changes nothing."""
    from mianshen.stages.disclose import take_family

    count = take_family(job_of(pack, home=home, actor=actor, at=at), _read(sheet), where=sheet.name)
    say(f"已登记 {count} 人" if count else "早已登记,没有变化", f"members: {count}")


@app.command("request")
def download_request(pack: PackOption, actor: ActorOption, out: OutOption, at: AtOption = None, home: HomeOption = None) -> None:
    """写出核对请求(含姓名证号,留痕),送核对部门填写收入。 The request to the checking department."""
    from mianshen.stages.disclose import make_means_request

    _write(out, make_means_request(job_of(pack, home=home, actor=actor, at=at)))


@app.command("answer")
def take_answer(sheet: SheetArgument, pack: PackOption, actor: ActorOption, at: AtOption = None, home: HomeOption = None) -> None:
    """采纳核对结果:收入齐全的家庭当即按申请之日的低保标准测试;原件封存;交两次不变。 Take, test, keep the answer."""
    from mianshen.stages.disclose import keep_answer
    from mianshen.stages.means import take_answer as take

    job, content = job_of(pack, home=home, actor=actor, at=at), _read(sheet)
    counts = take(job, content, where=sheet.name).counts
    keep_answer(job, content)
    zh = f"已记录 {counts['recorded']} 人,早已记录 {counts['stood']} 人;测试 {counts['tested']} 户,符合 {counts['within']} 户"
    say(zh, f"recorded {counts['recorded']}, tested {counts['tested']}, within the line {counts['within']}")


def _read(sheet: Path) -> bytes:
    if not sheet.is_file():
        raise MianshenError("PATH_MISSING", found=sheet.name, where="sheet")
    return sheet.read_bytes()


def _write(out: Path, content: bytes) -> None:
    from mianshen.documents.outbox import OWNER_ONLY

    out.touch(mode=OWNER_ONLY)
    out.chmod(OWNER_ONLY)
    out.write_bytes(content)
    say(f"已写出 {out.name}", f"written, {len(content)} bytes")
