"""`mianshen intake`: a department's files judged before anything is loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mianshen.cli.say import say, table
from mianshen.core.codes import REASONS
from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month, parse_moment, parse_month
from mianshen.feeds.inbox import lone_controls
from mianshen.feeds.verdict import FileVerdict
from mianshen.feeds.words import safe_file_name

app = typer.Typer(help="收文检查。 Judge deliveries before they are loaded.", no_args_is_help=True)

GENERIC = {"roster": "generic_roster", "expense": "generic_expense"}
"""The national contract of each feed, for a county without layouts of its own."""
FEEDS = {"roster": Feed.ROSTER, "expense": Feed.SETTLEMENT}
"""What the terminal calls a feed, to its name."""


@app.command("check")
def check(
    path: Annotated[Path, typer.Argument(exists=True, help="文件或收件箱文件夹  a file or a folder")],
    feed: Annotated[str, typer.Option(help="roster 名单 | expense 费用 | bank_return 银行回盘")],
    period: Annotated[str, typer.Option(help="所属月份  month: 202612")],
    as_of: Annotated[str, typer.Option(help="收文日  day of arrival: 2027-01-04")],
    jsonl: Annotated[Path | None, typer.Option(help="结论写到哪里，含个人信息  verdicts, naming people")] = None,
    pack: Annotated[str | None, typer.Option(help="县区政策包，缺省用通用约定  county pack, else generic")] = None,
    list_code: Annotated[str | None, typer.Option("--list", help="政策包中的名单代码  list of the pack")] = None,
) -> None:
    """检查一个文件或一个收件箱，不入库。 Judge a file or an inbox from an empty state; nothing is loaded."""
    month, today = parse_month(period, where="--period"), parse_moment(as_of).date()
    verdicts = _verdicts(path, feed=feed, month=month, today=today, pack=pack, list_code=list_code)
    if jsonl is not None:
        jsonl.parent.mkdir(parents=True, exist_ok=True)
        jsonl.write_text("".join(f"{json.dumps(_plain(one), ensure_ascii=False)}\n" for one in verdicts), encoding="utf-8")
    _tell(verdicts)
    for alone in lone_controls(path) if path.is_dir() else ():
        name = safe_file_name(alone.name)
        say(f"控制文件 {name} 没有对应的文件。", f"The control file {name} speaks of a file that is not here.")


def _verdicts(
    path: Path, *, feed: str, month: Month, today: date, pack: str | None, list_code: str | None
) -> Sequence[FileVerdict]:
    from mianshen.feeds.bank.inbox import judge_inbox
    from mianshen.policy.returns import load_return_profile
    from mianshen.stages.examine import Task, examine

    if feed == Feed.BANK_RETURN:
        return judge_inbox(path, profile=load_return_profile())
    if feed not in FEEDS:
        raise typer.BadParameter(f"{feed}: {', '.join((*FEEDS, Feed.BANK_RETURN))}", param_hint="--feed")
    contract, towns = _contract(feed, month=month, pack=pack, list_code=list_code)
    return examine(path, Task(contract, month, today, towns))


def _contract(feed: str, *, month: Month, pack: str | None, list_code: str | None) -> tuple[Contract, tuple[str, ...]]:
    from mianshen.policy.contracts import national_contract
    from mianshen.policy.packs import POLICIES, load_pack

    if pack is None:
        return national_contract(GENERIC[feed], root=POLICIES), ()
    county = load_pack(pack, on=month.last_day)
    found = [one for one in county.contracts if one.feed is FEEDS[feed] and list_code in (None, one.list_code)]
    if len(found) != 1:
        raise typer.BadParameter("--list " + " | ".join(one.list_code for one in found), param_hint="--list")
    return found[0], tuple(county.towns)


def _plain(verdict: FileVerdict) -> dict[str, object]:
    rows = [[row.state.value, row.reason, row.identity, row.name] for row in verdict.rows]
    return {"path": verdict.path, "file_outcome": verdict.outcome.value, "file_reason": verdict.reason, "rows": rows}


def _tell(verdicts: Sequence[FileVerdict]) -> None:
    """A summary without a person: outcome of each file, rows by state and reason."""
    lines: list[tuple[str, ...]] = [("文件 file", "结论 outcome", "原因 reason", "行 rows")]
    lines += [(safe_file_name(one.path), one.outcome.value, one.reason, str(len(one.rows))) for one in verdicts]
    typer.echo(table(lines))
    counts = Counter((row.state.value, row.reason) for one in verdicts for row in one.rows)
    for (state, code), number in sorted(counts.items()):
        words = REASONS.get(code)
        say(
            f"{state:6} {code} {number} 行" + (f"：{words.zh}。{words.remedy_zh}" if words else ""),
            f"{number} rows" + (f": {words.en}; {words.remedy_en}" if words else ""),
        )
    total = sum(len(one.rows) for one in verdicts)
    say(f"共 {len(verdicts)} 个文件、{total} 行。未入库。", f"{len(verdicts)} files, {total} rows; nothing was loaded.")
