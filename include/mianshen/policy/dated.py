"""Dated values: a list of entries, each from its `since` on. Overlaps and gaps are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from mianshen.policy.shapes import Row


@dataclass(frozen=True, slots=True)
class InForce:
    """The entry of a dated value that holds on a day, with the days on which it holds."""

    row: Row
    """The entry."""
    since: date
    """First day of it."""
    until: date | None
    """First day no longer of it; None is open."""


def check_dates(entries: Sequence[Row]) -> None:
    """Nothing when the entries follow each other day by day; MianshenError POLICY_DAMAGED at the entry that does not."""
    for entry in entries:
        if entry["until"] is not None and entry["until"] <= entry["since"]:
            entry.at("until").refuse(f"止日 {entry['until']} 不晚于起日", "until is not after since")
    for earlier, later in pairwise(entries):
        ends = earlier["until"] or later["since"]
        if later["since"] <= earlier["since"] or later["since"] < ends:
            later.at("since").refuse(f"起日 {later['since']} 与上一条重叠", "it overlaps the entry before it")
        if later["since"] > ends:
            later.at("since").refuse(f"{ends} 至 {later['since']} 无取值", f"no value from {ends} to {later['since']}")


def in_force(entries: Sequence[Row], *, on: date) -> InForce:
    """The entry in force on the day; before the first it is the first, after the last it is the last.

    A caller that pays money looks at `since` and `until`: they say which days of care the entry covers.
    """
    check_dates(entries)
    index = max((place for place, entry in enumerate(entries) if entry["since"] <= on), default=0)
    chosen = entries[index]
    following = entries[index + 1]["since"] if index + 1 < len(entries) else None
    return InForce(chosen, chosen["since"], chosen["until"] or following)


def check_year_starts(entries: Sequence[Row]) -> None:
    """Nothing when values change only on 1 January; a change inside a benefit year has no single deductible and cap."""
    for entry in entries[1:]:
        if (entry["since"].month, entry["since"].day) != (1, 1):
            entry.at("since").refuse(
                f"年度中途({entry['since']})变更起付线或封顶线,须自 1 月 1 日起",
                f"the value changes inside a benefit year ({entry['since']}); it must change on 1 January",
            )
