"""Seeded streams of chance: one a purpose, so that a change in one place does not shift the draws of another."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.random import PCG64, Generator, SeedSequence

Stream = Generator
"""A seeded stream; nothing here draws without one."""
Ints = npt.NDArray[np.int64]
"""Whole numbers: places, months, fen."""
Flags = npt.NDArray[np.bool_]
"""One yes or no a row."""


def stream(seed: int, purpose: str) -> Stream:
    """The stream of this purpose: the same seed and purpose give the same draws."""
    return Generator(PCG64(SeedSequence(entropy=seed, spawn_key=(crc32(purpose.encode()),))))


def scramble(count: int, *, digits: int, offset: int) -> Ints:
    """`count` different numbers below 10**digits without a visible order (at most 15 digits, count at most 10**digits)."""
    modulus = 10**digits
    step = modulus * 618_033_988_749 // 10**12 | 1
    step += 2 * (step % 5 == 0)
    thousand, place = np.divmod(np.arange(count, dtype=np.int64), 1_000)
    bases = [(one * 1_000 * step + (offset + 1) * 271_828_182_845_903) % modulus for one in range(count // 1_000 + 1)]
    return np.asarray((np.array(bases, dtype=np.int64)[thousand] + place * step) % modulus, dtype=np.int64)


def ints(column: pd.Series[int]) -> Ints:
    """The column as whole numbers of 64 bits."""
    return np.asarray(column.to_numpy(), dtype=np.int64)


def flags(column: pd.Series[bool]) -> Flags:
    """The column as yes and no."""
    return np.asarray(column.to_numpy(), dtype=np.bool_)


def pick(chance: Stream, among: Flags, count: int) -> Ints:
    """`count` different places where the flag stands, sorted; all of them when there are fewer."""
    places = np.flatnonzero(among)
    return np.sort(chance.choice(places, size=min(count, len(places)), replace=False)).astype(np.int64)
