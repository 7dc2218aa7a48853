"""`mianshen audit`: is the chain of decisions, payments and look-ups untouched? Checked here or from an exported file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say
from mianshen.core.errors import MianshenError

app = typer.Typer(help="审计链 audit chain", no_args_is_help=True)
BROKEN = 1
"""Exit code when the chain does not hold."""
_PROBLEMS = {
    "changed": ("内容被改动", "its content was changed"),
    "moved": ("前后不相接,中间有缺失或插入", "it does not follow its predecessor: a row is missing or was put in"),
    "cut": ("此处起的记录缺失,与所给链头不符", "from here rows are missing: the head that was given stood further on"),
    "other_head": ("与所给链头不同", "it differs from the head that was given"),
}


@app.command("verify")
def verify(
    head: Annotated[str | None, typer.Option(help="批次表上印的链头  head printed on a batch sheet")] = None,
    count: Annotated[int | None, typer.Option(help="批次表上印的条数  count printed beside it")] = None,
    file: Annotated[Path | None, typer.Option(help="改查导出的文件,不用数据库  an exported file, no database")] = None,
    home: HomeOption = None,
) -> None:
    """核对审计链;有问题时指出第一处。 Check the chain and name the first row that does not hold."""
    from mianshen.warehouse.audit import Head
    from mianshen.warehouse.audit import verify as check

    if (head is None) != (count is None):
        raise typer.BadParameter("--head 和 --count 要一起给  --head and --count go together")
    rows = _read(file) if file is not None else _rows(home)
    verdict = check(rows, expected=Head(head, count) if head is not None and count is not None else None)
    if verdict.first_bad is None:
        say(f"审计链完好:{verdict.count} 条", f"the chain holds: {verdict.count} rows")
        return
    zh, en = _PROBLEMS[verdict.problem]
    say(f"审计链第 {verdict.first_bad} 条有问题:{zh}", f"row {verdict.first_bad} does not hold: {en}")
    raise typer.Exit(BROKEN)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="写到哪里  where to write")],
    home: HomeOption = None,
) -> None:
    """导出审计链(每行一条 JSON),供离线核对。 Write the chain as JSON lines, to be checked elsewhere."""
    rows = list(_rows(home))
    file.write_text("".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows), encoding="utf-8")
    last = rows[-1]["digest"] if rows else "0" * 64
    say(f"已导出 {len(rows)} 条,链头 {last}", f"{len(rows)} rows written, head {last}")


def _rows(home: Path | None) -> Iterable[Mapping[str, Any]]:
    from mianshen.stages.frame import read_settings
    from mianshen.warehouse.audit import rows_of
    from mianshen.warehouse.upgrade import open_ledger

    place = home_at(home)
    engine = open_ledger(read_settings(place).get("ledger_url") or place.ledger_url)
    with engine.connect() as connection:
        return rows_of(connection)


def _read(file: Path) -> Iterable[Mapping[str, Any]]:
    if not file.is_file():
        raise MianshenError("PATH_MISSING", found=str(file), where="--file")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
