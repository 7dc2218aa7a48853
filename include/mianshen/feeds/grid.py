"""A delivery as a grid of text: the first rows to search for headings, then a table of cells with their line numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Grid:
    """A file before its heading is known."""

    top: Sequence[Sequence[str]]
    """The first rows, as cells."""
    body: Callable[[int, int], Body]
    """The rows below the heading whose last row has this index, and which is so many cells wide."""


def cell_name(index: int) -> str:
    """The name of the cell at this index in `Body.table`."""
    return f"c{index}"
