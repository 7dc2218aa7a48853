"""`mianshen simulate`: a year of counties in minutes, every planted miss looked for, through the stages' own entries."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say

if TYPE_CHECKING:
    from mianshen.cli.simulate.truth import Verdict as Verdict
    from mianshen.cli.simulate.year import Year
    from mianshen.core.paths import Home

WRONG = 1
"""Exit code when a planted miss was not raised once, in time, or something else was raised."""


def simulate(
    pack: Annotated[list[str], typer.Option(help="县区政策包,可重复  county packs")],
    year: Annotated[int, typer.Option(min=2023, max=2027, help="待遇年度  benefit year")] = 2026,
    people: Annotated[int, typer.Option(min=10, max=100_000, help="每县人数  people a county")] = 2_000,
    seed: Annotated[int, typer.Option(help="随机种子,同种子同结果  equal seeds give equal years")] = 7,
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON  print JSON only")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="只说结果  the result only")] = False,
) -> None:
    """模拟一年的办理:故意的逾期应各报一次、按时报、不多报。 A simulated year; each planted miss is to be raised once, in time."""
    results = {}
    with tempfile.TemporaryDirectory(prefix="mianshen-simulate-") as folder:
        for name in pack:
            place = home_at(home if home is not None else Path(folder) / name)
            told = [] if as_json or quiet else [typer.echo]
            done = simulate_county(place, name, year=year, people=people, seed=seed, told=told)
            results[name] = result_of(done)
            if not as_json:
                _say(name, done)
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2, sort_keys=True))
    if not all(one["is_right"] for one in results.values()):
        raise typer.Exit(WRONG)


def simulate_county(
    place: Home, name: str, *, year: int, people: int, seed: int, told: list[Any], is_watched: bool = True
) -> Year:
    """A county's year in a home of its own, which is made where it does not stand."""
    from mianshen.cli.init import fill_register, prepare
    from mianshen.cli.simulate.matters import matters_of_year
    from mianshen.cli.simulate.year import Year
    from mianshen.core.days import ZONE, Month
    from mianshen.stages.frame import make_job

    prepare(place, packs=(name,), go_live=None)
    job = make_job(name, month=Month(year - 1, 12), as_of=datetime(year - 1, 12, 1, tzinfo=ZONE), home=place, entropy=os.urandom)
    keys = fill_register(place, vault_url=job.vault_url, people=people)
    done = Year(job, seed, is_watched=is_watched, told=told[0] if told else _nowhere)
    done.run(matters_of_year(job.pack, year=year, people=keys, seed=seed))
    return done


def result_of(done: Year) -> dict[str, Any]:
    """The year as JSON values: what happened how often, and planted misses against raised ones."""
    verdict = done.truth.verdict()
    unexplained = _unexplained(done)
    return {
        "counts": dict(sorted(done.counts.items())),
        "open_cases": len(done.open_cases()),
        "open_without_a_planted_reason": unexplained,
        "is_right": verdict.is_right and not unexplained,
        **asdict(verdict),
    }


def _unexplained(done: Year) -> list[str]:
    """Cases that stayed open though nobody meant to leave them."""
    meant = {subject.split("|")[0] for subject in done.truth.meant}
    return sorted(case for case in done.open_cases() if case not in meant)


def _say(name: str, done: Year) -> None:
    found = result_of(done)
    say(
        f"{name}:事项 {done.counts['cases']} 件,办理 {done.counts['acts']} 次,公示 {done.counts['notices']} 份;"
        f"故意逾期 {found['planted']},报出 {found['raised']};{'全部按时各报一次' if found['is_right'] else '不符,见下'}",
        f"{done.counts['cases']} cases, {found['planted']} planted misses, {found['raised']} raised: "
        f"{'each once at its due moment' if found['is_right'] else 'WRONG'}",
    )
    for kind in ("lost", "false", "doubled", "mistimed", "open_without_a_planted_reason"):
        for subject in found[kind]:
            typer.echo(f"  {kind}: {subject}")


def _nowhere(_: str) -> None:
    """What happened is not told."""
