"""How the text of a cell is spoiled, by kind of fault; only faulty rows pass through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from mianshen.synth.faults import Labels
from mianshen.synth.names import homophone, spaced, with_lost_character

_FULL_WIDTH = {ord(one): ord(one) + 0xFEE0 for one in "0123456789X"}


def _other_check_digit(certno: str) -> str:
    return certno[:-1] + ("0" if certno[-1] == "X" else str((int(certno[-1]) + 1) % 10))


CERTNO: Mapping[str, Callable[[str], str]] = {
    "certno_full_width": lambda one: one.translate(_FULL_WIDTH),
    "certno_inner_space": lambda one: f"{one[:6]} {one[6:14]} {one[14:]}",
    "certno_apostrophe": lambda one: f"'{one}",
    "certno_lower_case_x": lambda one: one.lower(),
    "certno_fifteen_digits": lambda one: one[:6] + one[8:17],
    "certno_trailing_tab": lambda one: f"{one}\t",
    "certno_bad_check_digit": _other_check_digit,
    "certno_missing": lambda one: "",
    "certno_scientific": lambda one: f"{one[0]}.{one[1:6]}E+17",
    "certno_masked": lambda one: f"{one[:6]}********{one[14:]}",
    "certno_impossible_date": lambda one: f"{one[:10]}0230{one[14:]}",
}
"""What becomes of an id number."""
NAME: Mapping[str, Callable[[str], str]] = {
    "name_spaced": spaced,
    "name_homophone": homophone,
    "name_lost_character": with_lost_character,
}
"""What becomes of a name."""
CARD: Mapping[str, Callable[[str], str]] = {
    "card_reissued": lambda one: f"{one}B1",
    "card_broken": lambda one: one[:6] + one[8:],
}
"""What becomes of a disability card's number."""
CATEGORY: Mapping[str, Callable[[str], str]] = {
    "category_unknown": lambda one: "其他困难人员",
    "category_spaced": lambda one: f"{one[:2]}\u3000{one[2:]} ",
}
"""What becomes of a written category."""
MONEY: Mapping[str, Callable[[str], str]] = {
    "money_invalid": lambda one: f"{one[:-1]}O",
    "money_missing": lambda one: "",
    "money_decorated": lambda one: f"\u00a5{one}",
}
"""What becomes of an amount."""
BEGIN: Mapping[str, Callable[[str], str]] = {"date_wrong": lambda one: f"{one[:4]}-02-30"}
"""What becomes of a day."""
KEY: Mapping[str, Callable[[str], str]] = {"key_missing": lambda one: ""}
"""What becomes of a serial number."""


def spoil(text: pd.Series[str], labels: Labels, ways: Mapping[str, Callable[[str], str]]) -> pd.Series[str]:
    """The column with the cells of the labelled rows spoiled."""
    spoiled = text.to_numpy(dtype=object).copy()
    for kind, way in ways.items():
        for place in np.flatnonzero(labels == kind):
            spoiled[place] = way(str(spoiled[place]))
    return pd.Series(spoiled, index=text.index, dtype="str")
