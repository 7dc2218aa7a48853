"""A delivery as a grid of text: the first rows to search for headings, then a table of cells with their line numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

LINE = "line_no"
"""The column of line numbers in every table that a reader returns."""


@dataclass(frozen=True, slots=True)
class Body:
    """The rows below the heading."""

    table: pa.Table
    """`line_no` and the cells as text columns c0, c1, …; a missing cell is empty text."""
    broken: tuple[tuple[int, tuple[str, ...]], ...]
    """Rows that do not fit the heading: line number and cells."""


Cut = Callable[[int, int, Sequence[int] | None], Iterator[Body]]
"""Rows in blocks, by the heading's last row, its width and the places of the cells wanted; None wants every cell."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A file before its heading is known."""

    top: Sequence[Sequence[str]]
    """The first rows, as cells."""
    whole: Callable[[int, int], Body] | None
    """The rows below the heading whose last row has this index, and which is so many cells wide; None where blocks come."""
    cut: Cut | None = None
    """The same rows block by block, in file order; None where they come whole."""
    days_later: int = 0
    """How many days later than usual a bare day number means; a workbook that counts from 1904 says 1,462."""

    def body(self, row: int, width: int) -> Body:
        """All rows below the heading whose last row has this index, and which is so many cells wide."""
        if self.whole is not None:
            return self.whole(row, width)
        return joined(list(self.blocks(row, width)))

    def blocks(self, row: int, width: int, *, only: Sequence[int] | None = None) -> Iterator[Body]:
        """The same in file order block by block, at least one; of long texts the cells at these places alone, if asked."""
        if self.cut is None:
            yield self.body(row, width)
        else:
            yield from self.cut(row, width, only)


def joined(blocks: Sequence[Body]) -> Body:
    """The blocks of a body as one."""
    return Body(pa.concat_tables(one.table for one in blocks), tuple(row for one in blocks for row in one.broken))


def cell_name(index: int) -> str:
    """The name of the cell at this index in `Body.table`."""
    return f"c{index}"
