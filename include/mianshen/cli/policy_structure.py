"""`mianshen policy structure`: how many rules and formulas a county's law has, counted without its constants."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from mianshen.cli.say import say, table
from mianshen.core.errors import MianshenError


def structure(
    pack: Annotated[str, typer.Argument(help="政策包  a pack")],
    on: Annotated[str, typer.Option("--on", help="哪一天 2026-10-01  which day")],
) -> None:
    """列出政策的规则和公式:去掉常数后各不相同的才算,每条附条款和法条示例。 List rules and formulas by structure."""
    from mianshen.policy.structure_shown import structure_of

    try:
        day = date.fromisoformat(on)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=on, where="--on") from cause
    found = structure_of(pack, on=day)
    for title, rows in (("规则 rules", found.rules), ("公式 formulas", found.formulas)):
        typer.echo(f"\n{title}")
        typer.echo(table([(str(place), one.structure, one.article, one.example or "—") for place, one in enumerate(rows, 1)]))
    unshown = sum(one.example is None for one in (*found.rules, *found.formulas))
    say(
        f"{pack} {on}:规则 {len(found.rules)} 条,公式 {len(found.formulas)} 个,其中 {unshown} 条没有示例。",
        f"{len(found.rules)} rules, {len(found.formulas)} formulas, {unshown} of them without an example",
    )
