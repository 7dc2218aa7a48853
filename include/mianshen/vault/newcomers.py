"""Persons whom the register meets for the first time: a key, a sealed record, an index entry and the digests of what is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Table, insert

from mianshen.vault import sm
from mianshen.vault.keyring import Keyring
from mianshen.vault.records import Fact, Record
from mianshen.vault.tables import PERSON, PERSON_FACT, PERSON_INDEX

NEAR = "near|"
"""How the slots of such digests begin."""
KEPT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number and zeroes the rest."""

_KEY_BYTES, _KEY_SIGNS, _SIGN_BITS = 16, 26, 5
_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", np.uint8)
_SLOT_COLUMNS = ("person_key", "slot", "since", "tag")
Slot = tuple[str, str, str, str]
"""A row of person_fact: person_key, slot, since, tag."""


class Tags(dict[tuple[str, str], str]):
    """Tags by kind and value, each made once: many people share a name."""

    def __init__(self, tagger: sm.Tagger) -> None:
        super().__init__()
        self._tagger = tagger

    def __missing__(self, said: tuple[str, str]) -> str:
        self[said] = made = self._tagger.tag(*said)
        return made


def near_tag(tagger: sm.Tagger, certno: str, name: str) -> str:
    """The digest of what a spreadsheet keeps of a number, with a name."""
    return tagger.tag("near", f"{certno[:KEPT_DIGITS]}|{name}")


def owner(key: str, version: int) -> str:
    """What a person's record is sealed to."""
    return f"vault|{key}|{version}"


def new_keys(count: int, entropy: sm.Entropy) -> list[str]:
    """So many person_keys: 128 random bits each in base 32, without padding."""
    if not count:
        return []
    drawn = np.zeros((count, _KEY_BYTES + 1), np.uint8)
    drawn[:, :_KEY_BYTES] = np.frombuffer(entropy(_KEY_BYTES * count), np.uint8).reshape(count, _KEY_BYTES)
    bits = np.unpackbits(drawn, axis=1)[:, : _KEY_SIGNS * _SIGN_BITS].reshape(count, _KEY_SIGNS, _SIGN_BITS)
    places = np.packbits(bits, axis=2)[:, :, 0] >> (8 - _SIGN_BITS)
    text = _ALPHABET[places].tobytes().decode("ascii")
    return [text[at : at + _KEY_SIGNS] for at in range(0, len(text), _KEY_SIGNS)]


def slots(tags: Tags, tagger: sm.Tagger, key: str, certno: str, facts: Iterable[Fact]) -> Iterator[Slot]:
    """The rows of person_fact for what is said of a person."""
    for one in facts:
        yield key, one.slot, one.since, tags[one.kind, one.value]
        if one.kind == "name" and not one.is_flagged:
            yield key, f"{NEAR}{one.origin}", one.since, near_tag(tagger, certno, one.value)


def add(
    connection: Connection,
    keyring: Keyring,
    fresh: Mapping[str, str],
    *,
    index: Mapping[str, str],
    people: Mapping[str, Sequence[Fact]],
    entropy: sm.Entropy,
) -> None:
    """Write the persons of these numbers (person_key by number); `index` is each number's tag, `people` what is said."""
    tagger, version = keyring.tagger, keyring.data_version
    tags = Tags(tagger)
    sealer, nonces = sm.Sealer(keyring.data_key), entropy(sm.NONCE_BYTES * len(fresh))
    sealed: list[tuple[str, int, bytes]] = []
    said: list[Slot] = []
    for number, (certno, key) in enumerate(sorted(fresh.items(), key=lambda one: one[1])):
        record = Record(certno)
        record.learn(people[certno])
        nonce = nonces[number * sm.NONCE_BYTES : (number + 1) * sm.NONCE_BYTES]
        sealed.append((key, version, sealer.seal(record.to_bytes(), bound_to=owner(key, version), nonce=nonce)))
        said.extend(slots(tags, tagger, key, certno, record.facts.values()))
    entries = sorted((keyring.index_version, index[certno], key) for certno, key in fresh.items())
    insert_all(connection, PERSON, ("person_key", "data_version", "sealed"), sealed)
    insert_all(connection, PERSON_INDEX, ("index_version", "tag", "person_key"), entries)
    insert_slots(connection, said)


def insert_slots(connection: Connection, rows: Sequence[Slot]) -> None:
    """Insert rows of person_fact."""
    insert_all(connection, PERSON_FACT, _SLOT_COLUMNS, rows)


def insert_all(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert the rows, their cells in the order of `names`; where the driver counts parameters it is handed them as they are."""
    if not rows:
        return
    compiled = insert(table).compile(dialect=connection.dialect, column_keys=list(names))
    if compiled.positiontup is None:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    order = [names.index(name) for name in compiled.positiontup]
    in_order = order == list(range(len(names)))
    connection.exec_driver_sql(str(compiled), list(rows) if in_order else [tuple(row[at] for at in order) for row in rows])
