"""Parquet as a grid of text: whole numbers are exact, binary fractions keep the digits that a spreadsheet would."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mianshen.core.errors import MianshenError
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.guard import MAX_BYTES
from mianshen.feeds.sheets import to_text


def open_parquet(content: bytes, *, where: str, knows: Callable[[Sequence[Sequence[str]]], int]) -> Grid:
    """The grid behind a Parquet file; its column names are the heading.

    MianshenError FILE_TOO_LARGE, or FILE_UNREADABLE for a damaged file or nested columns. `knows` is not asked.
    """
    del knows
    file = pq.ParquetFile(io.BytesIO(content))
    size = sum(file.metadata.row_group(one).total_byte_size for one in range(file.metadata.num_row_groups))
    if size > MAX_BYTES:
        raise MianshenError("FILE_TOO_LARGE", found=f"{len(content)} bytes grew beyond {size}", where=where)
    table = file.read()
    cells = [_to_text(table.column(place), where=where) for place in range(table.num_columns)]
    lines = pa.array(range(2, 2 + table.num_rows), pa.int64())
    body = pa.table([lines, *cells], names=[LINE, *(cell_name(place) for place in range(len(cells)))])
    return Grid([table.column_names], lambda _row, _width: Body(body, ()))


def _to_text(column: pa.ChunkedArray, *, where: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_nested(kind):
        raise MianshenError("FILE_UNREADABLE", found="a nested column", where=where)
    if pa.types.is_floating(kind) or pa.types.is_temporal(kind) or pa.types.is_boolean(kind):
        return pa.chunked_array([[to_text(one) if one is not None else "" for one in column.to_pylist()]], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = column.cast(pa.string())
    return pc.fill_null(column.cast(pa.string()), "")
