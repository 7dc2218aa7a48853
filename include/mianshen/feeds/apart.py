"""Cells that could not be typed as they were read, in one column of lists: a row that has none carries no empty text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ODD = "odd_cells"
"""The column that holds them."""
_CELL = ("place", "text")


def set_apart(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """The rows without these text columns, whose cells stand in `odd_cells`, each with its column's place among `names`."""
    if not names:
        return rows
    found = [(place, rows[name].combine_chunks()) for place, name in enumerate(names)]
    cells = [(place, np.flatnonzero(one.is_valid().to_numpy(zero_copy_only=False)), one) for place, one in found if _has_any(one)]
    lines = np.concatenate([np.zeros(0, np.int64), *(where for _, where, _ in cells)])
    order = pa.array(np.argsort(lines, kind="stable"))
    places = np.concatenate([np.zeros(0, np.int8), *(np.full(len(where), place, np.int8) for place, where, _ in cells)])
    texts = pa.concat_arrays([pa.array([], pa.string()), *(one.take(pa.array(where)) for _, where, one in cells)])
    values = pa.StructArray.from_arrays([pa.array(places), texts], names=list(_CELL)).take(order)
    ends = np.cumsum(np.bincount(lines, minlength=rows.num_rows))
    lists = pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]).astype(np.int32)), values)
    return rows.drop_columns(list(names)).append_column(ODD, lists)


def put_back(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """The rows with those of the columns that hold a cell; a column without any stays away."""
    if not names:
        return rows
    lists, rows = rows[ODD].combine_chunks(), rows.drop_columns([ODD])
    values = lists.flatten()
    if not len(values):
        return rows
    lines = np.repeat(np.arange(rows.num_rows), lists.value_lengths().to_numpy())
    places = values.field("place").to_numpy()
    for place, name in enumerate(names):
        mine = places == place
        if mine.any():
            filled = np.zeros(rows.num_rows, np.bool_)
            filled[lines[mine]] = True
            texts = values.field("text").filter(pa.array(mine))
            rows = rows.append_column(name, pc.replace_with_mask(pa.nulls(rows.num_rows, pa.string()), pa.array(filled), texts))
    return rows


def _has_any(cells: pa.Array) -> bool:
    return bool(cells.null_count < len(cells))
