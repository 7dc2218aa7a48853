"""PDF from print-CSS HTML, where pango and a CJK font are present. Equal HTML gives equal bytes on one machine."""

from __future__ import annotations

import shutil
import subprocess
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache

from mianshen.documents.glyphs import FACES, shown_in, twins_in, with_faces, with_points, without_font


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as PDF."""

    content: bytes
    """The file, fonts embedded; every character can be copied out of it again."""
    missing: tuple[str, ...]
    """Characters that stand as code points: no font here has them, or none draws them apart from another one."""
    pages: int
    """How many sheets of paper it takes."""


@cache
def can_print() -> bool:
    """Whether this machine has pango and a Chinese font; without them papers are HTML only (`mianshen doctor` says so)."""
    return find_library("pango-1.0") is not None and bool(_chinese_font())


def print_pdf(html: str) -> bytes:
    """The document as PDF, Chinese fonts embedded; see `printed` for what no font has."""
    return printed(html).content


def printed(html: str) -> Printed:
    """The document as PDF. A character that no font has is written as its code point and told in the paper's last line.

    What a font draws with the shape of another character is drawn from the next of FACES, so that copying gives every
    character back; what none of them draws apart is written as its code point too.
    """
    shown = shown_in(html)
    missing = without_font(shown)
    page = with_points(html, missing)
    places = dict.fromkeys(twins_in(shown) - set(missing), 0)
    while True:
        content, carried, pages = _made(with_faces(page, {one: FACES[place] for one, place in places.items()}))
        lost = shown - carried - set(missing)
        if not lost:
            return Printed(content, missing, pages)
        places |= {one: places.get(one, -1) + 1 for one in lost}
        missing = tuple(sorted({*missing, *(one for one in lost if places[one] == len(FACES))}))
        places = {one: place for one, place in places.items() if place < len(FACES)}
        page = with_points(html, missing)


def _made(html: str) -> tuple[bytes, frozenset[str], int]:
    """The PDF, every character that its fonts give back, and its pages."""
    from weasyprint import HTML

    document = HTML(string=html).render()
    content = bytes(document.write_pdf())
    fonts = document.fonts.values()
    texts = (text for one in fonts for glyph, text in one.to_unicode.items() if glyph not in one.missing.values())
    return content, frozenset("".join(texts)), len(document.pages)


def _chinese_font() -> str:
    program = shutil.which("fc-list")
    if program is None:
        return ""
    listed = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)  # noqa: S603
    return listed.stdout.strip()
