"""Plain text in columns; a Chinese character is two places wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def in_columns(rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """The rows as lines, columns two spaces apart; columns in `right` stand at their right edge."""
    table = [list(row) for row in rows]
    if not table:
        return []
    widths = [max(width_of(row[place]) for row in table) for place in range(len(table[0]))]
    return ["  ".join(_cell(cell, widths[place], place in right) for place, cell in enumerate(row)).rstrip() for row in table]


def width_of(text: str) -> int:
    """How many places the text takes."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _cell(text: str, width: int, is_right: bool) -> str:
    gap = " " * (width - width_of(text))
    return gap + text if is_right else text + gap
