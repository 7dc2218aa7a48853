"""What is new since somebody's last visit: whose it is, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from mianshen.warehouse import docket, leads
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards


@dataclass(frozen=True, slots=True)
class Fresh:
    """What came after a moment."""

    since: str
    """The moment, ISO text; empty at a first visit."""
    cards: Mapping[str, Card]
    """Every county of the home by its code."""
    leads: Sequence[RowMapping]
    """New leads by county, department and kind."""
    missed: Sequence[RowMapping]
    """Clocks that became late since, by county, holder and limit."""

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(int(row["leads"]) for row in self.leads) + sum(int(row["clocks"]) for row in self.missed)


def fresh_since(since: str, *, pack: str | None = None) -> Fresh:
    """What is new since the moment, in every county or in one; nothing at a first visit. KeyError for an unknown county."""
    known = cards()
    codes = tuple(code for code, card in known.items() if pack in (None, card.pack))
    if pack is not None and not codes:
        raise KeyError(pack)
    if not since:
        return Fresh(since, known, (), ())
    as_of: datetime = defaults.now()
    with defaults.ledger(defaults.home()).connect() as connection:
        raised = leads.raised_since(connection, codes, since=since)
        missed = docket.missed_between(connection, codes, since=since, as_of=as_of)
    return Fresh(since, known, raised, missed)
