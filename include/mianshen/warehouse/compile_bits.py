"""The bits of categories: their places in the Plan, by which compiled SQL counts them."""

from __future__ import annotations

from mianshen.core.plan import Plan


def position_of(plan: Plan, category_code: str) -> int:
    """The category's place in the Plan, from 1; ValueError when the Plan does not list it."""
    return [one.code for one in plan.categories].index(category_code) + 1


def bit_of(plan: Plan, category_code: str) -> int:
    """The category's bit."""
    return 1 << (position_of(plan, category_code) - 1)
