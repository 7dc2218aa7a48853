"""Id numbers, accounts, phones and cards of persons who do not exist, for whole columns at a time.

Id numbers begin with the never allocated area 100999, accounts with the unissued prefix 629999, phones with 100.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mianshen.core.ids import SYNTHETIC_AREA
from mianshen.synth.streams import Flags, Ints, ints, scramble

_WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), dtype=np.int64)
_CHECK = np.array(list("10X98765432"), dtype=object)
_ACCOUNT_PREFIX = "629999"
_PHONE_PREFIX = "100"


def digits_of(number: Ints, width: int) -> Ints:
    """The decimal digits of each number, one column a digit, leading zeros included."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return number[:, None] // powers % 10


def padded(number: Ints, width: int) -> pd.Series[str]:
    """Each number as text of at least this width, leading zeros included."""
    return pd.Series(number).astype("str").str.zfill(width)


def certnos(born: pd.Series[pd.Timestamp], *, is_male: Flags, offset: int) -> pd.Series[str]:
    """A well-formed id number a person, all different: at most 500 of a sex are born on one day.

    Neighbouring offsets never share a number while fewer than 197 of a sex are born on one day, so that two counties stay apart.
    """
    day = ints(born.dt.year * 10_000 + born.dt.month * 100 + born.dt.day)
    place = ints(pd.DataFrame({"day": day, "male": is_male}).groupby(["day", "male"]).cumcount())
    if int(place.max(initial=0)) >= 500:
        raise ValueError("more than 500 synthetic persons of one sex on one birthday")
    serial = (place * 37 + day + offset * 211) % 500 * 2 + is_male
    first = (int(SYNTHETIC_AREA) * 100_000_000 + day) * 1_000 + serial
    check = (digits_of(first, 17) * _WEIGHTS).sum(axis=1) % 11
    return padded(first, 17) + pd.Series(_CHECK[check], dtype="str")


def accounts(count: int, *, offset: int) -> pd.Series[str]:
    """Different account numbers of 19 digits with a right Luhn digit."""
    number = scramble(count, digits=12, offset=offset)
    head = np.array([int(digit) for digit in _ACCOUNT_PREFIX], dtype=np.int64)
    whole = np.hstack([np.tile(head, (count, 1)), digits_of(number, 12)])
    doubled = whole.copy()
    doubled[:, ::-2] *= 2
    total = (doubled - 9 * (doubled > 9)).sum(axis=1)
    return _ACCOUNT_PREFIX + padded(number, 12) + padded(-total % 10, 1)


def phones(count: int, *, offset: int) -> pd.Series[str]:
    """Different phone numbers of 11 digits, none of them in service."""
    return _PHONE_PREFIX + padded(scramble(count, digits=8, offset=offset), 8)
