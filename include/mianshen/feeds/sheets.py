"""Workbooks as a grid: cells as a person sees them, numbers that a spreadsheet has rounded left recognisably damaged."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from mianshen.core.errors import MianshenError
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.header import SEARCHED_ROWS

EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; what is longer has lost its tail."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def open_book(content: bytes, *, where: str, knows: Callable[[Sequence[Sequence[str]]], int]) -> Grid:
    """The grid behind the one visible sheet that carries headings; `knows` counts them.

    MianshenError FILE_UNREADABLE for a damaged or locked workbook, or when several sheets carry headings.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            one.name
            for one in book.sheets_metadata
            if one.visible is SheetVisibleEnum.Visible and one.typ is SheetTypeEnum.WorkSheet
        ]
        sheets = [
            [[to_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for name in names
        ]
    except (CalamineError, ValueError, OSError) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"workbook, {type(cause).__name__}", where=where) from None
    counts = [knows(rows[:SEARCHED_ROWS]) for rows in sheets]
    headed = [index for index, count in enumerate(counts) if count and count == max(counts)]
    if len(headed) > 1:
        raise MianshenError("FILE_UNREADABLE", found=f"{len(headed)} sheets with headings", where=where)
    rows = sheets[headed[0]] if headed else []
    return Grid(rows[:SEARCHED_ROWS], lambda row: _body(rows, row))


def to_text(cell: Cell) -> str:
    """A cell as text. Numbers keep the fifteen digits a spreadsheet keeps; longer ones stay scientific, that is, damaged."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= 10**EXACT_DIGITS:
            return f"{cell:.14E}"
        return str(int(cell)) if cell == int(cell) else f"{cell:.{EXACT_DIGITS}g}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d" if cell.time() == time(0) else "%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _body(rows: Sequence[Sequence[str]], header_row: int) -> Body:
    width = len(rows[header_row])
    below = rows[header_row + 1 :]
    columns = {cell_name(index): pa.array([row[index] for row in below], pa.string()) for index in range(width)}
    numbers = pa.array(range(header_row + 2, header_row + 2 + len(below)), pa.int64())
    return Body(pa.table({LINE: numbers, **columns}), ())
