"""Whose rows are these: each distinct written id number is read once; what the rows say of a person is gathered beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract, Kind
from mianshen.core.ids import CertNo, certno_in_disability_card, read_certno
from mianshen.feeds.certnos import read_certnos
from mianshen.feeds.grid import LINE
from mianshen.feeds.reader import Landed
from mianshen.feeds.words import Written, read_account, read_name, read_phone

RESIDENT_CARD = ("", "01", "1")
"""Certificate types whose number can be checked; an absent or empty type counts as a resident id card."""

PERSON_NAMES = ("name", "psn_name")
"""Columns that hold the name of the row's own person; other names (guardian, household head) are not read."""

_READERS: Mapping[str, tuple[tuple[str, ...], Callable[[str], Written]]] = {
    "name": (PERSON_NAMES, read_name),
    "phone": (("phone",), read_phone),
    "account": (("account",), read_account),
}


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """What a delivery says of a person. Never printed."""

    kind: str
    """name | phone | account."""
    value: str
    """Normalised."""
    is_doubtful: bool
    """Whether it looks damaged."""


@dataclass(frozen=True, slots=True, repr=False)
class Identities:
    """The id numbers of one delivery. Never printed."""

    numbers: pa.Array
    """For each row the place of its identity in `read`."""
    read: tuple[CertNo, ...]
    """What became of each distinct written number."""
    statements: Mapping[str, tuple[Statement, ...]]
    """What is said of each canonical number; every usable number has an entry."""
    names: Mapping[str, frozenset[str]]
    """The sound names that each canonical number carries within the delivery; empty where it carries none."""


def identify(landed: Landed, contract: Contract, *, today: date) -> Identities:
    """The identities of a delivery; rows with another certificate than a resident card give none."""
    column, kind, reader = _identity_column(contract)
    encoded = pc.dictionary_encode(landed.table[column].combine_chunks())
    read = tuple(_read_all(encoded.dictionary, kind, reader, today))
    rows = pa.table({LINE: landed.table[LINE], "identity": encoded.indices, **_personal(landed)})
    rows = rows.filter(_is_resident(landed))
    said: dict[str, dict[str, Statement]] = {}
    for place in pc.unique(rows["identity"]).to_pylist():
        certno = read[place].value
        if certno is not None:
            said.setdefault(certno, {})
    names: dict[str, set[str]] = {certno: set() for certno in said}
    for certno, statement in _statements(rows, read):
        said[certno][f"{statement.kind}|{statement.is_doubtful}"] = statement
        if statement.kind == "name" and not statement.is_doubtful:
            names[certno].add(statement.value)
    return Identities(
        numbers=encoded.indices,
        read=read,
        statements={certno: tuple(slots[slot] for slot in sorted(slots)) for certno, slots in said.items()},
        names={certno: frozenset(some) for certno, some in names.items()},
    )


def identity_column(contract: Contract) -> str:
    """The column that says whose a row is: the id number, or the disability card that holds it."""
    return _identity_column(contract)[0]


def _identity_column(contract: Contract) -> tuple[str, Kind, Callable[[str, date], CertNo]]:
    kinds = {one.kind: one.name for one in contract.columns}
    if Kind.CERTNO in kinds:
        return kinds[Kind.CERTNO], Kind.CERTNO, lambda written, today: read_certno(written, today=today)
    return kinds[Kind.DISABILITY_CARD], Kind.DISABILITY_CARD, _read_card


def _read_all(written: pa.Array, kind: Kind, reader: Callable[[str, date], CertNo], today: date) -> list[CertNo]:
    if kind is Kind.CERTNO:
        return read_certnos(written, today=today, read=reader)
    return [reader(one, today) for one in written.to_pylist()]


def _read_card(written: str, today: date) -> CertNo:
    if not written.strip():
        return CertNo(None, "CERTNO_MISSING", ())
    return certno_in_disability_card(written, today=today)


def _personal(landed: Landed) -> dict[str, pa.ChunkedArray]:
    return {kind: landed.table[name] for kind, (names, _) in _READERS.items() for name in names if name in landed.columns}


def _is_resident(landed: Landed) -> pa.ChunkedArray:
    if "psn_cert_type" not in landed.columns:
        return pa.array([True] * landed.records, pa.bool_())
    return pc.is_in(landed.table["psn_cert_type"], pa.array(RESIDENT_CARD))


def _statements(rows: pa.Table, read: tuple[CertNo, ...]) -> Iterator[tuple[str, Statement]]:
    """Every distinct statement in the order of its last line, so that a later line of a file wins."""
    for kind, (_, reader) in _READERS.items():
        if kind not in rows.column_names:
            continue
        words = pc.dictionary_encode(rows[kind].combine_chunks())
        seen = [_stated(kind, reader(written)) for written in words.dictionary.to_pylist()]
        numbered = pa.table({LINE: rows[LINE], "identity": rows["identity"], "word": words.indices})
        pairs = numbered.group_by(["identity", "word"]).aggregate([(LINE, "max")]).sort_by(f"{LINE}_max")
        for place, word in zip(pairs["identity"].to_pylist(), pairs["word"].to_pylist(), strict=True):
            certno, statement = read[place].value, seen[word]
            if certno is not None and statement is not None:
                yield certno, statement


def _stated(kind: str, seen: Written) -> Statement | None:
    return Statement(kind, seen.value, seen.is_doubtful) if seen.value else None
