"""What the reading library does not tell of a workbook: cells with an error or an uncounted formula, and how it counts days."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping

UNFILLED = "#N/A"
"""How such a cell is read: as damage, never as nothing."""

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true)[\"']")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]")
_MAY_BE = re.compile(rb'\bt="e"|<(?:\w+:)?f\b')
_PLACE = re.compile(rb"^([A-Z]{1,3})(\d{1,7})$")
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def unfilled_cells(content: bytes) -> Mapping[int, frozenset[tuple[int, int]]]:
    """Row and column from 0 of each such cell, by place of the sheet in the book; none for other kinds of books.

    A formula whose stored result is an empty text is no such cell.
    """
    if not content.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {_BOOK, _RELATIONS} <= names:
            return {}
        targets = {
            one.get(b"Id", b""): one.get(b"Target", b"").decode() for one in _attributes(_RELATION, archive.read(_RELATIONS))
        }
        found: dict[int, frozenset[tuple[int, int]]] = {}
        for place, sheet in enumerate(_attributes(_SHEET, archive.read(_BOOK))):
            target = targets.get(sheet.get(b"r:id", b""), "")
            path = posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if not target.startswith("/") else target[1:]
            if path in names:
                found[place] = frozenset(_unfilled(archive.read(path)))
    return found


def counts_from_1904(content: bytes) -> bool:
    """Whether an XLSX workbook counts its days from 1904, as those made on old Macintoshes do."""
    if not content.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _BOOK in archive.namelist() and _FROM_1904.search(archive.read(_BOOK)) is not None


def _attributes(tag: re.Pattern[bytes], text: bytes) -> Iterator[dict[bytes, bytes]]:
    for one in tag.finditer(text):
        yield dict(_ATTRIBUTE.findall(one[1]))


def _unfilled(sheet: bytes) -> Iterator[tuple[int, int]]:
    if _MAY_BE.search(sheet) is None:
        return
    for cell in _CELL.finditer(sheet):
        kind = dict(_ATTRIBUTE.findall(cell[1]))
        body = cell[2] or b""
        is_error = kind.get(b"t") == b"e"
        is_open = kind.get(b"t") != b"str" and _FORMULA.search(body) is not None and _VALUE.search(body) is None
        place = _PLACE.match(kind.get(b"r", b""))
        if place is not None and (is_error or is_open):
            yield int(place[2]) - 1, _column(place[1])


def _column(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number - 1
