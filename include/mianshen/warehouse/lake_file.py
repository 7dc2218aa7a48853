"""One Parquet file of the lake: written, sorted where it has to be, synced."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

_FORMAT = "format parquet, parquet_version v2, compression zstd, compression_level 1, dictionary_size_limit 2000"
"""Nearly as small as with higher levels, in two thirds of the time; a dictionary of more values costs more than it saves."""


def write_rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any], part: Path, order: Sequence[str]
) -> int:
    """Write the rows to the file, sorted where they do not ascend by the order as they come; returns their number."""
    body = query.rstrip().rstrip(";")
    _copy(connection, body, values, part)
    if order and not _ascends(connection, part, order):
        listed = ", ".join(order)
        _copy(connection, f"select * from ({body}) order by {listed}", values, part)  # noqa: S608 - names from our .yml
    sync(part)
    counted = connection.execute("select count(*) from read_parquet($path)", {"path": str(part)}).fetchone()
    return int(counted[0]) if counted else 0


def _copy(connection: duckdb.DuckDBPyConnection, body: str, values: dict[str, Any], part: Path) -> None:
    place = str(part).replace("'", "''")
    connection.execute(f"copy ({body}) to '{place}' ({_FORMAT})", values)


def _ascends(connection: duckdb.DuckDBPyConnection, part: Path, order: Sequence[str]) -> bool:
    """Whether every row of the part comes after the one before it, by these columns."""
    rows = connection.read_parquet(str(part)).project(", ".join(order)).to_arrow_table()
    if rows.num_rows < 2:
        return True
    before, after = rows.slice(0, rows.num_rows - 1), rows.slice(1)
    tied, later = pa.scalar(True), pa.scalar(False)
    for name in order:
        later = pc.or_(later, pc.and_(tied, pc.less(before[name], after[name])))
        tied = pc.and_(tied, pc.equal(before[name], after[name]))
    return bool(pc.all(later, skip_nulls=False).as_py())


def sync(path: Path) -> None:
    """Let what was written to the file or folder outlive the machine's stop."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
