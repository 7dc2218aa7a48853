"""A long table taken slice by slice, so that memory stays flat; rows that share a key are always in one slice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from mianshen.warehouse.lake import show
from mianshen.warehouse.spool import AT_ONCE

_WIDE = 4_000_000
"""Keys that are counted together: eight bytes each."""


def each_slice(
    connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[str], *, key: str | None, whole: int
) -> Iterator[int]:
    """Make the files readable as schema.table slice by slice; yields each slice's number while it is there.

    Up to `whole` rows, and without a key, there is one slice. Beyond, a slice is a few files without the rows whose
    delivery_id and key stand more than once; those come in slices of their own at the end, equal keys together.
    """
    counts = _rows(connection, files)
    if key is None or sum(counts.values()) <= whole:
        show(connection, table, files)
        yield 0
        return
    doubled = _count_doubled(connection, table, files, key=key, rows=sum(counts.values()))
    number = 0
    for group in _grouped(files, counts):
        show(connection, table, group)
        if doubled:
            _set_aside(connection, table, key=key, is_first=number == 0)
        yield number
        number += 1
    for _ in _aside(connection, table, key=key) if doubled else ():
        yield number
        number += 1


def _rows(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> dict[str, int]:
    if not files:
        return {}
    found = connection.execute("select file_name, num_rows from parquet_file_metadata($files)", {"files": list(files)}).fetchall()
    return {str(name): int(rows) for name, rows in found}


def _grouped(files: Iterable[str], counts: dict[str, int]) -> Iterator[list[str]]:
    """Files in their order, as many together as have AT_ONCE rows at most, a longer one alone."""
    group: list[str] = []
    rows = 0
    for path in files:
        if group and rows + counts[path] > AT_ONCE:
            yield group
            group, rows = [], 0
        group.append(path)
        rows += counts[path]
    if group:
        yield group


def _hash(key: str) -> str:
    return f'hash(delivery_id, "{key}")'


def _count_doubled(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[str], *, key: str, rows: int) -> int:
    """Make staging.doubled, the hashes of keys that stand more than once; returns how many, never too few."""
    show(connection, table, files)
    turns = rows // _WIDE + 1
    found = [np.zeros(0, np.uint64)]
    for turn in range(turns):
        counted = connection.execute(
            f'select {_hash(key)} as key_hash from {table} where "{key}" is not null'  # noqa: S608 - our own names
            + (f" and {_hash(key)} % {turns} = {turn}" if turns > 1 else "")
        ).fetchnumpy()["key_hash"]
        mine = np.sort(np.asarray(counted, np.uint64))
        found.append(np.unique(mine[1:][mine[1:] == mine[:-1]]))
    doubled = np.concatenate(found)
    connection.execute("create or replace table staging.doubled (key_hash ubigint)")
    connection.from_arrow(pa.table({"key_hash": doubled})).insert_into("staging.doubled")
    return len(doubled)


def _set_aside(connection: duckdb.DuckDBPyConnection, table: str, *, key: str, is_first: bool) -> None:
    """Move the rows whose keys stand more than once from the slice to staging.aside."""
    name = table.split(".")[1]
    connection.execute(f"drop view if exists {table}_all")
    connection.execute(f"alter view {table} rename to {name}_all")
    is_doubled = f'"{key}" is not null and {_hash(key)} in (select key_hash from staging.doubled)'  # noqa: S608 - our own names
    into = "create or replace table staging.aside as" if is_first else "insert into staging.aside"
    connection.execute(f"{into} select * from {table}_all where {is_doubled}")  # noqa: S608 - our own names
    connection.execute(f"create or replace view {table} as select * from {table}_all where not ({is_doubled})")  # noqa: S608


def _aside(connection: duckdb.DuckDBPyConnection, table: str, *, key: str) -> Iterator[None]:
    found = connection.execute("select count(*) from staging.aside").fetchone()
    turns = (int(found[0]) if found else 0) // AT_ONCE + 1
    for turn in range(turns):
        mine = f"select * from staging.aside where {_hash(key)} % {turns} = {turn}"  # noqa: S608 - our own names
        connection.execute(f"create or replace view {table} as {mine}")
        yield
