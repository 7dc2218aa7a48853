"""What lists and rules decide by themselves, whose matters a match opens, and the lists of people that follow from cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mianshen.core.spans import Span


class When(StrEnum):
    """In which situation of the person an outcome is chosen without anybody choosing it."""

    LISTED = "listed"
    """On a list of the deciding department that counts."""
    LISTED_ELSEWHERE = "listed_elsewhere"
    """On a list of another department that counts, and on none of this one."""
    UNLISTED = "unlisted"
    """On no list that counts."""
    CONFIRMED = "confirmed"
    """Every rule of the confirmation holds."""
    UNCONFIRMED = "unconfirmed"
    """Some rule does not hold."""


OF_LISTS = frozenset({When.LISTED, When.LISTED_ELSEWHERE, When.UNLISTED})
"""What a step that a list decides must say."""
OF_RULES = frozenset({When.CONFIRMED, When.UNCONFIRMED})
"""What a step that a rule decides must say."""


@dataclass(frozen=True, slots=True)
class Matching:
    """A match: everybody who was confirmed in an earlier year, judged by the law of this one."""

    confirmation_code: str
    """By which law, in eligibility.yaml."""
    fit: str
    """The process in which who fits gets a case."""
    left: str
    """The process in which who fits no more gets one: nobody is dropped in silence."""
    outcome_code: str
    """The outcome of the step once both lists are made."""


@dataclass(frozen=True, slots=True)
class Inviting:
    """People whose own settlements show an item of a law, and who never asked for it, are asked by the process."""

    confirmation_code: str
    """By which law, in eligibility.yaml."""
    process_code: str
    """The process of those who apply."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way by which applications come: a delivered list, a row a person and item."""

    code: str
    """Unique in the process."""
    name_zh: str
    """What people read."""
    list_code: str
    """Its contract."""


class Shown(StrEnum):
    """What a list of people says of each, beside name, id number and town."""

    ITEM = "item"
    """The item, such as the disease."""
    STATE = "state"
    """Where the matter stands."""
    PHONE = "phone"
    """The phone."""
    ADDRESS = "address"
    """The address for the post."""
    LEFT = "left"
    """The lists that the person left, and since when."""
    NUMBER = "number"
    """The number that a step took down, such as the post's."""


@dataclass(frozen=True, slots=True)
class Roll:
    """A list of people that follows from a process's cases of one benefit year."""

    code: str
    """Unique in the process."""
    name_zh: str
    """Its title."""
    name_en: str
    """The same in English."""
    department_code: str
    """For whom it is made."""
    after: tuple[tuple[str, str], ...]
    """Step and outcome, one of which stands in the case; empty is every case."""
    shows: tuple[Shown, ...]
    """Columns, in order."""


@dataclass(slots=True)
class KnownPerson:
    """What delivered lists say of one person."""

    earlier: list[tuple[str, int]] = field(default_factory=list)
    """(item, year) of earlier confirmations."""
    listed: list[tuple[str, Span]] = field(default_factory=list)
    """Categories with the days on which they were listed, each list by itself."""
    town: str | None = None
    """Town; None when no list says it."""

    def holds(self, on: date) -> frozenset[str]:
        """Categories that are listed on the day."""
        return frozenset(code for code, span in self.listed if span.holds(on))

    def left(self, on: date) -> list[tuple[str, date]]:
        """Categories that were listed and are not on the day, each with the first day no longer; by code."""
        held = self.holds(on)
        ends: dict[str, date] = {}
        for code, span in self.listed:
            if code not in held and span.until is not None and span.until <= on:
                ends[code] = max(span.until, ends.get(code, span.until))
        return sorted(ends.items())
