"""Written id numbers, a column at a time: plain right ones by arithmetic, every other one as `core.ids` reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mianshen.core.ids import CertNo
from mianshen.feeds.plain import buffers

_LENGTH = 18
_WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), np.int32)
_CHECK = np.frombuffer(b"10X98765432", np.uint8)
_DAYS = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), np.int32)
_FIRST_DAY = 19000101
_POWERS = 10 ** np.arange(16, -1, -1, dtype=np.int64)
NO_CODE = -1
"""Stands where no right number is."""

Numbers = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int64]
"""Right id numbers without their check characters: seventeen digits fit into eight bytes, and sort as the numbers do."""


def read_certnos(written: pa.Array, *, today: date, read: Callable[[str, date], CertNo]) -> list[CertNo]:
    """What became of each written number. `read` is `core.ids.read_certno`; it reads those that are not plain and right."""
    plain = right_certnos(written, today=today)
    return [
        CertNo(text, None, ()) if is_plain else read(text, today)
        for text, is_plain in zip(written.to_pylist(), plain.tolist(), strict=True)
    ]


def right_certnos(written: pa.Array, *, today: date) -> npt.NDArray[np.bool_]:
    """Which cells are eighteen plain signs with a real birth date up to today and the right check character."""
    return codes_of(written, today=today) >= 0


def codes_of(written: pa.Array, *, today: date) -> Codes:
    """The first seventeen digits of each right plain cell as a number, which says all of it; -1 for every other cell."""
    data, ends = buffers(written)
    codes: Codes = np.full(len(written), NO_CODE, np.int64)
    long = np.flatnonzero(np.diff(ends) == _LENGTH)
    if not len(long):
        return codes
    signs = data[ends[:-1][long][:, None] + np.arange(_LENGTH)]
    digits = signs[:, :17].astype(np.int32) - ord("0")
    is_right = ((digits >= 0) & (digits <= 9)).all(axis=1)
    digits[~is_right] = 0
    is_right &= _CHECK[(digits @ _WEIGHTS) % 11] == signs[:, 17]
    is_right &= _are_days(digits[:, 6:14], today)
    codes[long[is_right]] = digits[is_right] @ _POWERS
    return codes


def numbers_of(codes: Codes) -> list[str]:
    """The id numbers behind the codes."""
    digits = (codes[:, None] // _POWERS % 10).astype(np.int32)
    signs = np.concatenate([digits.astype(np.uint8) + ord("0"), _CHECK[(digits @ _WEIGHTS) % 11][:, None]], axis=1)
    return [str(one, "ascii") for one in np.ascontiguousarray(signs).view(f"S{_LENGTH}").ravel().tolist()]


def code_of(certno: str) -> int:
    """The code of a canonical id number."""
    return int(certno[:17])


def birth_years(codes: Codes) -> Codes:
    """The birth year in each code."""
    return codes // 10**7 % 10**4


def ascending(values: Codes) -> Codes:
    """Each value once, in order."""
    ordered = np.sort(values)
    found: Codes = ordered[np.append(np.ones(min(1, len(ordered)), np.bool_), ordered[1:] != ordered[:-1])]
    return found


def last_of_each(pairs: Codes) -> Codes:
    """Each pair once, ordered by where it stands last."""
    _, places = np.unique(pairs[::-1], return_index=True)
    return pairs[np.sort(len(pairs) - 1 - places)]


def _are_days(digits: npt.NDArray[np.int32], today: date) -> npt.NDArray[np.bool_]:
    """Which rows of eight digits are a day from 1900 to today."""
    year, month, day = (_number(digits[:, start:end]) for start, end in ((0, 4), (4, 6), (6, 8)))
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = _DAYS[np.where((month >= 1) & (month <= 12), month, 0)] + (is_leap & (month == 2))
    whole = year * 10000 + month * 100 + day
    known = (whole >= _FIRST_DAY) & (whole <= today.year * 10000 + today.month * 100 + today.day)
    found: npt.NDArray[np.bool_] = known & (day >= 1) & (day <= longest)
    return found


def _number(digits: Numbers) -> Numbers:
    number = np.zeros(len(digits), np.int32)
    for place in range(digits.shape[1]):
        number = number * 10 + digits[:, place]
    return number
