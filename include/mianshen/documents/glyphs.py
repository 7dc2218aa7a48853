"""Which characters the fonts of this machine can show, and how those are written that they cannot or that share a shape.

A character that no font has is never left to a box: its code point stands in its place, and the paper says so at its end. Two
characters that one font draws with one shape (一 and the radical ⼀) would leave a PDF as one character: the rarer one is
drawn from another font. Characters for private use mean something else in every font, so no font is believed for them.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html.parser import HTMLParser

FACES = ("Noto Sans CJK SC", "Noto Serif CJK TC", "Noto Sans CJK TC")
"""Fonts from which a character is drawn whose shape is taken in the paper's own font, in the order of the attempts."""
_TWINS = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
"""Radicals and compatibility characters: the ranges that share shapes with everyday characters."""
_BODY = "<body"


class _Text(HTMLParser):
    """Collects what a page's body shows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.shown.update(data)


def shown_in(html: str) -> frozenset[str]:
    """The characters that the page's body shows; blanks, controls and marks that only change another character left out."""
    reader = _Text()
    reader.feed(html[html.index(_BODY) :])
    return frozenset(one for one in reader.shown if unicodedata.category(one)[0] in "LNPS" or _is_private(one))


def without_font(characters: Iterable[str]) -> tuple[str, ...]:
    """Those of the characters that no font of this machine has, by code point."""
    return tuple(sorted(one for one in set(characters) if _is_private(one) or not _covered(ord(one))))


def twins_in(characters: Iterable[str]) -> frozenset[str]:
    """Those that may share their shape with an everyday character."""
    return frozenset(one for one in characters if any(low <= ord(one) <= high for low, high in _TWINS))


def point_of(character: str) -> str:
    """The character's code point as people write it: U+2A6A5."""
    return f"U+{ord(character):04X}"


def with_points(html: str, missing: Sequence[str]) -> str:
    """The page with each of these characters written as its code point, and a last line that says so."""
    if not missing:
        return html
    head, body = _parted(html)
    table = {ord(one): f'<span class="no-font">〔{point_of(one)}〕</span>' for one in missing}
    said = "、".join(point_of(one) for one in missing)
    note = (
        f'<p class="no-font">本文书有 {len(missing)} 个字本机没有字库,以码位代替,须手写补上:{said}。 '
        f"Characters that no font here has stand as code points.</p>"
    )
    written, closing = body.translate(table).rsplit("</body>", 1)
    return f"{head}{written}{note}\n</body>{closing}"


def with_faces(html: str, faces: Mapping[str, str]) -> str:
    """The page with each of these characters drawn from the font that it has here."""
    if not faces:
        return html
    head, body = _parted(html)
    return head + body.translate({ord(one): f"<span style=\"font-family:'{face}'\">{one}</span>" for one, face in faces.items()})


def _parted(html: str) -> tuple[str, str]:
    place = html.index(_BODY)
    return html[:place], html[place:]


def _is_private(character: str) -> bool:
    return unicodedata.category(character) in ("Co", "Cn", "Cs")


def _covered(point: int) -> bool:
    starts, ends = _ranges()
    place = bisect_right(starts, point)
    return place > 0 and point <= ends[place - 1]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """First and last code points of the ranges that some font has, disjoint and ascending."""
    program = shutil.which("fc-list")
    if program is None:
        return [], []
    listed = subprocess.run([program, "-f", "%{charset}\n"], capture_output=True, text=True, check=False)  # noqa: S603
    pairs = sorted(_range_of(one) for one in set(listed.stdout.split()))
    starts: list[int] = []
    ends: list[int] = []
    for low, high in pairs:
        if ends and low <= ends[-1] + 1:
            ends[-1] = max(ends[-1], high)
        else:
            starts.append(low)
            ends.append(high)
    return starts, ends


def _range_of(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low, 16), int(high or low, 16)
