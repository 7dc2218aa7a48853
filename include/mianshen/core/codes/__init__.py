"""The closed list of reason codes: why a file, a row, a claim, an item or a payment did not simply go through.

Each chapter of the list is one module with one owner; a code stands once and is never reused with another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mianshen.core.codes import (
    access,
    approvals,
    bank,
    bills,
    cases,
    clocks,
    counted,
    exclusions,
    house,
    intake,
    lines,
    means,
    money,
    paged,
    papers,
    payments,
    persons,
    reckoning,
    recoveries,
    releases,
    relief,
    reviews,
    rosters,
    rows,
    sources,
    window,
)
from mianshen.core.codes.reason import Level, Reason

__all__ = ["REASONS", "Level", "Reason", "reason"]

CHAPTERS = (
    house,
    intake,
    rows,
    lines,
    rosters,
    persons,
    releases,
    relief,
    reviews,
    money,
    payments,
    approvals,
    cases,
    means,
    bills,
    papers,
    exclusions,
    counted,
    clocks,
    recoveries,
    bank,
    paged,
    sources,
    reckoning,
    access,
    window,
)
"""In the order of the reference."""


def _merged() -> Mapping[str, Reason]:
    merged: dict[str, Reason] = {}
    for chapter in CHAPTERS:
        for entry in chapter.REASONS:
            if entry.code in merged:
                raise ValueError(f"reason code {entry.code} stands twice in core.codes")
            merged[entry.code] = entry
    return MappingProxyType(merged)


REASONS: Mapping[str, Reason] = _merged()
"""Every reason by its code."""


def reason(code: str) -> Reason:
    """The reason with this code; KeyError names a code that the closed list does not hold."""
    return REASONS[code]
