"""What the page 预判 shows: who will miss what at the pace so far, and the burn-down of what waits for a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.outlook import AHEAD_DAYS
from mianshen.policy.packs import POLICIES
from mianshen.policy.workdays import load_calendar
from mianshen.warehouse import forecast
from mianshen.warehouse.forecast import Forecast, ListForecast
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.charts import Burning, burning
from mianshen_airflow.pages.clocks import cards

WORKDAYS = POLICIES / "national" / "workdays"
"""Pages of the working calendar."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to be expected."""

    cards: Mapping[str, Card]
    """The counties shown, by code."""
    forecasts: Sequence[Forecast]
    """Every holder and limit with running clocks and a pace, those with the earliest miss first."""
    lists: Sequence[ListForecast]
    """Lists whose departments were mostly late with them."""
    charts: Sequence[tuple[Card, Burning]]
    """Departments whose open batches wait for a person."""
    as_of: datetime
    """When it was read."""

    @property
    def missing(self) -> list[Forecast]:
        """Those who will miss something."""
        return [one for one in self.forecasts if one.outlook.shortfalls]

    @property
    def soon(self) -> list[Forecast]:
        """Those of them who will miss something within AHEAD_DAYS working days."""
        return [one for one in self.missing if one.outlook.within(AHEAD_DAYS)]

    @property
    def later(self) -> list[Forecast]:
        """The others: there is time to go faster."""
        return [one for one in self.missing if not one.outlook.within(AHEAD_DAYS)]


def ahead_of(pack: str | None = None) -> Ahead:
    """The outlook of every county, or of one; KeyError when the home does not name it."""
    known = {code: card for code, card in cards().items() if pack in (None, card.pack)}
    if pack is not None and not known:
        raise KeyError(pack)
    as_of, calendar, codes = defaults.now(), working_calendar(), tuple(known)
    with defaults.ledger(defaults.home()).connect() as connection:
        expected = forecast.forecasts(connection, codes, as_of=as_of, calendar=calendar)
        lists = forecast.list_forecasts(connection, codes, as_of=as_of)
        burnt = [(card, one) for code, card in known.items() for one in forecast.burn_downs(connection, code, as_of=as_of)]
    charts = [(card, _chart(card, one, as_of, calendar)) for card, one in burnt]
    return Ahead(known, expected, lists, charts, as_of)


def working_calendar() -> WorkingCalendar:
    """The national working calendar; read again when a page of it changed."""
    return _calendar(tuple(sorted((page.name, page.stat().st_mtime_ns) for page in WORKDAYS.glob("*.yaml"))))


@lru_cache(maxsize=1)
def _calendar(_: tuple[tuple[str, int], ...]) -> WorkingCalendar:
    return load_calendar(WORKDAYS)


def _chart(card: Card, one: forecast.BurnDown, as_of: datetime, calendar: WorkingCalendar) -> Burning:
    return burning(one, quota=dict(card.quotas).get(one.department_code), today=as_of.date(), calendar=calendar)
