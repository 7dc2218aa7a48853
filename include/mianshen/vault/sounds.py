"""Names that read like a written one: one character another, its reading the same, tones apart. Nothing is looked up here."""

from __future__ import annotations

from functools import cache

NAME_SOUNDS_ALIKE = "NAME_SOUNDS_ALIKE"
"""Rule: one character of the name is another that reads the same."""
_FIRST, _LAST = 0x4E00, 0x9FFF


def alike(name: str) -> list[str]:
    """Every name of as many characters that differs from this one in one Chinese character which can be read the same, in order.

    A character of several readings stands for each of them; what is no Chinese character stays.
    """
    found = {
        f"{name[:place]}{other}{name[place + 1 :]}"
        for place, one in enumerate(name)
        for reading in _readings().get(one, ())
        for other in _characters()[reading]
    }
    return sorted(found - {name})


@cache
def _readings() -> dict[str, frozenset[str]]:
    """Readings without tones by character, of the usual block of Chinese characters."""
    from pypinyin import Style, pinyin  # its dictionary takes a third of a second to read

    signs = [chr(code) for code in range(_FIRST, _LAST + 1)]
    found = {one: pinyin(one, style=Style.NORMAL, heteronym=True, errors="ignore") for one in signs}
    return {one: frozenset(said[0]) for one, said in found.items() if said}


@cache
def _characters() -> dict[str, list[str]]:
    """Characters by reading."""
    found: dict[str, list[str]] = {}
    for one, said in _readings().items():
        for reading in said:
            found.setdefault(reading, []).append(one)
    return found
