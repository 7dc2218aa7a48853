"""`mianshen simulate`: a year of counties in minutes, every planted miss looked for, through the stages' own entries."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mianshen.cli.homes import HomeOption, home_at
from mianshen.cli.say import say

if TYPE_CHECKING:
    from mianshen.cli.simulate.matters import Coming
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
    overlay: Annotated[list[str] | None, typer.Option(help="政策包的附加页 PACK=OVERLAY,可重复  overlays of the packs")] = None,
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出 JSON  print JSON only")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="只说结果  the result only")] = False,
) -> None:
    """模拟一年的办理:故意的逾期应各报一次、按时报、不多报。 A simulated year; each planted miss is to be raised once, in time."""
    asked = [
        Asked(one, year, people, seed, tuple(said for of, _, said in (two.partition("=") for two in overlay or ()) if of == one))
        for one in pack
    ]
    shown = None if as_json or quiet else typer.echo
    results = {}
    for name, result in _side_by_side(asked, shown) if home is None and len(asked) > 1 else _in_turn(asked, home, shown):
        results[name] = result
        if not as_json:
            _say(name, result)
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False, indent=2, sort_keys=True))
    if not all(one["is_right"] for one in results.values()):
        raise typer.Exit(WRONG)


@dataclass(frozen=True, slots=True)
class Asked:
    """A county's year that somebody wants to see."""

    pack: str
    """Its pack."""
    year: int
    """The benefit year."""
    people: int
    """How many people it has."""
    seed: int
    """Equal seeds, equal years."""
    overlays: tuple[str, ...]
    """Overlays of the pack."""

    def run(self, place: Home, told: list[Any]) -> dict[str, Any]:
        """Simulate it in this home; the result as JSON values."""
        year = simulate_county(
            place, self.pack, year=self.year, people=self.people, seed=self.seed, told=told, overlays=self.overlays
        )
        return result_of(year)


def _in_turn(
    asked: Sequence[Asked], home: Path | None, shown: Callable[[str], None] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="mianshen-simulate-") as folder:
        for one in asked:
            place = home_at(home if home is not None else Path(folder) / one.pack)
            yield one.pack, one.run(place, [shown] if shown else [])


def _side_by_side(asked: Sequence[Asked], shown: Callable[[str], None] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each county in a process of its own, as many at once as there are processors; what happened is told county by county."""
    workers = min(len(asked), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for one, (lines, result) in zip(asked, pool.map(_alone, asked), strict=True):
            for line in lines if shown else ():
                typer.echo(line)
            yield one.pack, result


def _alone(one: Asked) -> tuple[list[str], dict[str, Any]]:
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="mianshen-simulate-") as folder:
        return lines, one.run(home_at(Path(folder) / one.pack), [lines.append])


def simulate_county(
    place: Home,
    name: str,
    *,
    year: int,
    people: int,
    seed: int,
    told: list[Any],
    is_watched: bool = True,
    overlays: tuple[str, ...] = (),
    months: int = 12,
) -> Year:
    """A county's year in a home of its own, which is made where it does not stand; with relief where the county pays it, of
    so many months from January on."""
    from mianshen.cli.init import fill_register, prepare
    from mianshen.cli.simulate.matters import matters_of_year
    from mianshen.cli.simulate.relief import is_paid_here
    from mianshen.cli.simulate.year import Year
    from mianshen.core.days import ZONE, Month
    from mianshen.stages.frame import make_job

    drawn = Drawn(seed)
    prepare(place, packs=(name,), go_live=date(year, 1, 1).isoformat(), entropy=drawn)
    _name_overlays(place, name, overlays)
    job = make_job(name, month=Month(year - 1, 12), as_of=datetime(year - 1, 12, 1, tzinfo=ZONE), home=place, entropy=drawn)
    keys = fill_register(place, vault_url=job.vault_url, people=people, entropy=drawn)
    done = Year(job, seed, is_watched=is_watched, told=told[0] if told else _nowhere)
    matters = matters_of_year(job.pack, year=year, people=keys, seed=seed)
    if is_paid_here(job.pack):
        _with_relief(done, matters, year=year, people=people, months=months)
    else:
        done.run(matters)
    return done


def _with_relief(done: Year, matters: list[Coming], *, year: int, people: int, months: int) -> None:
    """The year with its feeds and lists; what had to be missed in relief is counted at its end."""
    from mianshen.cli.simulate.relief import Relief, paid_pack
    from mianshen.cli.simulate.relief_truth import plant
    from mianshen.core.days import Month

    done.job = replace(done.job, pack=paid_pack(done.job, year))
    relief = Relief(done, done.job.home.root / "simulated")
    relief.plan(last=Month(year, months), people=people)
    until = done.run(matters)
    with done.job.ledger.connect() as connection:
        clocks = plant(done.truth, relief.acts, connection, pack=done.job.pack, until=until)
    done.counts["relief_clocks"] = clocks


class Drawn:
    """Bytes that follow from the seed: equal seeds give equal keys, of the home and of its people, where nobody lives."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        """The next bytes."""
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed} {self._drawn}".encode()).digest(size)


def _name_overlays(place: Home, name: str, overlays: tuple[str, ...]) -> None:
    path = place.root / "settings.json"
    settings = json.loads(path.read_text("utf-8"))
    settings["counties"][name]["overlays"] = list(overlays)
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


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


def _say(name: str, found: dict[str, Any]) -> None:
    counts = found["counts"]
    paid = f";救助 {counts['applications']} 件,到账 {counts.get('payments.arrived', 0)} 笔" if "runs" in counts else ""
    say(
        f"{name}:事项 {counts.get('cases', 0)} 件,办理 {counts.get('acts', 0)} 次,公示 {counts.get('notices', 0)} 份{paid};"
        f"故意逾期 {found['planted']},报出 {found['raised']};{'全部按时各报一次' if found['is_right'] else '不符,见下'}",
        f"{counts.get('cases', 0)} cases, {counts.get('applications', 0)} applications of relief, {found['planted']} planted "
        f"misses, {found['raised']} raised: {'each once at its due moment' if found['is_right'] else 'WRONG'}",
    )
    for kind in ("lost", "false", "doubled", "mistimed", "open_without_a_planted_reason"):
        for subject in found[kind]:
            typer.echo(f"  {kind}: {subject}")


def _nowhere(_: str) -> None:
    """What happened is not told."""
