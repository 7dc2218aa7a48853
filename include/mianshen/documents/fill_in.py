"""Pages that are filled in and sent back: text cells only, locked but for the yellow ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

YELLOW = PatternFill("solid", fgColor="FFFFF2CC")
"""What is filled in."""
GREY = PatternFill("solid", fgColor="FFE8EEF7")
"""Headings."""
_THIN = Side(style="thin", color="FFBFBFBF")
_LINE = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def put(
    page: Any,
    line: int,
    place: int,
    text: str,
    *,
    bold: bool = False,
    fill: Any = None,
    free: bool = False,
    edge: bool = True,
    wrap: bool = True,
    right: bool = False,
) -> None:
    """Write a cell as text, whatever it begins with."""
    cell = page.cell(row=line, column=place)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text) or None
    if text:
        cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=wrap, horizontal="right" if right else None)
    cell.protection = Protection(locked=not free)
    if bold:
        cell.font = Font(bold=True)
    if fill is not None:
        cell.fill = fill
    if edge:
        cell.border = _LINE


def entitle(page: Any, text: str) -> None:
    """The page's title in its first cell."""
    put(page, 1, 1, text, edge=False, wrap=False)
    page["A1"].font = Font(bold=True, size=14)


def offer(page: Any, choices: Sequence[str], places: str) -> None:
    """A list to choose from in these cells; empty is allowed."""
    rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    page.add_data_validation(rule)
    rule.add(places)


def lay_out(page: Any, widths: Sequence[int], *, first_line: int) -> None:
    """Landscape on one page's width, headings on every page, everything but the free cells locked."""
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    page.freeze_panes = f"A{first_line}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{first_line - 1}:{first_line - 1}"
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False
