"""Columns looked at as bytes: which cells hold only expected signs and are not too long; the others are read one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Lengths = npt.NDArray[np.int64]


Signs = npt.NDArray[np.bool_]
"""A table of 256 places, one for each byte."""


def edge_bytes(texts: str, place: int) -> Signs:
    """The first (0) or last (-1) bytes of these signs in UTF-8."""
    table = np.zeros(256, np.bool_)
    table[[one.encode()[place] for one in texts]] = True
    return table


def signs(allowed: str) -> Signs:
    """A table of 256 places that is true at each of these ASCII signs."""
    table = np.zeros(256, np.bool_)
    table[list(allowed.encode("ascii"))] = True
    return table


def buffers(cells: pa.Array) -> tuple[Bytes, Lengths]:
    """The bytes of a text column without nulls, and where each cell ends in them, the start 0 first."""
    width = np.dtype(np.int64 if pa.types.is_large_string(cells.type) else np.int32)
    _, places, body = cells.buffers()
    ends = np.frombuffer(places, width, count=cells.offset + len(cells) + 1)[cells.offset :].astype(np.int64)
    data = np.frombuffer(body, np.uint8) if body is not None else np.zeros(0, np.uint8)
    return data[ends[0] : ends[-1]], ends - ends[0]


def odd_cells(cells: pa.Array, *, allowed: npt.NDArray[np.bool_], longest: int) -> npt.NDArray[np.bool_]:
    """Which cells of a text column hold another sign, begin or end with a blank, or are longer; empty cells are not odd."""
    data, ends = buffers(cells)
    lengths = np.diff(ends)
    odd: npt.NDArray[np.bool_] = lengths > longest
    if not _are_among(data, allowed):
        odd[np.searchsorted(ends, np.flatnonzero(~allowed[data]), "right") - 1] = True
    if allowed[ord(" ")]:
        filled = np.flatnonzero(lengths)
        blank = (data[ends[filled]] == ord(" ")) | (data[ends[filled + 1] - 1] == ord(" "))
        odd[filled[blank]] = True
    return odd


def edged(cells: pa.Array, *, first: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which cells begin with a byte of the one table or end with one of the other; empty cells do not."""
    data, ends = buffers(cells)
    found = np.zeros(len(cells), np.bool_)
    filled = np.flatnonzero(np.diff(ends))
    found[filled] = first[data[ends[filled]]] | last[data[ends[filled + 1] - 1]]
    return found


def has_only(cells: pa.ChunkedArray, allowed: npt.NDArray[np.bool_]) -> bool:
    """Whether every byte of a text column is one of these signs."""
    return all(_are_among(buffers(chunk)[0], allowed) for chunk in cells.chunks)


def _are_among(data: Bytes, allowed: Signs) -> bool:
    """Whether all bytes are allowed ones; Python's own translation looks at them three times as fast as an index does."""
    return not data.tobytes().translate(None, np.flatnonzero(allowed).astype(np.uint8).tobytes())


def begin_with_digits(cells: pa.Array, count: int) -> npt.NDArray[np.bool_]:
    """Which cells begin with at least so many plain digits."""
    data, ends = buffers(cells)
    found: npt.NDArray[np.bool_] = np.diff(ends) >= count
    starts = ends[:-1][found]
    is_digit = (data >= ord("0")) & (data <= ord("9"))
    every = np.ones(len(starts), np.bool_)
    for place in range(count):
        every &= is_digit[starts + place]
    found[found] = every
    return found


def replaced(cells: pa.Array, odd: npt.NDArray[np.bool_], function: Callable[[pa.Array], Any]) -> pa.Array:
    """The column with `function` applied to the odd cells alone."""
    if not odd.any():
        return cells
    if odd.all():
        return function(cells)
    mask = pa.array(odd)
    return pc.replace_with_mask(cells, mask, function(cells.filter(mask)))


def all_shaped(cells: pa.Array, shape: str) -> bool:
    """Whether every cell has exactly this shape: `0` stands for any digit, any other ASCII sign for itself."""
    data, ends = buffers(cells)
    if not len(cells) or not (np.diff(ends) == len(shape)).all():
        return False
    rows = data.reshape(len(cells), len(shape))
    return all(bool(_stands(rows[:, place], sign).all()) for place, sign in enumerate(shape))


def shaped(cells: pa.Array, shape: str) -> npt.NDArray[np.bool_]:
    """Which cells have exactly this shape."""
    data, ends = buffers(cells)
    found: npt.NDArray[np.bool_] = np.diff(ends) == len(shape)
    rows = data[ends[:-1][found][:, None] + np.arange(len(shape))]
    every = np.ones(len(rows), np.bool_)
    for place, sign in enumerate(shape):
        every &= _stands(rows[:, place], sign)
    found[found] = every
    return found


def _stands(column: Bytes, sign: str) -> npt.NDArray[np.bool_]:
    if sign == "0":
        return (column >= ord("0")) & (column <= ord("9"))
    return np.asarray(column == ord(sign))
