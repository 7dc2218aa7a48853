"""`mianshen roster`: what the lists said of a month, as it was known when money was paid. Counts and keys, no name."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say, table
from mianshen.core.days import ZONE, parse_moment, parse_month
from mianshen.core.errors import MianshenError

app = typer.Typer(help="名单 departments' lists", no_args_is_help=True)


@app.callback()
def of_lists() -> None:
    """名单在某一时刻所知的内容。 What the lists said, as known at a moment."""


@app.command("held")
def held(
    pack: Annotated[str, typer.Option(help="县区政策包,如 510118_xinjin  county pack")],
    month: Annotated[str, typer.Option(help="在册月份  month in which the identity is held: 2026-08")],
    as_known: Annotated[str, typer.Option(help="当时:日期(当日末)或时刻  as known on a day (its end) or at a moment")],
    row: Annotated[str | None, typer.Option(help="只看一人:批次:行号  one person, by DELIVERY:LINE")] = None,
    person: Annotated[str | None, typer.Option(help="只看一人:person_key  one person, by key")] = None,
    home: HomeOption = None,
) -> None:
    """某月在册的人:当时所知、现在所知,以及不同的原因。 Who was held in a month as known then and now, and why."""
    from mianshen.core.codes import reason
    from mianshen.stages.frame import make_job
    from mianshen.warehouse import roster_held

    now = datetime.now(ZONE).replace(microsecond=0)
    job = make_job(pack, month=parse_month(month), as_of=now, home=home_at(home), entropy=os.urandom)
    asked = roster_held.Asked(
        county_code=job.county_code,
        month=job.month,
        as_known=_moment(as_known),
        seen_at=job.moment,
        essential_lists=tuple(one.list_code for one in job.pack.lists if one.is_essential),
        partial_lists=tuple(one.list_code for one in job.pack.lists if not one.is_complete),
        application_lists=job.pack.application_lists,
    )
    if row is not None or person is not None:
        key = person or _person(job.lake, row or "")
        cells = [
            (one.list_code, one.category_code, _yes(one.was_held), _yes(one.is_held), one.reason_code or "")
            for one in roster_held.held_by(job.lake, asked, key)
        ]
        typer.echo(table([("list", "category", "当时 then", "现在 now", "原因 cause"), *cells]))
        return
    counted = roster_held.held(job.lake, asked)
    lines = [
        (
            one.list_code,
            one.category_code,
            str(one.then),
            str(one.now),
            " ".join(f"{code} {people}" for code, people in one.causes),
        )
        for one in counted
    ]
    typer.echo(table([("list", "category", "当时 then", "现在 now", "原因 cause"), *lines]))
    for code in sorted({code for one in counted for code, _ in one.causes}):
        say(f"{code}:{reason(code).zh}", reason(code).en)


def _person(store: object, row: str) -> str:
    from mianshen.warehouse.lake import Lake
    from mianshen.warehouse.roster_held import person_at

    delivery_id, _, line = row.partition(":")
    if not isinstance(store, Lake) or not (line.isascii() and line.isdigit()):
        raise MianshenError("LINK_ROW_UNKNOWN", found=row, where="DELIVERY:LINE")
    return person_at(store, delivery_id=delivery_id, line_no=int(line))


def _moment(written: str) -> str:
    """The moment; of a bare day its last second."""
    day = f"{written}T23:59:59+08:00" if len(written) == len("2026-10-05") else written
    return parse_moment(day).isoformat(timespec="seconds")


def _yes(flag: bool) -> str:
    return "在册 held" if flag else "不在册 not held"
