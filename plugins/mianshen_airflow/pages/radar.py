"""What the page 应救未救 shows: signals by kind and town, who waits to be asked and until when. Nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import RowMapping

from mianshen.core.grids import Grid
from mianshen.core.pack import Pack
from mianshen.core.radar import SIGNALS
from mianshen.policy.packs import load_pack
from mianshen.warehouse import radar, visits
from mianshen.warehouse.radar import WantedSignals
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards

MOST_SHOWN = 500
"""Signals of one page; a wider choice is narrowed by its filters."""
NO_TOWN = "unknown"
"""In the address: those whose town nobody knows."""


@dataclass(frozen=True, slots=True)
class AskedSignals:
    """What the address asks for; empty text asks for everything."""

    county: str = ""
    """A pack."""
    signal: str = ""
    """One kind."""
    town: str = ""
    """A town; NO_TOWN wants those whose town nobody knows."""
    grid: str = ""
    """Code of a grid; NO_TOWN wants those whose grid nobody knows."""

    def address(self, **change: str) -> str:
        """The query of an address that asks for this, with changes; what is empty is left out."""
        said = {name: getattr(self, name) for name in ("county", "signal", "town", "grid")}
        return urlencode({name: value for name, value in {**said, **change}.items() if value})


@dataclass(frozen=True, slots=True)
class Waiting:
    """People of a grid of a town who wait to be asked in one step."""

    card: Card
    """The county."""
    step_zh: str
    """The step."""
    step_en: str
    """The same in English."""
    town: str
    """Empty when nobody knows it."""
    grid: str
    """Code of the grid; empty when nobody knows it."""
    holder: str
    """Code of the department that asks."""
    people: int
    """How many."""
    due_on: str
    """The nearest last day; empty without a limit."""
    late: int
    """Of them, past their last day."""


@dataclass(frozen=True, slots=True)
class Radar:
    """Signals under the filters, and who waits."""

    asked: AskedSignals
    """What was asked for."""
    cards: Mapping[str, Card]
    """Every county of the home by its code."""
    counted: Mapping[tuple[str, str, str], int]
    """(kind, town, how the visit ended) to how many; empty text for no town, and for a visit that runs."""
    rows: Sequence[RowMapping]
    """The newest first, at most MOST_SHOWN."""
    gridded: Mapping[str, int]
    """How many by grid; empty text for no grid."""
    grids: Mapping[str, Grid]
    """The grids of the chosen counties by code."""
    waiting: Sequence[Waiting]
    """By county, step, town and grid; what is due first stands first."""
    as_of: datetime
    """When it was read."""

    def by_kind(self) -> list[tuple[str, int, int]]:
        """(kind, signals whose visit runs, signals whose visit is over), every kind."""
        found: Counter[tuple[str, bool]] = Counter()
        for (code, _, end), count in self.counted.items():
            found[code, bool(end)] += count
        return [(code, found[code, False], found[code, True]) for code in SIGNALS]

    def towns(self) -> list[tuple[str, int]]:
        """(town, signals) of those that there are, most first; empty text for no town."""
        found: Counter[str] = Counter()
        for (_, town, _), count in self.counted.items():
            found[town] += count
        return found.most_common()


def radar_of(asked: AskedSignals) -> Radar:
    """Signals and visits under these filters; KeyError for a county that the home does not name."""
    known = cards()
    chosen = {code: card for code, card in known.items() if asked.county in ("", card.pack)}
    if not chosen:
        raise KeyError(asked.county)
    town, grid = ({"": None, NO_TOWN: ""}.get(one, one) for one in (asked.town, asked.grid))
    wanted = WantedSignals(tuple(chosen), asked.signal or None, town, grid)
    now, waiting, grids = defaults.now(), list[Waiting](), dict[str, Grid]()
    with defaults.ledger(defaults.home()).connect() as connection:
        counted = radar.counted(connection, wanted)
        gridded = radar.gridded(connection, replace(wanted, grid_code=None))
        rows = radar.standing(connection, wanted, most=MOST_SHOWN)
        for card in chosen.values():
            pack = load_pack(card.pack, on=now.date())
            grids |= {one.code: one for one in pack.grids}
            waiting += _waiting(visits.waiting(connection, pack), pack, card, today=now.date().isoformat())
    asked_for = [one for one in waiting if town in (None, one.town) and grid in (None, one.grid)]
    ordered = sorted(asked_for, key=lambda one: (one.due_on or "~", one.town, one.grid or "~"))
    return Radar(asked, known, counted, rows, gridded, grids, ordered, now)


def _waiting(rows: Sequence[Mapping[str, Any]], pack: Pack, card: Card, *, today: str) -> list[Waiting]:
    groups: dict[tuple[str, str, str, str, str], list[str]] = {}
    for row in rows:
        key = (row["process_code"], row["step_code"], row["town"] or "", row["grid_code"] or "", row["department_code"])
        groups.setdefault(key, []).append(row["due_on"] or "")
    return [
        Waiting(
            card=card,
            step_zh=pack.process(process).step(step).name_zh,
            step_en=pack.process(process).step(step).name_en,
            town=town,
            grid=grid,
            holder=holder,
            people=len(dues),
            due_on=min((one for one in dues if one), default=""),
            late=sum(bool(one) and one < today for one in dues),
        )
        for (process, step, town, grid, holder), dues in groups.items()
    ]
