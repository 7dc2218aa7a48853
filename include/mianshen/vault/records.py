"""A person's sealed record: the id number, and what each list last said of name, phone and account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FEEDS_WITHOUT_VERIFIED_NAMES = frozenset({"settlement", "enrolment"})
"""Origins that come after the departments' lists when one name is wanted."""


_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

DOUBTFUL = "?"
"""Ends the origin of a name that looks damaged: it is kept beside the sound one and compared with none."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One thing a delivery says of a person. The latest partition of an origin replaces what the origin said before."""

    kind: str
    """name | phone | account | address."""
    origin: str
    """List code, or the feed's name."""
    value: str
    """What was written, normalised."""
    since: str
    """The delivery's partition, 2026-10 or 2026-10-05."""
    is_flagged: bool = False
    """Whether it looks wrong: nothing is paid to a flagged account."""

    @property
    def slot(self) -> str:
        """Where it stands in the record: one value a kind and origin."""
        return f"{self.kind}|{self.origin}"


@dataclass(slots=True, repr=False)
class Record:
    """A person's record while it is open. Never printed: it has no repr."""

    certno: str
    """Canonical id number."""
    facts: dict[str, Fact] = field(default_factory=dict)
    """The latest fact of each slot."""
    earlier: list[Fact] = field(default_factory=list)
    """What stood there before, oldest first."""

    def learn(self, facts: Iterable[Fact]) -> None:
        """Take the facts in; an older partition never replaces a newer one."""
        for fact in facts:
            known = self.facts.get(fact.slot)
            if known is not None and known.since > fact.since:
                continue
            if known is not None:
                self.earlier.append(known)
            self.facts[fact.slot] = fact

    def latest(self, kind: str) -> list[Fact]:
        """Facts of the kind, best first: sound before flagged, lists before feeds, newest first."""
        wanted = sorted((one for one in self.facts.values() if one.kind == kind), key=lambda one: one.origin)
        wanted.sort(key=lambda one: one.since, reverse=True)
        return sorted(wanted, key=lambda one: (one.is_flagged, one.origin in FEEDS_WITHOUT_VERIFIED_NAMES))

    def to_bytes(self) -> bytes:
        """The record as JSON."""
        body = {
            "certno": self.certno,
            "facts": [_as_json(one) for _, one in sorted(self.facts.items())],
            "earlier": [_as_json(one) for one in self.earlier],
        }
        return _WRITER.encode(body).encode()


def from_bytes(body: bytes) -> Record:
    """The record behind `Record.to_bytes`."""
    loaded: dict[str, Any] = json.loads(body)
    facts = [_from_json(one) for one in loaded["facts"]]
    return Record(loaded["certno"], {one.slot: one for one in facts}, [_from_json(one) for one in loaded["earlier"]])


def _as_json(fact: Fact) -> list[str | bool]:
    return [fact.kind, fact.origin, fact.value, fact.since, fact.is_flagged]


def _from_json(row: list[Any]) -> Fact:
    return Fact(*row)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """A bank account of a person. Never printed."""

    account: str
    """The number."""
    account_key: str
    """Its keyed digest, as it stands in staging."""
    origin: str
    """List that gave it."""
    since: str
    """Partition that gave it first."""
    is_flagged: bool
    """Whether it looks wrong."""


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """What was asked for of one person. Never printed; fields that were not asked for are None or empty."""

    person_key: str
    """Whose."""
    certno: str | None
    """Id number."""
    name: str | None
    """Name, the departments' lists before the feeds."""
    phone: str | None
    """Phone."""
    accounts: tuple[Account, ...]
    """Accounts, best first."""
    address: str | None = None
    """Where letters go to, as the person said it last."""


Persons = Mapping[str, Person]
"""Persons by key."""
