"""Whose rows are these: each distinct written id number is read once; what the rows say of a person is gathered beside it.

A delivery of millions of rows is gathered block by block: a right number takes eight bytes, a statement sixteen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Contract, Kind
from mianshen.core.ids import CertNo, certno_in_disability_card, read_certno
from mianshen.feeds.certnos import NO_CODE, Codes, ascending, code_of, codes_of, last_of_each, numbers_of
from mianshen.feeds.reader import Landed
from mianshen.feeds.said import Said, Statement, together
from mianshen.feeds.words import Written, read_account, read_name, read_phone

RESIDENT_CARD = ("", "01", "1")
"""Certificate types whose number can be checked; an absent or empty type counts as a resident id card."""

PERSON_NAMES = ("name", "psn_name")
"""Columns that hold the name of the row's own person; other names (guardian, household head) are not read."""

AT_ONCE = 20_000
"""People that are handed out together."""

_READERS: Mapping[str, tuple[tuple[str, ...], Callable[[str], Written]]] = {
    "name": (PERSON_NAMES, read_name),
    "phone": (("phone",), read_phone),
    "account": (("account",), read_account),
}
_KINDS = tuple(_READERS)
_WORD_BITS, _KIND_BITS = 30, 2
_COMPACT = 400_000


@dataclass(frozen=True, slots=True, repr=False)
class Numbered:
    """The rows of a block and their id numbers. Never printed."""

    numbers: pa.Array
    """For each row the place of its identity in `Identities.read`."""
    fixed: Mapping[str, tuple[int, ...]]
    """Of the numbers in the block, the places of those that were normalised, by what was done."""
    seen: tuple[Codes, Codes]
    """The places of the block's distinct numbers, and the codes of their canonical numbers."""

    def places_of(self, certnos: Set[str]) -> list[int]:
        """The places of these canonical numbers."""
        places, values = self.seen
        return [int(one) for one in places[np.isin(values, [code_of(one) for one in certnos])]]


@dataclass(frozen=True, repr=False)
class Identities:
    """The id numbers of one delivery. Never printed."""

    numbers: pa.Array
    """For each row the place of its identity in `read`; empty where the blocks have carried them away."""
    codes: Codes
    """The code of each distinct written number; NO_CODE for those that are not plain and right."""
    others: Mapping[int, CertNo]
    """What became of those, by place."""
    residents: Codes
    """Ascending codes of the usable numbers that rows with a resident card carry."""
    pairs: Codes
    """For each statement its person's place among the residents, its kind and its word; ascending by person, kind and line."""
    words: tuple[Statement | None, ...]
    """Each word as it is read; None where it says nothing."""

    @cached_property
    def read(self) -> tuple[CertNo, ...]:
        """What became of each distinct written number."""
        plain = iter(numbers_of(self.codes[self.codes >= 0]))
        return tuple(
            self.others[place] if code < 0 else CertNo(next(plain), None, ()) for place, code in enumerate(self.codes.tolist())
        )

    @cached_property
    def values(self) -> Codes:
        """The code of each distinct written number's canonical number; NO_CODE where there is none."""
        found = self.codes.copy()
        for place, one in self.others.items():
            found[place] = NO_CODE if one.value is None else code_of(one.value)
        return found

    @cached_property
    def fixed(self) -> Mapping[str, tuple[int, ...]]:
        """The places of the numbers that were normalised, by what was done."""
        return _fixed(self.others)

    def places_of(self, certnos: Set[str]) -> list[int]:
        """The places of these canonical numbers."""
        return Numbered(self.numbers, {}, (np.arange(len(self.codes)), self.values)).places_of(certnos)

    @property
    def statements(self) -> Mapping[str, tuple[Statement, ...]]:
        """What is said of each canonical number; every usable number has an entry."""
        return {certno: said.statements for some in self.people() for certno, said in some.items()}

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The sound names that each canonical number carries within the delivery; empty where it carries none."""
        return {certno: said.names for some in self.people() for certno, said in some.items()}

    def people(self) -> Iterator[dict[str, Said]]:
        """What is said of each canonical number, some thousands together, in ascending order."""
        for _, some in self.people_at(np.arange(len(self.residents))):
            yield some

    def people_at(self, residents: Codes) -> Iterator[tuple[Codes, dict[str, Said]]]:
        """The same of the residents at these ascending places, with the places of each piece."""
        persons = self.pairs >> (_WORD_BITS + _KIND_BITS)
        words = self.pairs & ((1 << _WORD_BITS) - 1)
        for start in range(0, len(residents), AT_ONCE):
            mine = residents[start : start + AT_ONCE]
            first = np.searchsorted(persons, mine)
            count = np.searchsorted(persons, mine, side="right") - first
            ends = np.cumsum(count)
            said = words[np.repeat(first - ends + count, count) + np.arange(count.sum())].tolist()
            spans = zip(numbers_of(self.residents[mine]), (ends - count).tolist(), ends.tolist(), strict=True)
            yield mine, {certno: self._said(tuple(said[begin:end])) for certno, begin, end in spans}

    def said_often(self) -> npt.NDArray[np.bool_]:
        """Of each resident, whether more than one thing is said: of whom one is said, one name at most is."""
        persons = self.pairs >> (_WORD_BITS + _KIND_BITS)
        return np.bincount(persons, minlength=len(self.residents)) > 1

    def _said(self, places: tuple[int, ...]) -> Said:
        """What these words say together; the same object for all of whom a single word is said."""
        found = self._alone.get(places)
        if found is None:
            found = together([word for word in (self.words[place] for place in places) if word is not None])
            if len(places) == 1:
                self._alone[places] = found
        return found

    @cached_property
    def _alone(self) -> dict[tuple[int, ...], Said]:
        return {}


def identify(landed: Landed, contract: Contract, *, today: date) -> Identities:
    """The identities of a delivery; rows with another certificate than a resident card give none."""
    gathering = Gathering(contract, today=today)
    return gathering.done(numbers=gathering.add(landed).numbers)


class Gathering:
    """The identities of a delivery while its blocks come by, in file order."""

    def __init__(self, contract: Contract, *, today: date) -> None:
        self._column, self._kind, self._read = _identity_column(contract)
        self._today = today
        self._codes: list[Codes] = []
        self._count = 0
        self._sorted = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._odd: dict[str, int] = {}
        self._others: dict[int, CertNo] = {}
        self._residents: list[Codes] = []
        self._words: dict[tuple[str, str], int] = {}
        self._said: list[Statement | None] = []
        self._pairs: list[Codes] = []
        self._waiting = 0

    def add(self, landed: Landed) -> Numbered:
        """The numbers of one more block."""
        encoded = pc.dictionary_encode(landed.table[self._column].combine_chunks())
        places, values = self._places(encoded.dictionary)
        numbers = places[encoded.indices.to_numpy()]
        kept = np.flatnonzero(_is_resident(landed))
        mine = numbers[kept]
        self._residents.append(ascending(mine))
        for kind, (names, reader) in _READERS.items():
            column = next((name for name in names if name in landed.columns), None)
            if column is not None:
                words = self._word_places(kind, reader, landed.table[column].combine_chunks())[kept]
                self._pairs.append(last_of_each((mine << (_WORD_BITS + _KIND_BITS)) | words))
        self._compact(len(mine))
        others = {place: self._others[place] for place in places.tolist() if place in self._others} if self._others else {}
        return Numbered(pa.array(numbers), _fixed(others), (places, values))

    def done(self, *, numbers: pa.Array | None = None) -> Identities:
        """All that was gathered."""
        codes = np.concatenate([np.zeros(0, np.int64), *self._codes])
        found = Identities(
            pa.array([], pa.int64()) if numbers is None else numbers, codes, self._others, codes[:0], codes[:0], tuple(self._said)
        )
        values, places = found.values, ascending(np.concatenate([codes[:0], *self._residents]))
        residents = ascending(values[places][values[places] >= 0])
        pairs = np.concatenate([codes[:0], *self._pairs])
        shift = _WORD_BITS + _KIND_BITS
        person = values[pairs >> shift]
        pairs, person = pairs[person >= 0], person[person >= 0]
        pairs = last_of_each((np.searchsorted(residents, person) << shift) | (pairs & ((1 << shift) - 1)))
        kinds = pairs >> _WORD_BITS
        return Identities(found.numbers, codes, self._others, residents, pairs[np.argsort(kinds, kind="stable")], found.words)

    def _places(self, written: pa.Array) -> tuple[Codes, Codes]:
        """The place of each of a block's distinct written numbers, and the code of its canonical number."""
        codes = codes_of(written, today=self._today) if self._kind is Kind.CERTNO else np.full(len(written), NO_CODE, np.int64)
        places = np.empty(len(written), np.int64)
        right = np.flatnonzero(codes >= 0)
        places[right] = self._known(codes[right])
        odd = np.flatnonzero(codes < 0)
        for place, text in zip(odd.tolist(), written.take(pa.array(odd)).to_pylist(), strict=True):
            if text not in self._odd:
                self._odd[text] = self._count
                self._others[self._count] = self._read(text, self._today)
                self._new(np.array([NO_CODE], np.int64))
            places[place] = self._odd[text]
            value = self._others[self._odd[text]].value
            codes[place] = NO_CODE if value is None else code_of(value)
        return places, codes

    def _known(self, codes: Codes) -> Codes:
        """The places of right numbers; new ones are given the next."""
        known, places = self._sorted
        at = np.searchsorted(known, codes)
        is_new = np.append(known, NO_CODE)[at] != codes
        fresh = codes[is_new]
        if len(fresh):
            given = np.arange(self._count, self._count + len(fresh))
            self._new(fresh)
            order = np.argsort(fresh)
            merged = np.concatenate([known, fresh[order]])
            by_code = np.argsort(merged, kind="stable")
            self._sorted = known, places = merged[by_code], np.concatenate([places, given[order]])[by_code]
            at = np.searchsorted(known, codes)
        return places[at]

    def _new(self, codes: Codes) -> None:
        self._codes.append(codes)
        self._count += len(codes)

    def _word_places(self, kind: str, reader: Callable[[str], Written], cells: pa.Array) -> Codes:
        """The place of each cell's word, its kind before it."""
        encoded = pc.dictionary_encode(cells)
        places = []
        for word in encoded.dictionary.to_pylist():
            place = self._words.setdefault((kind, word), len(self._said))
            if place == len(self._said):
                self._said.append(_stated(kind, reader(word)))
            places.append(_KINDS.index(kind) << _WORD_BITS | place)
        return np.asarray(np.array(places, np.int64)[encoded.indices.to_numpy()])

    def _compact(self, rows: int) -> None:
        self._waiting += rows
        if self._waiting > _COMPACT:
            self._pairs = [last_of_each(np.concatenate(self._pairs))]
            self._residents = [ascending(np.concatenate(self._residents))]
            self._waiting = 0


def _fixed(others: Mapping[int, CertNo]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for place, certno in others.items():
        for fix in certno.fixes:
            found.setdefault(fix, []).append(place)
    return {fix: tuple(places) for fix, places in found.items()}


def identity_column(contract: Contract) -> str:
    """The column that says whose a row is: the id number, or the disability card that holds it."""
    return _identity_column(contract)[0]


def _identity_column(contract: Contract) -> tuple[str, Kind, Callable[[str, date], CertNo]]:
    kinds = {one.kind: one.name for one in contract.columns}
    if Kind.CERTNO in kinds:
        return kinds[Kind.CERTNO], Kind.CERTNO, lambda written, today: read_certno(written, today=today)
    return kinds[Kind.DISABILITY_CARD], Kind.DISABILITY_CARD, _read_card


def _read_card(written: str, today: date) -> CertNo:
    if not written.strip():
        return CertNo(None, "CERTNO_MISSING", ())
    return certno_in_disability_card(written, today=today)


def _is_resident(landed: Landed) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if "psn_cert_type" not in landed.columns:
        return np.ones(landed.records, np.bool_)
    return np.asarray(pc.is_in(landed.table["psn_cert_type"], pa.array(RESIDENT_CARD)).to_numpy(), np.bool_)


def _stated(kind: str, seen: Written) -> Statement | None:
    return Statement(kind, seen.value, seen.is_doubtful) if seen.value else None
