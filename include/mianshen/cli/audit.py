"""`mianshen audit`: is the chain of decisions, payments and look-ups untouched, and is the ledger as it was sealed?

Checked in the installation, in a backup, or from an exported file without any database.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from mianshen.warehouse.audit import Head

app = typer.Typer(help="审计链 audit chain", no_args_is_help=True)
BROKEN = 1
"""Exit code when something does not hold."""
_PROBLEMS = {
    "changed": ("内容被改动", "its content was changed"),
    "moved": ("前后不相接,中间有缺失或插入", "it does not follow its predecessor: a row is missing or was put in"),
    "cut": ("此处起的记录缺失,与所给链头不符", "from here rows are missing: the head that was given stood further on"),
    "other_head": ("与所给链头不同", "it differs from the head that was given"),
}
_DIFFERENCES = {"changed": ("被改动", "was changed"), "missing": ("被删去", "is gone"), "added": ("是后加的", "was put in")}

_PACKAGE = {
    **_DIFFERENCES,
    "missing": ("缺失", "is missing"),
    "chain": ("审计链不成立", "the audit chain does not hold"),
    "seal": ("封存文件不是审计链记下的那一份", "the seal is not the one that the chain names"),
}

Rows = Sequence[Mapping[str, Any]]


@app.command("verify")
def verify(
    head: Annotated[str | None, typer.Option(help="批次表上印的链头  head printed on a batch sheet")] = None,
    count: Annotated[int | None, typer.Option(help="批次表上印的条数  count printed beside it")] = None,
    file: Annotated[Path | None, typer.Option(help="改查导出的文件,不用数据库  an exported file, no database")] = None,
    ledger: Annotated[
        str | None, typer.Option(help="改查备份:SQLite 文件或数据库 URL  a backup: an SQLite file or a database URL")
    ] = None,
    evidence: Annotated[Path | None, typer.Option(help="封存文件所在目录  where the seals lie, else of the home")] = None,
    package: Annotated[Path | None, typer.Option(help="改查一件事项的证据包,不用数据库  an evidence package")] = None,
    home: HomeOption = None,
) -> None:
    """核对审计链,再核对账本、外发文件和查名记录。 Check the chain, then ledger, files and look-ups against it."""
    from mianshen.warehouse.audit import Head
    from mianshen.warehouse.audit import verify as check

    if (head is None) != (count is None):
        raise typer.BadParameter("--head 和 --count 要一起给  --head and --count go together")
    printed = Head(head, count) if head is not None and count is not None else None
    if package is not None:
        _check_package(package, printed)
        return
    rows = _read(file) if file is not None else _chain(home, ledger)
    verdict = check(rows, expected=printed)
    if verdict.first_bad is not None:
        zh, en = _PROBLEMS[verdict.problem]
        say(f"审计链第 {verdict.first_bad} 条有问题:{zh}", f"row {verdict.first_bad} does not hold: {en}")
        raise typer.Exit(BROKEN)
    say(f"审计链完好:{verdict.count} 条", f"the chain holds: {verdict.count} rows")
    if file is None:
        _check_seal(rows, home=home, ledger=ledger, evidence=evidence)
    if file is None and ledger is None:
        _check_lookups(rows, home=home)


@app.command("seal")
def seal_now(
    actor: Annotated[str, typer.Option(help="封存人账号  login of who seals")],
    home: HomeOption = None,
) -> None:
    """封存账本和外发文件,记入审计链;每批发放后会自动封存。 Seal the ledger and files; done after each batch anyway."""
    from datetime import datetime

    from mianshen.core.days import ZONE
    from mianshen.documents import outbox
    from mianshen.warehouse.seal import seal

    place = home_at(home)
    at = datetime.now(ZONE).isoformat(timespec="seconds")
    with _engine(home, None).begin() as connection:
        path = seal(connection, folder=place.evidence, outbox=place.root / "outbox", at=at, actor=actor, put=outbox.replace)
    say(f"已封存:{path}", f"sealed: {path}")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="写到哪里  where to write")],
    home: HomeOption = None,
) -> None:
    """导出审计链(每行一条 JSON),供离线核对。 Write the chain as JSON lines, to be checked elsewhere."""
    rows = _chain(home, None)
    file.write_text("".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows), encoding="utf-8")
    last = rows[-1]["digest"] if rows else "0" * 64
    say(f"已导出 {len(rows)} 条,链头 {last}", f"{len(rows)} rows written, head {last}")


@app.command("pack")
def pack(
    case: Annotated[str, typer.Argument(help="事项编号(受理编号)  case id, of an application its id")],
    pack_name: Annotated[str, typer.Option("--pack", help="县区政策包,如 510118_xinjin  county pack")],
    out: Annotated[Path, typer.Option(help="写到哪个 .zip 文件  where to write the package")],
    actor: Annotated[str, typer.Option(help="制作人账号,记入审计链  login of who makes it")],
    at: Annotated[str | None, typer.Option(help="制作时刻,默认现在  moment of the making, else now")] = None,
    home: HomeOption = None,
) -> None:
    """一件事项的证据包:账、依据单、时限、审计链、封存;可离线核对,不含姓名。 A case's evidence in one file, checked anywhere."""
    from mianshen.cli.jobs import job_of
    from mianshen.core.digest import sha256_hex
    from mianshen.documents.outbox import OWNER_ONLY
    from mianshen.stages.evidence import pack_case

    content = pack_case(job_of(pack_name, home=home, actor=actor, at=at), case)
    out.touch(mode=OWNER_ONLY)
    out.write_bytes(content)
    say(f"已写出 {out.name},SHA-256 {sha256_hex(content)}", f"written, {len(content)} bytes")


def _check_package(package: Path, printed: Head | None) -> None:
    from mianshen.warehouse.evidence import check

    if not package.is_file():
        raise MianshenError("PATH_MISSING", found=str(package), where="--package")
    about, found = check(package.read_bytes(), expected=printed, where=package.name)
    for one in found:
        zh, en = _PACKAGE[one.problem]
        say(f"{one.part} {zh}", f"{one.part} {en}")
    if found:
        raise typer.Exit(BROKEN)
    told = (about["case_id"], about["made_at"], about["chain"]["count"], about["chain"]["head"])
    say("证据包完好:{},制于 {},审计链 {} 条,链头 {}".format(*told), "the package holds: {}, made {}, {} rows, {}".format(*told))


def _check_seal(rows: Rows, *, home: Path | None, ledger: str | None, evidence: Path | None) -> None:
    from mianshen.warehouse import seal

    last = seal.last_seal(rows)
    if last is None:
        say("还没有封存过,只核对了审计链", "nothing was sealed yet: only the chain was checked")
        return
    place = None if ledger is not None else home_at(home)
    sealed = seal.read_seal(evidence or home_at(home).evidence, last)
    with _engine(home, ledger).connect() as connection:
        found = seal.marks_of(connection, like=sealed)
    if place is not None:
        found |= seal.file_marks(place.root / "outbox")
    is_last = last["audit_no"] == rows[-1]["audit_no"]
    differs = seal.differences(sealed, found, is_last=is_last, with_files=place is not None)
    wrong = [one for one in differs if not seal.may_follow(one)]
    _tell_followed(Counter(one.table for one in differs if seal.may_follow(one)))
    for one in wrong:
        zh, en = _DIFFERENCES[one.problem]
        say(f"{one.table} 的 {one.key} {zh}", f"{one.key} of {one.table} {en}")
    if wrong:
        raise typer.Exit(BROKEN)
    later = "" if is_last else f";此后又有 {rows[-1]['audit_no'] - last['audit_no']} 条记录,新的状态不在封存内"
    say(f"账本与第 {last['audit_no']} 条的封存相符{later}", f"the ledger is as it was sealed in row {last['audit_no']}")


def _check_lookups(rows: Rows, *, home: Path | None) -> None:
    """Both logs of look-ups against the digests that the chain names."""
    from mianshen.cli.lookups import tell_findings

    if tell_findings(home_at(home), rows):
        raise typer.Exit(BROKEN)


def _tell_followed(followed: Mapping[str, int]) -> None:
    for table, rows in sorted(followed.items()):
        say(
            f"封存后 {table} 有 {rows} 行新增或更新:收件、运行、计时等不记入审计链,请与工作日志核对",
            f"since the seal {rows} rows of {table} are new or changed: receiving, runs and clocks stand in no chain",
        )


def _chain(home: Path | None, ledger: str | None) -> Rows:
    from mianshen.warehouse.audit import rows_of

    with _engine(home, ledger).connect() as connection:
        return rows_of(connection)


def ledger_of(home: Path | None) -> Engine:
    """The home's ledger."""
    return _engine(home, None)


def _engine(home: Path | None, ledger: str | None) -> Engine:
    """The home's ledger; a backup is opened as it is, never upgraded."""
    from sqlalchemy import create_engine

    from mianshen.stages.frame import read_settings
    from mianshen.warehouse.connect import LEDGER, open_database
    from mianshen.warehouse.upgrade import open_ledger

    if ledger is None:
        place = home_at(home)
        return open_ledger(read_settings(place).get("ledger_url") or place.ledger_url)
    if "://" in ledger:
        return open_database(ledger, schema=LEDGER)
    if not Path(ledger).is_file():
        raise MianshenError("PATH_MISSING", found=ledger, where="--ledger")
    return create_engine(f"sqlite:///file:{Path(ledger).resolve()}?immutable=1&uri=true")


def _read(file: Path) -> Rows:
    if not file.is_file():
        raise MianshenError("PATH_MISSING", found=str(file), where="--file")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
