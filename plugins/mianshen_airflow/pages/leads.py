"""What the pages of 监督疑点 show: counts by word, what is new, one lead with what was done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import RowMapping

from mianshen.core.leads import FOLLOWS, INDICATORS, LeadAct
from mianshen.warehouse import leads
from mianshen.warehouse.leads import WantedLeads
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards

MOST_SHOWN = 500
"""Leads of one page; a wider choice is narrowed by its filters."""


@dataclass(frozen=True, slots=True)
class AskedLeads:
    """What the address asks for; empty text asks for everything."""

    county: str = ""
    """A pack."""
    indicator: str = ""
    """One kind."""
    department: str = ""
    """A department."""
    act: str = ""
    """The last act; `new` wants those that nobody looked at."""
    since: str = ""
    """Raised at this moment or later."""

    def address(self, **change: str) -> str:
        """The query of an address that asks for this, with changes; what is empty is left out."""
        said = {name: getattr(self, name) for name in ("county", "indicator", "department", "act", "since")}
        return urlencode({name: value for name, value in {**said, **change}.items() if value})


@dataclass(frozen=True, slots=True)
class LeadList:
    """Leads under the filters."""

    asked: AskedLeads
    """What was asked for."""
    cards: Mapping[str, Card]
    """Every county of the home by its code."""
    counted: Mapping[tuple[str, str], int]
    """(indicator, last act) to how many, whatever the act."""
    rows: Sequence[RowMapping]
    """The newest first, at most MOST_SHOWN."""
    as_of: datetime
    """When it was read."""

    def by_word(self) -> list[tuple[str, str, Counter[str]]]:
        """(word, indicator, leads by last act) of every kind, in the order of the words; kinds without leads as well."""
        found = []
        for code, kind in INDICATORS.items():
            acts = Counter({act: count for (one, act), count in self.counted.items() if one == code})
            found.append((kind.word_zh, code, acts))
        return found


@dataclass(frozen=True, slots=True)
class LeadStory:
    """One lead and what was done about it."""

    lead: RowMapping
    """Its row."""
    acts: Sequence[RowMapping]
    """Acts as they came."""
    card: Card
    """Its county."""

    def possible(self) -> list[LeadAct]:
        """What may be done about it next, whoever does it."""
        last = LeadAct(self.acts[-1]["act"]) if self.acts else None
        return [one for one in LeadAct if last in FOLLOWS[one]]


def lead_list(asked: AskedLeads) -> LeadList:
    """Leads under these filters; KeyError for a county that the home does not name."""
    known = cards()
    codes = tuple(code for code, card in known.items() if asked.county in ("", card.pack))
    if not codes:
        raise KeyError(asked.county)
    act = {"": None, "new": ""}.get(asked.act, asked.act)
    common = (codes, asked.indicator or None, asked.department or None)
    with defaults.ledger(defaults.home()).connect() as connection:
        counted = leads.counted(connection, WantedLeads(*common, None, asked.since or None))
        rows = leads.standing(connection, WantedLeads(*common, act, asked.since or None), most=MOST_SHOWN)
    return LeadList(asked, known, counted, rows, defaults.now())


def lead_story(lead_id: str) -> LeadStory | None:
    """The story of a lead; None when no county of the home has it."""
    known = cards()
    with defaults.ledger(defaults.home()).connect() as connection:
        found = leads.lead_of(connection, lead_id, county_codes=tuple(known))
    return None if found is None else LeadStory(found[0], found[1], known[found[0]["county_code"]])
