"""A page that came back: its cells as text, or every fault with its cell and its remedy."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError

LARGEST = 20_000_000
"""Bytes of a sheet, and ten times as many unpacked."""
SHOWN = 20
"""Faults that are told; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet's cells as text."""

    cells: Mapping[str, str]
    """Those that hold something, by name."""
    last_line: int
    """The last line of the page."""
    content_sha256: str
    """The hash of the file's bytes."""

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class Faults:
    """What is wrong, by cell, with what to do."""

    found: list[str] = field(default_factory=list)
    """One sentence a fault."""

    def add(self, cell: str, what: str, remedy: str) -> None:
        """One more."""
        self.found.append(f"{cell}:{what},{remedy}")

    def refuse(self, code: str, where: str) -> None:
        """Nothing when there is none; else MianshenError with this code, which names the first of them and counts the rest."""
        if self.found:
            more = f";另有 {len(self.found) - SHOWN} 处" if len(self.found) > SHOWN else ""
            raise MianshenError(code, found="；".join(self.found[:SHOWN]) + more, where=where)


def open_sheet(content: bytes, *, title: str, where: str) -> Page:
    """The page of a sheet; MianshenError SHEET_UNREADABLE when it is no workbook, SHEET_FOREIGN when it is another one,
    SHEET_INVALID when a cell is a formula or an error."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if len(content) > LARGEST or sum(one.file_size for one in parts.infolist()) > 10 * LARGEST:
                raise MianshenError("SHEET_UNREADABLE", found=f"> {LARGEST} bytes", where=where)
        book = load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
        page: Any = book[title] if title in book.sheetnames else None
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as cause:
        raise MianshenError("SHEET_UNREADABLE", found=type(cause).__name__, where=where) from None
    if page is None:
        raise MianshenError("SHEET_FOREIGN", found=f"没有“{title}”页", where=where)
    faults = Faults()
    cells = {}
    for row in page.iter_rows():
        for cell in row:
            if cell.data_type in ("f", "e"):
                faults.add(cell.coordinate, "是公式或错误值", "改为直接填写文字")
            elif cell.value is not None and (text := _text(cell.value)):
                cells[cell.coordinate] = text
    faults.refuse("SHEET_INVALID", where)
    return Page(cells, page.max_row, sha256_hex(content))


def _text(value: object) -> str:
    """A cell's value as it was given out: programs turn a number that is written as text into a number."""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return unicodedata.normalize("NFC", str(value)).strip()
