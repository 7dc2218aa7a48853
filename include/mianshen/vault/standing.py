"""What stands in the register of people before a delivery speaks of them, asked in one statement, and what is news beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from mianshen.vault import records
from mianshen.vault.links import Force
from mianshen.vault.newcomers import NEAR, Tags
from mianshen.vault.records import Fact
from mianshen.vault.tables import PERSON_FACT, PERSON_INDEX, among, chunks

NAME = "name|"
"""How the slots of names begin."""
Slots = dict[str, tuple[str, str]]
"""Since when and with what tag each slot of a person stands."""
_FACT = (PERSON_FACT.c.slot, PERSON_FACT.c.since, PERSON_FACT.c.tag)
_IS_SAID = ~PERSON_FACT.c.slot.startswith(NEAR)


@dataclass(frozen=True, slots=True)
class Standing:
    """People whom the register knows."""

    keys: Mapping[str, str]
    """The person_key of each known tag, recorded decisions followed."""
    slots: Mapping[str, Slots]
    """What stands of each of those persons."""


def standing_of(connection: Connection, tags: Collection[str], *, index_version: int, force: Force) -> Standing:
    """What stands of the persons behind these tags."""
    keys: dict[str, str] = {}
    slots: dict[str, Slots] = {}
    joined = PERSON_INDEX.outerjoin(PERSON_FACT, and_(PERSON_FACT.c.person_key == PERSON_INDEX.c.person_key, _IS_SAID))
    query = select(PERSON_INDEX.c.tag, PERSON_INDEX.c.person_key, *_FACT).select_from(joined)
    for some in chunks(tags):
        wanted = PERSON_INDEX.c.index_version == index_version, among(connection, PERSON_INDEX.c.tag, some)
        for tag, key, slot, since, said in connection.execute(query.where(*wanted)).all():
            keys[tag] = key
            if slot is not None:
                slots.setdefault(key, {})[slot] = (since, said)
    meant = {tag: force.person(key) for tag, key in keys.items()} if force.numbers else keys
    others = sorted(set(meant.values()) - set(keys.values()))
    _add(connection, slots, select(PERSON_FACT.c.person_key, *_FACT), others)
    return Standing(meant, slots)


def _add(connection: Connection, slots: dict[str, Slots], query: Select[Any], keys: Sequence[str]) -> None:
    """Add what stands of these persons."""
    for some in chunks(keys):
        is_theirs: ColumnElement[bool] = among(connection, PERSON_FACT.c.person_key, some)
        for key, slot, since, said in connection.execute(query.where(is_theirs, _IS_SAID)).all():
            slots.setdefault(key, {})[slot] = (since, said)


class Comparison:
    """Facts beside what stands; facts that are one object for many people are made ready once."""

    def __init__(self, slots: Mapping[str, Slots], tags: Tags) -> None:
        self._slots, self._tags = slots, tags
        self._ready: dict[int, tuple[list[tuple[str, str, str, Fact]], frozenset[str]]] = {}
        self.news: dict[str, list[Fact]] = {}
        """By person what changes something: another value than the slot's, from the same or a later partition."""
        self.agreeing: set[str] = set()
        """Persons of whom no other sound name stands than those said here."""

    def add(self, key: str, facts: Sequence[Fact]) -> None:
        """Compare what is said of a person; `facts` must live as long as this comparison."""
        ready = self._ready.get(id(facts))
        if ready is None:
            ready = self._ready[id(facts)] = self._made_ready(facts)
        said, names = ready
        stands = self._slots.get(key, {})
        for slot, since, tag, fact in said:
            known = stands.get(slot)
            if known is None or (known[1] != tag and known[0] <= since):
                self.news.setdefault(key, []).append(fact)
        for slot, (_, tag) in stands.items():
            if tag not in names and _is_sound_name(slot):
                return
        self.agreeing.add(key)

    def _made_ready(self, facts: Iterable[Fact]) -> tuple[list[tuple[str, str, str, Fact]], frozenset[str]]:
        rows = [(one.slot, one.since, self._tags[one.kind, one.value], one) for one in facts]
        return rows, frozenset(tag for slot, _, tag, _ in rows if _is_sound_name(slot))


def _is_sound_name(slot: str) -> bool:
    return slot.startswith(NAME) and not slot.endswith(records.DOUBTFUL)
