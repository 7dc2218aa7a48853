"""Identities that follow from a county's own cases: who was confirmed by a process counts as if a list had named the person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gives:
    """The identity that an outcome gives to the person of the case."""

    category_code: str
    """One of the county's categories."""
    with_item: bool
    """Whether the case's item, such as a disease, is held too, as a category or mark of its own."""
    since_step: str | None
    """Days count from the last decision of this step; None is the very decision that gives."""
    back_months: int
    """Months before that day from which it counts already."""
    months: int | None
    """How many months it lasts, from the day of the decision that gives; None lasts."""
