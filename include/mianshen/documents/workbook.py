"""Workbooks that leave the house: text cells only, and the same bytes whenever they are made again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*(</dcterms:)")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_HEAD = PatternFill("solid", fgColor="FFE8EEF7")
WIDEST = 32
"""Columns are at most so wide; longer text wraps."""
LINE_HEIGHT = 15
"""Points of one line of text; programs that do not measure text themselves need the row's height said."""


class Book:
    """A workbook being written, sheet by sheet."""

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        self._styles: dict[tuple[bool, bool, bool], Any] = {}
        """Looks of cells, by whether they are bold, filled and wrapped: a book has few of them, and many cells."""

    def sheet(self, title: str, *, above: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A sheet of title lines, headings and rows; every cell is text, whatever it begins with."""
        page: Any = self._book.create_sheet(title)
        lines = [list(row) for row in rows]
        widths = _widths(headings, lines)
        for place, width in enumerate(widths, 1):
            page.column_dimensions[get_column_letter(place)].width = width
        for place, row in enumerate(lines, len(above) + 2):
            page.row_dimensions[place].height = LINE_HEIGHT * _lines(row, widths)
        page.freeze_panes = f"A{len(above) + 2}"
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        page.print_title_rows = f"1:{len(above) + 1}"
        for line in above:
            page.append([self._cell(page, line, bold=line is above[0], wrap=False)])
        page.append([self._cell(page, heading, bold=True, fill=True, wrap=False) for heading in headings])
        for row in lines:
            page.append([self._cell(page, text) for text in row])

    def _cell(self, page: Any, text: str, *, bold: bool = False, fill: bool = False, wrap: bool = True) -> Any:
        cell: Any = WriteOnlyCell(page, value="")
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
        cell.data_type = "s"  # a formula is told from text by its type, never by a prefix that somebody may strip
        look = (bold, fill, wrap)
        if look not in self._styles:
            _dress(cell, bold=bold, fill=fill, wrap=wrap)
            self._styles[look] = cell._style
        cell._style = self._styles[look]
        return cell

    def content(self, *, made: datetime) -> bytes:
        """The file's bytes, dated by this moment alone."""
        return dated(self._book, made=made)


def dated(book: Any, *, made: datetime) -> bytes:
    """The bytes of an openpyxl workbook, dated by this moment alone."""
    raw = io.BytesIO()
    book.save(raw)
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw.getvalue())) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in sorted(old.namelist()):
            part = zipfile.ZipInfo(name, date_time=_EARLIEST)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", old.read(name)), compresslevel=6)
    return fixed.getvalue()


def _dress(cell: Any, *, bold: bool, fill: bool, wrap: bool) -> None:
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=wrap)
    if bold:
        cell.font = Font(bold=True)
    if fill:
        cell.fill = _HEAD


def _widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    table = [headings, *rows]
    return [min(WIDEST, 3 + max(_width(row[place]) for row in table if place < len(row))) for place in range(len(headings))]


def _lines(row: Sequence[str], widths: Sequence[int]) -> int:
    """How many lines the row's longest cell takes."""
    cells = zip(row, widths, strict=False)
    return max((sum(1 + _width(line) // (width - 1) for line in text.split("\n")) for text, width in cells), default=1)


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)
