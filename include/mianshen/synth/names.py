"""Names of persons who do not exist: a pool from Faker, rare characters, minority names, and how names get mistaken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from faker import Faker

from mianshen.synth.streams import Flags, Stream, stream

_POOL = 400
_WOMENS = frozenset("霞梅芳娟")
_RARE = ("䶮", "𠮷", "㛃", "䬞", "㭎", "𬱖")
_MINORITY = (
    ("阿依古丽", "古丽娜尔", "买买提", "艾山江", "次仁", "卓玛", "扎西", "吉克", "阿什么", "沙马"),
    ("买买提", "吐尔逊", "艾合买提", "多吉", "拉姆", "顿珠", "阿木", "日哈", "曲别", "依火"),
)
_RARE_SHARE = 0.006
_MINORITY_SHARE = 0.005
_HOMOPHONES = str.maketrans(
    "建秀英丽伟军华明玉红燕静芳娟刚杰强辉鑫桂淑晨佳霞",
    "健绣瑛莉玮君桦铭钰虹艳婧芬涓钢捷蔷晖欣贵舒辰嘉遐",
)


@dataclass(frozen=True, slots=True)
class NamePool:
    """Surnames and given names to draw from; an entry that stands twice is drawn twice as often."""

    surnames: tuple[str, ...]
    """One or two characters."""
    men: tuple[str, ...]
    """Given names of men."""
    women: tuple[str, ...]
    """Given names of women."""


def make_pool(seed: int) -> NamePool:
    """A pool of Chinese names from Faker; the same seed gives the same pool."""
    fake = Faker("zh_CN")
    fake.seed_instance(seed)
    men = (fake.first_name_male() for _ in range(_POOL))
    return NamePool(
        surnames=tuple(fake.last_name() for _ in range(_POOL)),
        men=tuple(one for one in men if not set(one) & _WOMENS),
        women=tuple(fake.first_name_female() for _ in range(_POOL)),
    )


def draw_names(chance: Stream, pool: NamePool, *, is_male: Flags) -> pd.Series[str]:
    """One name a person: usual ones, a few with rare characters, a few of minorities with the middle dot."""
    count = len(is_male)
    surname = _draw(chance, pool.surnames, count)
    given = _draw(chance, pool.men, count).where(is_male, _draw(chance, pool.women, count))
    rare = chance.random(count) < _RARE_SHARE
    given = given.where(~rare, _draw(chance, _RARE, count))
    usual = surname + given
    minority = chance.random(count) < _MINORITY_SHARE
    dotted = _draw(chance, _MINORITY[0], count) + "·" + _draw(chance, _MINORITY[1], count)
    return usual.where(~minority, dotted)


def draw_other_names(seed: int, pool: NamePool, count: int) -> pd.Series[str]:
    """Names of guardians and heads of household who are on no list themselves."""
    chance = stream(seed, "other names")
    return draw_names(chance, pool, is_male=chance.random(count) < 0.5)


def _draw(chance: Stream, words: tuple[str, ...], count: int) -> pd.Series[str]:
    return pd.Series(np.array(words, dtype=object)[chance.integers(0, len(words), count)], dtype="str")


def homophone(name: str) -> str:
    """The name with one character mistaken for another of the same sound; the same name when none is known."""
    for place in range(len(name) - 1, 0, -1):
        other = name[place].translate(_HOMOPHONES)
        if other != name[place]:
            return name[:place] + other + name[place + 1 :]
    return name


def spaced(name: str) -> str:
    """A name of two characters with a wide space between them, as word processors align columns."""
    return f"{name[0]}\u3000{name[1]}" if len(name) == 2 else f"{name} "


def with_lost_character(name: str) -> str:
    """The name with its last character lost to an encoding."""
    return name[:-1] + "□"
