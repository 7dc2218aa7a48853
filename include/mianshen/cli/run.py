"""`mianshen run`: a county's month from the inbox to the payment file, or up to a stage, in this one process, no scheduler.

Moments and entropy enter here. A file that cannot be read is refused with its reason and the others go on; what stops the whole
run is printed with what was found, where, and what to do, and the exit code is 2.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.init import prepare
from mianshen.cli.say import say
from mianshen.core.days import ZONE, last_full_month, parse_moment, parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.paths import PRIVATE

if TYPE_CHECKING:
    from mianshen.stages.frame import Job, StageReport

OWNER_ONLY = 0o600
"""Mode of files in the inbox: they name people."""
STAGE_NAMES = {
    "receive": "接收",
    "deidentify": "去标识化",
    "validate": "校验",
    "profile": "画像",
    "assess": "核算",
    "apply": "受理",
    "approve": "审批",
    "handle": "办理",
    "confirm": "比对",
    "reconcile": "对账",
    "correct": "更正",
    "pay": "付款",
    "disclose": "出单",
    "tell": "告知",
    "radar": "走访提示",
    "portray": "档案统计",
    "release": "发布",
    "supervise": "监督",
    "report": "画像报告",
}
"""What each stage is called on the screen."""


def run(
    pack: Annotated[str, typer.Option(help="县区政策包，如 510118_xinjin  county pack")],
    month: Annotated[str | None, typer.Option(help="月份 2026-10,默认上一个整月  month, else the last full one")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="时刻 2026-11-22T09:00:00+08:00,默认现在  moment of the run, else now")
    ] = None,
    inbox: Annotated[Path | None, typer.Option(help="先把这个目录里的文件放入收件箱  files to take in first")] = None,
    decisions: Annotated[Path | None, typer.Option(help="部门答复记录(JSONL),照此重放  replies to replay")] = None,
    until: Annotated[str | None, typer.Option(help="做到这一步为止,如 validate  last stage to run, else all")] = None,
    go_live: Annotated[str | None, typer.Option(help="上线日(首次建立数据目录时用)  first day paid here")] = None,
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON print JSON")] = False,
) -> None:
    """在一个进程内跑完全链：收件、核算、审批、付款、监督。 The whole chain in one process, from the inbox to the payment file."""
    from mianshen.stages.catalogue import entry
    from mianshen.stages.frame import make_job

    if until is not None:
        entry(until)
    moment = parse_moment(as_of) if as_of else datetime.now(ZONE).replace(microsecond=0)
    chosen = parse_month(month) if month else last_full_month(moment.date())
    place = home_at(home)
    prepare(place, packs=(pack,), go_live=go_live)
    if inbox is not None:
        _take_in(inbox, place.inbox(pack))
    job = make_job(pack, month=chosen, as_of=moment, home=place, entropy=os.urandom)
    reports = run_chain(job, decisions=_readable(decisions), quiet=as_json, until=until)
    _show(job, reports, as_json=as_json)


def run_chain(job: Job, *, decisions: Path | None = None, quiet: bool = True, until: str | None = None) -> list[StageReport]:
    """Run every stage of the catalogue in order up to `until`, replaying recorded replies after the rule decided: its reports."""
    from mianshen.stages import approve
    from mianshen.stages.catalogue import STAGES

    reports = []
    for name, entry in STAGES.items():
        done = [entry(job)]
        if name == "approve" and decisions is not None:
            done.append(approve.replay_decisions(job, decisions))
        reports.extend(done)
        if not quiet:
            for report in done:
                _say_done(report)
        if name == until:
            break
    return reports


def _say_done(report: StageReport) -> None:
    counts = "  ".join(f"{name}={count}" for name, count in report.counts.items())
    say(f"{STAGE_NAMES[report.stage]}:完成", f"{report.stage}: {counts or 'nothing to do'}")
    for note in report.notes:
        typer.echo(f"  · {note}")


def _show(job: Job, reports: list[StageReport], *, as_json: bool) -> None:
    is_whole = any(one.stage == "supervise" for one in reports)
    if not as_json:
        typer.echo("")
        if is_whole:
            from mianshen.stages import supervise

            typer.echo(supervise.read_summary(job))
        say(f"数据目录：{job.home.root}", f"home folder: {job.home.root}")
        return
    shown: dict[str, object] = {"home": str(job.home.root), "stages": [one.as_dict() for one in reports]}
    if is_whole:
        from mianshen.stages import supervise

        figures = job.home.reports(job.pack.name) / supervise.JSON_NAME
        shown["summary"] = json.loads(figures.read_text("utf-8"))
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2, sort_keys=True))


def _take_in(source: Path, inbox: Path) -> None:
    """Copy the folder's files into the inbox, each under a temporary name first; MianshenError PATH_MISSING without a folder."""
    if not source.is_dir():
        raise MianshenError("PATH_MISSING", found=str(source), where="--inbox")
    for path in sorted(one for one in source.rglob("*") if one.is_file()):
        target = inbox / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        temporary = target.with_name(f".tmp-{target.name}")
        shutil.copyfile(path, temporary)
        temporary.chmod(OWNER_ONLY)
        temporary.rename(target)


def _readable(decisions: Path | None) -> Path | None:
    if decisions is not None and not decisions.is_file():
        raise MianshenError("PATH_MISSING", found=str(decisions), where="--decisions")
    return decisions
