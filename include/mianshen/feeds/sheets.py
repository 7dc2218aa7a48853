"""Workbooks as a grid: cells as a person sees them, numbers that a spreadsheet has rounded left recognisably damaged."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from mianshen.core.errors import MianshenError
from mianshen.feeds.bookparts import UNFILLED, counts_from_1904, unfilled_cells
from mianshen.feeds.grid import LINE, Body, Grid, cell_name
from mianshen.feeds.header import SEARCHED_ROWS

EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; what is longer has lost its tail."""

FROM_1904 = 1462
"""Days between the two beginnings from which workbooks count days."""
_IDENTITY = re.compile(r"^\s*'?(\d{17}[\dXx]|\d{15}|\d(\.\d+)?E\+1[4-7])\s*$")

Cell = int | float | str | bool | time | date | datetime | timedelta


def open_book(content: bytes, *, where: str, knows: Callable[[Sequence[Sequence[str]]], int]) -> Grid:
    """The grid behind the one visible sheet that carries records; `knows` counts headings. Hidden rows and columns are read.

    MianshenError FILE_LOCKED for a password, FILE_UNREADABLE for a damaged workbook, SHEETS_SEVERAL when more than one visible
    sheet carries records.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        places = [
            place
            for place, one in enumerate(book.sheets_metadata)
            if one.visible is SheetVisibleEnum.Visible and one.typ is SheetTypeEnum.WorkSheet
        ]
        unfilled = unfilled_cells(content)
        sheets = [_cells(book.get_sheet_by_index(place), unfilled.get(place, frozenset())) for place in places]
    except PasswordError:
        raise MianshenError("FILE_LOCKED", found="workbook", where=where) from None
    except (CalamineError, ValueError, OSError) as cause:
        raise MianshenError("FILE_UNREADABLE", found=f"workbook, {type(cause).__name__}", where=where) from None
    rows = _chosen(sheets, [knows(rows[:SEARCHED_ROWS]) for rows in sheets], where=where)
    later = FROM_1904 if counts_from_1904(content) else 0
    return Grid(rows[:SEARCHED_ROWS], lambda row, width: _body(rows, row, width), days_later=later)


def _cells(sheet: CalamineSheet, unfilled: Collection[tuple[int, int]]) -> list[list[str]]:
    """The sheet as text; a cell merged over rows stands in each of them, one that holds an error says so."""
    rows = [[to_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for line, place in unfilled:
        if line < len(rows) and place < len(rows[line]):
            rows[line][place] = rows[line][place] or UNFILLED
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and bottom > top and bottom < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = row[left] or rows[top][left]
    return rows


def _chosen(sheets: Sequence[list[list[str]]], counts: Sequence[int], *, where: str) -> list[list[str]]:
    """The sheet with most headings, as long as no other sheet carries records too."""
    if not sheets:
        raise MianshenError("FILE_UNREADABLE", found="no visible sheet", where=where)
    best = counts.index(max(counts))
    full = [index for index, rows in enumerate(sheets) if _has_records(rows) or (counts[index] > 1 and _has_rows(rows))]
    if len(full) > 1:
        raise MianshenError("SHEETS_SEVERAL", found=f"{len(full)} of {len(sheets)} visible sheets", where=where)
    return sheets[full[0] if full else best]


def _has_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Whether more rows than the heading hold more than one cell."""
    return sum(1 for row in rows if sum(1 for cell in row if cell.strip()) > 1) > 1


def _has_records(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a cell of the sheet looks like an id number, whole or damaged."""
    return any(_IDENTITY.match(cell) for row in rows for cell in row)


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


def _body(rows: Sequence[Sequence[str]], last_row: int, width: int) -> Body:
    below = rows[last_row + 1 :]
    columns = {cell_name(index): pa.array([row[index] for row in below], pa.string()) for index in range(width)}
    numbers = pa.array(range(last_row + 2, last_row + 2 + len(below)), pa.int64())
    return Body(pa.table({LINE: numbers, **columns}), ())
