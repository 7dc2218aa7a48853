"""Who is on which list from when to when. Months are whole numbers, year * 12 + month - 1; spans are half-open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth.shape import Shape, listed_categories, trait_of
from mianshen.synth.streams import Flags, Ints, Stream, flags, ints, pick, stream

OPEN = 1_000_000
"""Month number of an end that has not come."""
_THREE_OF_SEVERAL = 0.12
_ATTACHED = 0.15
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Roll:
    """All memberships of the county."""

    persons: int
    """How many persons were ever listed; they are numbered from 0."""
    spans: pd.DataFrame
    """One row a membership: person, category (place in `categories`), since, until (months)."""
    categories: tuple[str, ...]
    """Category codes."""
    lists: tuple[str, ...]
    """The list that carries each category."""

    def holds(self, person: Ints, month: Ints) -> Ints:
        """Which categories each person holds in that month, as bits by place."""
        wanted = pd.DataFrame({"person": person, "month": month, "row": np.arange(len(person))})
        met = wanted.merge(self.spans, on="person")
        met = met[(met["since"] <= met["month"]) & (met["month"] < met["until"])]
        bits = np.zeros(len(person), dtype=np.int64)
        np.bitwise_or.at(bits, ints(met["row"]), np.int64(1) << ints(met["category"]))
        return bits


def month_number(month: Month) -> int:
    """The month as a whole number."""
    return month.year * 12 + month.number - 1


def make_roll(pack: Pack, *, month: Month, insured: int, seed: int, shape: Shape) -> Roll:
    """Memberships up to the month: those of today, those that ended in the year, those that ended before it."""
    chance = stream(seed, "roll")
    carried = listed_categories(pack)
    counts = np.array([max(2, round(shape.rate(one) * insured / 10_000)) for one, _ in carried], dtype=np.int64)
    clashes = _clashes(pack)
    first, last = month_number(Month(month.year, 1)), month_number(month)

    today = _today(chance, counts=counts, clashes=clashes, shape=shape, months=(first, last))
    leaving = _part(counts, shape.exits_share * (last - first))
    ended = _ended(chance, counts=leaving, clashes=clashes, shape=shape, months=(first + 1, last))
    ended = _attach(chance, today=today, ended=ended, clashes=clashes)
    former = _ended(chance, counts=_part(counts, shape.former_share), clashes=clashes, shape=shape, months=(first - 23, first))
    spans = _beside(_beside(today, ended), former)
    spans["person"] = pd.factorize(spans["person"])[0]
    return Roll(
        persons=int(spans["person"].max()) + 1,
        spans=spans,
        categories=tuple(one.code for one, _ in carried),
        lists=tuple(list_code for _, list_code in carried),
    )


def _clashes(pack: Pack) -> Flags:
    """Pairs that one person never holds at once: two of one list, or a child's and an adult's."""
    carried = listed_categories(pack)
    same_list = np.array([[one == other for _, other in carried] for _, one in carried], dtype=np.bool_)
    ages = [trait_of(one).ages for one, _ in carried]
    apart = np.array([[high < low for low, _ in ages] for _, high in ages], dtype=np.bool_)
    return np.asarray(same_list | apart | apart.T, dtype=np.bool_)


def _part(counts: Ints, share: float) -> Ints:
    return np.asarray(np.rint(counts * share), dtype=np.int64)


def _today(chance: Stream, *, counts: Ints, clashes: Flags, shape: Shape, months: tuple[int, int]) -> pd.DataFrame:
    person, category = deal(chance, counts=counts, clashes=clashes, several_share=shape.several_share)
    first, last = months
    is_new = chance.random(len(person)) < shape.entries_share * (last - first + 1)
    since = np.where(is_new, chance.integers(first, last + 1, len(person)), first - chance.integers(6, 96, len(person)))
    return pd.DataFrame({"person": person, "category": category, "since": since, "until": OPEN})


def _ended(chance: Stream, *, counts: Ints, clashes: Flags, shape: Shape, months: tuple[int, int]) -> pd.DataFrame:
    """Memberships that ended with the person's last list, in one of the months (both included)."""
    person, category = deal(chance, counts=counts, clashes=clashes, several_share=shape.several_share)
    first, last = months
    end = chance.integers(first, max(first, last) + 1, int(person.max(initial=0)) + 1)[person]
    since = end - chance.integers(6, 72, len(person))
    return pd.DataFrame({"person": person, "category": category, "since": since, "until": end})


def _attach(chance: Stream, *, today: pd.DataFrame, ended: pd.DataFrame, clashes: Flags) -> pd.DataFrame:
    """The ended memberships, some of them now of persons who are still listed for another reason (written as -1 - person)."""
    held = np.zeros((int(today["person"].max()) + 1, len(clashes)), dtype=np.bool_)
    held[today["person"].to_numpy(), today["category"].to_numpy()] = True
    moved = pick(chance, ~flags(ended["person"].duplicated(keep=False)), round(len(ended) * _ATTACHED))
    onto = chance.choice(len(held), size=len(moved), replace=False)
    category = ended["category"].to_numpy()[moved]
    is_free = ~(held[onto] & clashes[category]).any(axis=1)
    ended.loc[moved[is_free], "person"] = -1 - onto[is_free]
    return ended


def _beside(known: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Both together: new persons are numbered after the known ones, negative numbers name known ones."""
    shifted = np.where(new["person"] < 0, -1 - new["person"], new["person"] + int(known["person"].max()) + 1)
    return pd.concat([known, new.assign(person=shifted)], ignore_index=True)


def deal(chance: Stream, *, counts: Ints, clashes: Flags, several_share: float) -> tuple[Ints, Ints]:
    """Persons and their categories: each category exactly `counts` times, the wanted share with two or more, none that clash."""
    total = int(counts.sum())
    people = round(total / (1 + several_share * (1 + _THREE_OF_SEVERAL)))
    three = round(people * several_share * _THREE_OF_SEVERAL)
    two = max(0, total - people - 2 * three)
    size = np.ones(total - two - 2 * three, dtype=np.int64)
    size[:three] = 3
    size[three : three + two] = 2
    person = np.repeat(np.arange(len(size)), size)
    category = chance.permutation(np.repeat(np.arange(len(counts)), counts))
    for _ in range(_ROUNDS):
        bad = np.flatnonzero(_clashing(person, category, clashes))
        if not len(bad):
            break
        stirred = np.union1d(bad, chance.integers(0, total, len(bad)))
        category[stirred] = chance.permutation(category[stirred])
    left = _clashing(person, category, clashes)
    person[left] = len(size) + np.arange(int(left.sum()))
    return person, category


def _clashing(person: Ints, category: Ints, clashes: Flags) -> Flags:
    """Slots whose category clashes with an earlier slot of the same person (slots of a person stand together, at most three)."""
    bad = np.zeros(len(person), dtype=np.bool_)
    for distance in (1, 2):
        if len(person) > distance:
            same = person[distance:] == person[:-distance]
            bad[distance:] |= same & clashes[category[distance:], category[:-distance]]
    return bad
