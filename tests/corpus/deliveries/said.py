"""How a case is written: an inbox, and what a careful clerk says of each of its files and rows.

A row is said as `STATE REASON n`: n is the person whose canonical id number and name the row must give; `-` is nobody, and
`n=姓名` another canonical name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.corpus.deliveries.written import (
    bill,
    certno,
    expense,
    person,
    roster,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is expected of one file."""

    outcome: str
    reason: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One inbox."""

    name: str
    feed: str
    why: str
    files: Mapping[str, bytes]
    expected: Mapping[str, Said]


CASES: list[Case] = []


def accept(*rows: str) -> Said:
    return Said("ACCEPT", "", rows)


def inbox(named: str, why: str, files: Mapping[str, bytes], expected: Mapping[str, Said], feed: str = "roster") -> None:
    CASES.append(Case(named, feed, why, files, expected))


def one(named: str, why: str, content: bytes, said: Said, *, path: str = "list.csv", feed: str = "roster") -> None:
    inbox(named, why, {path: content}, {path: said}, feed)


def refuse(named: str, why: str, content: bytes, reason: str, *, path: str = "list.csv", feed: str = "roster") -> None:
    one(named, why, content, Said("REJECT", reason, ()), path=path, feed=feed)


def hold(named: str, why: str, content: bytes, reason: str, *, path: str = "list.csv", feed: str = "roster") -> None:
    one(named, why, content, Said("HOLD", reason, ()), path=path, feed=feed)


def row(named: str, why: str, said: str, **changed: str) -> None:
    """A roster of two rows: the first as changed, the second without fault."""
    one(named, why, roster(person(1, **changed), person(2)), accept(said, "LOAD 2"))


def cost(named: str, why: str, said: str, **changed: str) -> None:
    """An expense file of two rows: the first as changed, the second without fault."""
    one(named, why, expense(bill(1, **changed), bill(2)), accept(said, "LOAD 2"), feed="expense")


TWO = (person(1), person(2))
PLAIN = accept("LOAD 1", "LOAD 2")
ID = certno(1)
X_PERSON = next(place for place in range(1, 17) if certno(place).endswith("X"))
