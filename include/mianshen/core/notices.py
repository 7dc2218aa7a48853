"""Whom a public notice lists, whom it only counts, and how names are masked. No pack can change any of it.

People with HIV or a mental illness, minors and children in hardship are a number, whatever list or process they stand in. Who
cannot be told apart (no birth date) is counted too. Packs name their own categories, so the words of the names decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

ADULT_YEARS = 18
"""Full years at which a person may be listed."""
WORDS = ("艾滋", "HIV", "AIDS", "AIZI", "精神", "JINGSHEN", "未成年", "儿童", "ERTONG", "孤儿", "GUER", "困境", "KUNJING")
"""What the name or code of a category, list, disease or process says of people who are only counted."""
DIAGNOSES = ("B20", "B21", "B22", "B23", "B24", "R75", "Z21", "F")
"""ICD-10 codes that begin so: HIV, and mental and behavioural disorders."""
ILLNESS = "病"
"""A category whose name has this tells of an illness: a notice does not show it."""
MASK = "*"


def is_only_counted(*, born: date | None, on: date, said: Iterable[str], diagnoses: Iterable[str] = ()) -> bool:
    """Whether the person is a number on a notice that begins on the day.

    `said` is every name and code of what the person is listed as or asks for; `diagnoses` are ICD-10 codes.
    """
    if born is None or _years(born, on) < ADULT_YEARS:
        return True
    if any(one.upper().startswith(DIAGNOSES) for one in diagnoses):
        return True
    return any(word in one.upper() for one in said for word in WORDS)


def shown_categories(names: Iterable[str]) -> str:
    """The categories as notices show them: those that tell of no illness, by name; a dash when none is left."""
    return "、".join(sorted(one for one in names if ILLNESS not in one)) or "—"


def masked_name(name: str) -> str:
    """The name as notices show it: first and last character, the first alone of two; stars for the rest."""
    if len(name) < 3:
        return name[:1] + MASK * max(len(name) - 1, 1)
    return name[0] + MASK * (len(name) - 2) + name[-1]


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
