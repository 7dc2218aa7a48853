"""The matters of a simulated year: which cases of which process open when, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from mianshen.cli.simulate.clerk import draw_of
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.days import ZONE
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.stages.handle import COUNTY
from mianshen.warehouse.cases import Matter

CHANNELS = ("window", "clinic", "town_point", "phone")
"""How matters come."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Matters of a process that come together."""

    at: datetime
    """When."""
    process_code: str
    """Which process."""
    matters: tuple[Matter, ...]
    """What they are about."""


def matters_of_year(pack: Pack, *, year: int, people: Sequence[str | None], seed: int) -> list[Coming]:
    """Everybody has one matter in one of the processes, and each process of the whole county one; by moment.

    Relief comes from the chain of stages, recoveries from its corrections, rechecks from the window: none is opened here. A
    process of a yearly calendar opens on its first day for the benefit year, the others on working days all over the year.
    """
    draw = draw_of(seed, pack.name, year)
    own = {pack.recovery.process_code} if pack.recovery is not None else set()
    wanted = [one for one in pack.processes if not (one.is_of_awards or one.is_of_rechecks) and one.code not in own]
    personal = [one for one in wanted if not one.is_of_county]
    found = [
        Coming(_first(one, year, pack.calendar, draw), one.code, (Matter(COUNTY, year),)) for one in wanted if one.is_of_county
    ]
    for number, process in enumerate(personal):
        found += _of_process(pack, process, people[number :: len(personal)], year=year, draw=draw)
    return sorted(found, key=lambda one: (one.at, one.process_code))


def _of_process(pack: Pack, process: Process, people: Sequence[str | None], *, year: int, draw: Random) -> Iterator[Coming]:
    by_moment: dict[datetime, list[Matter]] = {}
    for number, person in enumerate(people):
        town = draw.choice(pack.towns) if pack.towns else None
        matter = Matter(f"{process.code}-{number}", year, person_key=person, channel=draw.choice(CHANNELS), town=town)
        by_moment.setdefault(_first(process, year, pack.calendar, draw), []).append(matter)
    for at, matters in sorted(by_moment.items()):
        yield Coming(at, process.code, tuple(matters))


def _first(process: Process, year: int, calendar: WorkingCalendar, draw: Random) -> datetime:
    """When a matter comes: on the first day of its yearly calendar, else on some working day."""
    windows = process.first_windows
    if windows:
        return _at(min(one.opens.on(year, calendar) for one in windows), 9)
    day = calendar.roll(date(year, 1, 1) + timedelta(days=draw.randrange(365)))
    return _at(day, draw.randint(9, 16))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZONE)
