"""Written amounts as plain yuan: currency signs, thousands commas and full-width digits are folded, nothing else is."""

from __future__ import annotations

import re

from mianshen.feeds.days import NOTHING, half_width

UNREADABLE = "?"
"""Stands for an amount that cannot be read without a guess: 1.2万, (100.00), 12,34, 1.5E3."""

_WORDS = {"无", "空"}
"""Said of an amount these may mean nothing or zero: a person is asked."""
_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_PLAIN = re.compile(r"^([-+]?)¥?([-+]?)(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(\.\d+)?元?$", re.ASCII)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-"})


def read_yuan(written: str) -> str:
    """The amount in plain digits, empty for a sign of nothing, `?` for anything that would have to be guessed.

    Decimals beyond the fen stay as written; whoever needs fen refuses them.
    """
    text = _SPACES.sub("", half_width(written)).strip("'‘’`")
    if text.lower() in NOTHING - _WORDS:
        return ""
    found = _PLAIN.match(text.translate(_MINUS))
    if found is None or (found[1] and found[2]):
        return UNREADABLE
    sign = "-" if "-" in (found[1], found[2]) else ""
    return f"{sign}{found[3].replace(',', '')}{found[4] or ''}"
