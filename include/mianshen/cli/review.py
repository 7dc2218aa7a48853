"""`mianshen review`: claims that a person must look at, and the decision. The first recorded one stands. Nothing names people."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say, table
from mianshen.core.days import ZONE, Month, last_full_month, parse_month
from mianshen.core.reviews import ReviewCode, ReviewOutcome

app = typer.Typer(help="结算核查 claims to look at", no_args_is_help=True)
PackOption = Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")]
MonthOption = Annotated[str | None, typer.Option(help="月份,默认上一个整月  month, else the last full one")]


@app.command("list")
def show_list(
    pack: PackOption,
    month: MonthOption = None,
    code: Annotated[ReviewCode | None, typer.Option(help="逐笔列出这一原因  list the claims of this reason")] = None,
    home: HomeOption = None,
) -> None:
    """待核查的结算:按原因汇总;加 --code 逐笔列出。 Claims to look at, by reason; one by one with --code."""
    from mianshen.documents.review_lines import review_lines
    from mianshen.stages.frame import make_job
    from mianshen.warehouse.claim_reviews import reviews_of, summary_of

    job = make_job(pack, month=_month(month), as_of=_now(), home=home_at(home), entropy=os.urandom)
    if code is None:
        rows = summary_of(job.lake, county_code=job.county_code, month=str(job.month))
        for zh, en in review_lines(rows) or [("没有待核查的结算", "no claim to look at")]:
            say(zh, en)
        return
    names = ("event_id", "person_key", "fen", "related_id", "delivery_id", "action", "outcome", "decided_by")
    rows = reviews_of(job.lake, county_code=job.county_code, month=str(job.month), code=code)
    typer.echo(table([names, *(tuple(str(row[name] if row[name] is not None else "") for name in names) for row in rows)]))


@app.command("decide")
def decide(
    pack: PackOption,
    code: Annotated[ReviewCode, typer.Option(help="核查原因  reason for the look")],
    outcome: Annotated[ReviewOutcome, typer.Option(help="release 放行,refuse 不予救助  release or refuse")],
    actor: Annotated[str, typer.Option(help="经办人账号,记入审计链  login of who decides")],
    reason: Annotated[str, typer.Option(help="理由  why")],
    event: Annotated[list[str] | None, typer.Option(help="结算流水号,可重复  settlement id, repeatable")] = None,
    every: Annotated[bool, typer.Option("--every", help="该原因下所有未定的结算  every claim of this reason that waits")] = False,
    month: MonthOption = None,
    home: HomeOption = None,
) -> None:
    """记录核查结论:先记录的为准;下次运行时放行或不予救助。 Record a decision; the next run goes by it."""
    from mianshen.stages.frame import make_job
    from mianshen.warehouse.claim_reviews import decide_claims

    if bool(event) == every:
        raise typer.BadParameter("--event 与 --every 二选一  choose one of --event and --every")
    job = make_job(pack, month=_month(month), as_of=_now(), home=home_at(home), entropy=os.urandom, actor=actor)
    count = decide_claims(
        job.lake,
        county_code=job.county_code,
        month=str(job.month),
        code=code,
        outcome=outcome,
        events=tuple(event) if event else None,
        reason=reason,
        at=job.moment,
        actor=actor,
    )
    say(f"已记录 {count} 条结论", f"{count} decisions recorded")


def _now() -> datetime:
    return datetime.now(ZONE).replace(microsecond=0)


def _month(written: str | None) -> Month:
    return parse_month(written) if written else last_full_month(_now().date())
