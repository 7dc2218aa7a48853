"""Rows laid aside within a task: written to a file as they come and taken up again in pieces, so that memory stays flat."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

AT_ONCE = 200_000
"""Rows that are worked on together; a table of the lake has a part for each so many."""


@dataclass(frozen=True, slots=True)
class Spool:
    """A folder of Arrow files that lives as long as its task."""

    folder: Path
    """Where they lie; nothing personal may."""

    def put(self, name: str, tables: Iterable[pa.Table]) -> int:
        """Lay the tables aside under this name; returns their rows."""
        rows = 0
        writer: pa.ipc.RecordBatchFileWriter | None = None
        with pa.OSFile(str(self._path(name)), "wb") as file:
            for table in tables:
                writer = writer or pa.ipc.new_file(file, table.schema)
                writer.write_table(table, max_chunksize=AT_ONCE)
                rows += table.num_rows
            if writer is not None:
                writer.close()
        return rows

    def take(self, name: str) -> Iterator[pa.Table]:
        """What was laid aside, in pieces of at most AT_ONCE rows; no piece when it was nothing.

        The pieces are not copied: each is a view of the file that is given back with the piece.
        """
        path = str(self._path(name))
        for number in range(_batches(path)):
            with pa.memory_map(path) as file, pa.ipc.open_file(file) as reader:
                yield pa.Table.from_batches([reader.get_batch(number)])

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.arrow"


def _batches(path: str) -> int:
    """In how many pieces a file of Arrow lies."""
    if Path(path).stat().st_size == 0:
        return 0
    with pa.memory_map(path) as file, pa.ipc.open_file(file) as reader:
        return int(reader.num_record_batches)


@contextmanager
def spooling(folder: Path) -> Iterator[Spool]:
    """A spool in this folder, which is emptied before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield Spool(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def gathered(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Small pieces joined and large ones cut, so that each but the last has AT_ONCE rows, in the same order.

    A column of nothing in one piece joins what another piece holds there.
    """
    waiting: list[pa.Table] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += piece.num_rows
        while count >= AT_ONCE:
            whole = pa.concat_tables(waiting, promote_options="default")
            yield whole.slice(0, AT_ONCE)
            waiting, count = [whole.slice(AT_ONCE)], count - AT_ONCE
    if count:
        yield pa.concat_tables(waiting, promote_options="default")
