"""Who may be meant by a row that cannot be matched: looked up in the register by digests. It suggests and never links.

Only persons whom the same list has named before are suggested, so that no office learns what another office delivered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from mianshen.core.slips import LENGTH, is_like, slips
from mianshen.vault import records
from mianshen.vault.register import Register
from mianshen.vault.tables import IS_SOUGHT, PERSON_FACT, PERSON_INDEX

NAME_ON_LIST = "NAME_ON_LIST"
NUMBER_SLIPPED = "NUMBER_SLIPPED"
NUMBER_CORRECTED = "NUMBER_CORRECTED"
"""Rules: a person of this name on the list; a number one slip away from theirs; a new number like their old one."""
MOST = 3
"""A name that more persons of the list bear suggests none of them."""
_BATCH = 900
_SEPARATORS = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, repr=False)
class Unmatched:
    """A row to find a person for. Never printed."""

    number: str
    """18 characters, well-formed or not; empty when none was written."""
    name: str
    """Normalised; empty when none can be read."""
    person_key: str | None
    """The person of a well-formed number that the list has not named before."""


Place = tuple[str, str, str]
"""Delivery, list and partition."""
Trail = tuple[str, int, str | None]
"""Delivery, line, digest that traces the row from one delivery of its list to the next."""
Meant = tuple[str, int, str, str]
"""Delivery, line, the person who may be meant, and by which rule."""


def trail(
    register: Register, place: Place, rows: Sequence[tuple[int, str, str]], people: Sequence[str | None]
) -> tuple[list[Trail], list[Meant]]:
    """How each (line, written number, name) of a list is traced, and whom its rows without a known person may mean.

    `people` are the rows' person_keys. A row whose well-formed number is new to a list that was delivered before may be a
    corrected number; on a list's first delivery everybody is new, and nothing is suggested.
    """
    delivery_id, list_code, partition = place
    digests = row_keys(register, (name for _, _, name in rows), list_code=list_code)
    trails: list[Trail] = [(delivery_id, line, digests.get(name)) for line, _, name in rows]
    earlier = named_before(register, (one for one in people if one), list_code=list_code, before=partition)
    asked: dict[int, Unmatched] = {}
    for (line, number, name), key in zip(rows, people, strict=True):
        if key is None or (earlier and key not in earlier):
            asked[line] = Unmatched(bare_number(number), name, key)
    found = suggestions(register, list(set(asked.values())), list_code=list_code, before=partition)
    meant = [(delivery_id, line, key, rule) for line, row in asked.items() for key, rule in found[row]]
    return trails, meant


def bare_number(written: str) -> str:
    """The written number as 18 characters at most: half-width, upper case, without separators; of a card its first 18."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", written)).upper()[:LENGTH]


def row_keys(register: Register, names: Iterable[str], *, list_code: str) -> dict[str, str]:
    """A keyed digest of list and name, by name: traces a row without a number from one delivery of the list to the next."""
    tagger = register.keyring.tagger
    return {name: tagger.tag("row", f"{list_code}|{name}")[:32] for name in set(names) - {""}}


def named_before(register: Register, keys: Iterable[str], *, list_code: str, before: str) -> set[str]:
    """Of these persons, those whom the list named, as it names them now, in an earlier partition."""
    found: set[str] = set()
    on_list = (PERSON_FACT.c.slot == f"name|{list_code}") & (PERSON_FACT.c.since < before)
    with register.reading() as connection:
        for some in _chunks(sorted(set(keys))):
            query = select(PERSON_FACT.c.person_key).where(PERSON_FACT.c.person_key.in_(some), on_list)
            found.update(connection.execute(query).scalars())
    return found


def suggestions(
    register: Register, rows: Sequence[Unmatched], *, list_code: str, before: str
) -> dict[Unmatched, list[tuple[str, str]]]:
    """For each row the persons whom it may mean, named by the list in an earlier partition, as (person_key, rule)."""
    on_list = (PERSON_FACT.c.slot == f"name|{list_code}") & (PERSON_FACT.c.since < before)
    bearers = _bearers(register, {row.name for row in rows if row.name}, on_list)
    slipped = _slipped(register, {row.number for row in rows if row.person_key is None}, on_list)
    known = {key for row in rows for key in (*bearers.get(row.name, ()), *slipped.get(row.number, ()))}
    opened = _opened(register, known, list_code)
    return {row: _of_row(row, bearers, slipped, opened) for row in rows}


Opened = Mapping[str, tuple[str, str]]
"""Number and name by person_key; in memory only."""


def _of_row(
    row: Unmatched, bearers: Mapping[str, set[str]], slipped: Mapping[str, set[str]], opened: Opened
) -> list[tuple[str, str]]:
    same_name = bearers.get(row.name, set()) - {row.person_key}
    if row.person_key is not None:
        found = sorted(key for key in same_name if is_like(row.number, opened[key][0]))
        return [(key, NUMBER_CORRECTED) for key in found[:MOST]]
    near = sorted(key for key in slipped.get(row.number, ()) if not row.name or sounds_alike(row.name, opened[key][1]))
    if near:
        return [(key, NUMBER_SLIPPED) for key in near[:MOST]]
    return [(key, NAME_ON_LIST) for key in sorted(same_name)] if len(same_name) <= MOST else []


def sounds_alike(one: str, other: str) -> bool:
    """Whether the names are equal or read alike, tones apart."""
    return one == other or _sound(one) == _sound(other)


def _sound(name: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin  # its dictionary of phrases takes a third of a second to read

    return tuple(lazy_pinyin(name, style=Style.NORMAL))


def _bearers(register: Register, names: set[str], on_list: ColumnElement[bool]) -> dict[str, set[str]]:
    tagger = register.keyring.tagger
    tags = {tagger.tag("name", name): name for name in names}
    found: dict[str, set[str]] = {}
    with register.reading() as connection:
        for some in _chunks(sorted(tags)):
            query = select(PERSON_FACT.c.tag, PERSON_FACT.c.person_key).where(PERSON_FACT.c.tag.in_(some), on_list, IS_SOUGHT)
            for row in connection.execute(query):
                found.setdefault(tags[row.tag], set()).add(row.person_key)
    return found


def _slipped(register: Register, numbers: set[str], on_list: ColumnElement[bool]) -> dict[str, set[str]]:
    tagger = register.keyring.tagger
    tags: dict[str, list[str]] = {}
    for number in sorted(numbers):
        for made in slips(number):
            tags.setdefault(tagger.tag("certno", made), []).append(number)
    found: dict[str, set[str]] = {}
    with register.reading() as connection:
        for some in _chunks(sorted(tags)):
            query = (
                select(PERSON_INDEX.c.tag, PERSON_INDEX.c.person_key)
                .join(PERSON_FACT, PERSON_FACT.c.person_key == PERSON_INDEX.c.person_key)
                .where(PERSON_INDEX.c.tag.in_(some), on_list)
            )
            for row in connection.execute(query):
                for number in tags[row.tag]:
                    found.setdefault(number, set()).add(row.person_key)
    return found


def _opened(register: Register, keys: set[str], list_code: str) -> dict[str, tuple[str, str]]:
    found = {}
    with register.reading() as connection:
        for key, record in register.records(connection, sorted(keys)):
            named = record.facts.get(f"name|{list_code}")
            found[key] = (record.certno, named.value if named else _any_name(record))
    return found


def _any_name(record: records.Record) -> str:
    names = record.latest("name")
    return names[0].value if names else ""


def _chunks(values: Sequence[str]) -> list[list[str]]:
    return [list(values[start : start + _BATCH]) for start in range(0, len(values), _BATCH)]
