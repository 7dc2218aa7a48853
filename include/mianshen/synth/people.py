"""Persons who do not exist: sex, birth, name, numbers, household, town, account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth.names import NamePool, draw_names, draw_other_names
from mianshen.synth.numbers import accounts, certnos, padded, phones
from mianshen.synth.roll import OPEN, Roll
from mianshen.synth.shape import OTHER, Shape, listed_categories, trait_of
from mianshen.synth.streams import Flags, Ints, Stream, flags, pick, scramble, stream

_VILLAGES = ("新村", "平村", "和村", "旗村", "华村", "兴村", "凤村", "东村", "红村", "永村", "河坝社区", "正街社区")
_WORKING_AGE = (18, 60)


@dataclass(frozen=True, slots=True)
class _Leaning:
    """What a person's categories make likely."""

    low: Ints
    high: Ints
    male: np.ndarray[tuple[int], np.dtype[np.float64]]
    worker: np.ndarray[tuple[int], np.dtype[np.float64]]


def make_people(pack: Pack, roll: Roll, *, month: Month, seed: int, shape: Shape, pool: NamePool) -> pd.DataFrame:
    """One row a person, by number: certno, name, gend, born, insutype, phone, account, account_state, town, household, ..."""
    chance = stream(seed, "people")
    leaning = _lean(pack, roll)
    is_male = chance.random(roll.persons) < leaning.male
    age = leaning.low + np.floor((leaning.high - leaning.low + 1) * chance.beta(1.8, 1.2, roll.persons)).astype(np.int64)
    age = np.minimum(age, leaning.high)
    born = _births(chance, age=age, year=month.year)
    works = (age >= _WORKING_AGE[0]) & (age < _WORKING_AGE[1]) & (chance.random(roll.persons) < leaning.worker)
    people = pd.DataFrame(
        {
            "certno": certnos(born, is_male=is_male, offset=seed),
            "name": draw_names(chance, pool, is_male=is_male),
            "gend": pd.Series(np.where(is_male, "1", "2"), dtype="str"),
            "born": born,
            "age": age,
            "insutype": pd.Series(np.where(works, "310", "390"), dtype="str"),
            "psn_no": pack.county_code + "00000" + padded(scramble(roll.persons, digits=15, offset=seed), 15),
            "phone": phones(roll.persons, offset=seed),
            "is_former": ~np.isin(np.arange(roll.persons), roll.spans.loc[roll.spans["until"] == OPEN, "person"]),
        }
    )
    _house(people, pack, chance)
    _guard(people, seed=seed, pool=pool)
    _bank(people, chance, seed=seed, shape=shape)
    return people


def _lean(pack: Pack, roll: Roll) -> _Leaning:
    traits = [trait_of(one) for one, _ in listed_categories(pack)]
    held = roll.spans.drop_duplicates(["person", "category"])
    person, category = held["person"].to_numpy(), held["category"].to_numpy()
    low, high = np.full(roll.persons, OTHER.ages[0]), np.full(roll.persons, OTHER.ages[1])
    np.maximum.at(low, person, np.array([one.ages[0] for one in traits])[category])
    np.minimum.at(high, person, np.array([one.ages[1] for one in traits])[category])
    return _Leaning(
        low=np.minimum(low, high),
        high=high,
        male=_furthest([one.male_share for one in traits], OTHER.male_share, person, category, roll.persons),
        worker=_furthest([one.worker_share for one in traits], OTHER.worker_share, person, category, roll.persons),
    )


def _furthest(
    shares: list[float], usual: float, person: Ints, category: Ints, persons: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Each person's share that lies furthest from the usual one."""
    order = np.argsort(np.abs(np.array(shares) - usual)[category], kind="stable")
    chosen = np.full(persons, usual, dtype=np.float64)
    chosen[person[order]] = np.array(shares, dtype=np.float64)[category[order]]
    return chosen


def _births(chance: Stream, *, age: Ints, year: int) -> pd.Series[pd.Timestamp]:
    """Birthdays of persons who have that age at the end of the year before."""
    last = np.datetime64(date(year - 1, 12, 31), "D")
    return pd.Series(last - (age * 365.2425).astype(np.int64) - chance.integers(0, 365, len(age))).astype("datetime64[s]")


def _house(people: pd.DataFrame, pack: Pack, chance: Stream) -> None:
    """Adds households of one to four, with their head (the eldest), relation, town and village."""
    count = len(people)
    size = chance.choice([1, 2, 3, 4], size=count, p=[0.45, 0.3, 0.15, 0.1])
    number = np.repeat(np.arange(count), size)[:count]
    member = chance.permutation(count)
    by_age = np.lexsort((-people["age"].to_numpy()[member], number))
    member = member[by_age]
    head = member[np.searchsorted(number, number, side="left")]
    house = np.empty(count, dtype=np.int64)
    head_of = np.empty(count, dtype=np.int64)
    house[member], head_of[member] = number, head
    people["household"] = pack.county_code + padded(scramble(count, digits=8, offset=17)[house], 8)
    people["head"] = head_of
    people["head_name"] = people["name"].to_numpy()[head_of]
    people["relation"] = _relation(people, head_of)
    towns = pack.towns or (pack.county_name_zh,)
    people["town"] = np.array(towns, dtype=object)[chance.integers(0, len(towns), count)[house]]
    people["village"] = np.array(_VILLAGES, dtype=object)[chance.integers(0, len(_VILLAGES), count)[house]]
    people["place"] = pack.county_name_zh + people["town"].astype("str")


def _relation(people: pd.DataFrame, head: Ints) -> pd.Series[str]:
    gap = people["age"].to_numpy()[head] - people["age"].to_numpy()
    is_male = flags(people["gend"] == "1")
    is_pair = (gap < 15) & (is_male[head] != is_male)
    child = np.where(gap >= 40, "孙子女", np.where(is_male, "子", "女"))
    return pd.Series(
        np.select([head == np.arange(len(people)), is_pair, gap >= 15], ["户主", "配偶", child], default="兄弟姐妹"), dtype="str"
    )


def _guard(people: pd.DataFrame, *, seed: int, pool: NamePool) -> None:
    """Adds guardians: the head of the household, or an adult on no list."""
    is_own_head = people["head"].to_numpy() == np.arange(len(people))
    others = draw_other_names(seed, pool, len(people))
    people["guardian"] = others.where(pd.Series(is_own_head), people["head_name"])


def _bank(people: pd.DataFrame, chance: Stream, *, seed: int, shape: Shape) -> None:
    """Adds accounts: a right one, none, another person's, or one that a spreadsheet spoiled."""
    count = len(people)
    right = accounts(count, offset=seed)
    troubled = pick(chance, np.ones(count, dtype=np.bool_), round(count * shape.account_trouble_share))
    kind = chance.permutation(np.arange(len(troubled)) % 3)
    written, state = right.to_numpy(dtype=object), np.full(count, "ok", dtype=object)
    missing, shared, spoiled = (troubled[kind == one] for one in range(3))
    owner = chance.permutation(np.flatnonzero(_untouched(count, troubled)))[: len(shared)]
    written[missing], state[missing] = "", "missing"
    written[shared] = written[owner]
    state[shared], state[owner] = "shared", "shared"
    written[spoiled] = [_spoil(one, place) for place, one in enumerate(written[spoiled])]
    state[spoiled] = "flagged"
    people["account"] = pd.Series(written, dtype="str")
    people["account_state"] = pd.Series(state, dtype="str")


def _untouched(count: int, troubled: Ints) -> Flags:
    free = np.ones(count, dtype=np.bool_)
    free[troubled] = False
    return free


def _spoil(account: str, place: int) -> str:
    """The account as a spreadsheet, a typist or a cut column would leave it."""
    return (f"{account[0]}.{account[1:6]}E+18", f"{account[:-4]}O{account[-3:]}", account[:11])[place % 3]
