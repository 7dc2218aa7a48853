"""Cells that are what their value prints as, typed a column at a time: 12.30 as fen, 2026-10-05 as a day; any other stays text.

Whether a cell is typed depends on the cell alone, so that two rows that say the same end the same wherever they stand.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mianshen.core.contract import Column, Kind
from mianshen.feeds.plain import all_shaped, buffers, shaped

FEN, AT = "_fen", "_at"
"""What the name of a typed column ends with beside that of its text."""

_LONGEST = 12
"""Nine digits, a point and two more: a longer run may be a phone or a card."""
_POINT, _ZERO, _NINE = b".09"
_DIGITS = b"0123456789"
_MOMENT = pa.timestamp("us")
_SHAPES = {Kind.DATE: "0000-00-00", Kind.MOMENT: "0000-00-00 00:00:00"}
_ENDINGS = {Kind.MONEY: FEN, Kind.DATE: AT, Kind.MOMENT: AT}
_FIRST_YEAR, _LAST_YEAR = 1000, 2999


def typed_name(column: Column) -> str | None:
    """The name of the typed column beside this one; None for a column that stays text."""
    ending = _ENDINGS.get(column.kind)
    return None if ending is None else f"{column.name}{ending}"


def typed(cells: pa.ChunkedArray, column: Column) -> pa.Array:
    """Fen of each cell `12.30`, the moment of each cell `2026-10-05` (of a moment: with its time); null for any other cell."""
    whole = cells.combine_chunks()
    return _fen(whole) if column.kind is Kind.MONEY else _moments(whole, column.kind)


def _fen(cells: pa.Array) -> pa.Array:
    if _are_amounts(cells):
        return _fen_of(cells)
    mask = pa.array(_amounts(cells))
    return _spread(mask, _fen_of(cells.filter(mask)))


def _fen_of(cells: pa.Array) -> pa.Array:
    """Amounts without their point."""
    data, ends = buffers(cells)
    digits = data.tobytes().replace(b".", b"")
    places = (ends - np.arange(len(ends))).astype(np.int32)
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(places), pa.py_buffer(digits)).cast(pa.int64())


def _are_amounts(cells: pa.Array) -> bool:
    """Whether every cell is digits, a point and two digits, without a needless zero before."""
    data, ends = buffers(cells)
    lengths = np.diff(ends)
    if not len(cells) or lengths.min() < len("0.00") or lengths.max() > _LONGEST or not (data[ends[1:] - 3] == _POINT).all():
        return False
    if len(data.tobytes().translate(None, _DIGITS)) != len(cells):
        return False
    return bool(((data[ends[:-1]] != _ZERO) | (lengths == len("0.00"))).all())


def _amounts(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """Which cells are."""
    data, ends = buffers(cells)
    lengths = np.diff(ends)
    others = np.flatnonzero((data < _ZERO) | (data > _NINE))
    signs = np.bincount(np.searchsorted(ends, others, "right") - 1, minlength=len(cells))
    found: npt.NDArray[np.bool_] = (lengths >= len("0.00")) & (lengths <= _LONGEST) & (signs == 1)
    last, first = ends[1:][found], ends[:-1][found]
    found[found] = (data[last - 3] == _POINT) & ((data[first] != _ZERO) | (last - first == len("0.00")))
    return found


def _moments(cells: pa.Array, kind: Kind) -> pa.Array:
    shape = _SHAPES[kind]
    if all_shaped(cells, shape):
        return _cast(cells)
    mask = pa.array(shaped(cells, shape))
    return _spread(mask, _cast(cells.filter(mask)))


def _cast(cells: pa.Array) -> pa.Array:
    """The moments of cells of the right shape; null for what is no day, or none of the years that are meant."""
    try:
        found = pc.cast(cells, _MOMENT)
    except pa.ArrowInvalid:
        return _each(cells)
    span = pc.min_max(found)
    is_empty = not span["min"].is_valid
    return (
        found
        if is_empty or (span["min"].as_py().year >= _FIRST_YEAR and span["max"].as_py().year <= _LAST_YEAR)
        else _each(cells)
    )


def _each(cells: pa.Array) -> pa.Array:
    """The moments of cells of which some are none."""
    encoded = pc.dictionary_encode(cells)
    mask = pa.array([_is_moment(one) for one in encoded.dictionary.to_pylist()], pa.bool_())
    known = _spread(mask, pc.cast(encoded.dictionary.filter(mask), _MOMENT))
    return known.take(encoded.indices)


def _is_moment(written: str) -> bool:
    try:
        return _FIRST_YEAR <= datetime.fromisoformat(written).year <= _LAST_YEAR
    except ValueError:
        return False


def _spread(mask: pa.Array, values: pa.Array) -> pa.Array:
    """The values where the mask is true, null elsewhere."""
    return pc.replace_with_mask(pa.nulls(len(mask), values.type), mask, values)
