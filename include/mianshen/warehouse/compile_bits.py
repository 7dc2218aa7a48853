"""The bits of categories: their places in the Plan, by which compiled SQL counts them; and how wide a mask of them is."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Plan


def position_of(plan: Plan, category_code: str) -> int:
    """The category's place in the Plan, from 1; ValueError when the Plan does not list it."""
    return [one.code for one in plan.categories].index(category_code) + 1


def bit_of(plan: Plan, category_code: str) -> int:
    """The category's bit."""
    return 1 << (position_of(plan, category_code) - 1)


def as_mask(what: exp.Expr, bits: int) -> exp.Expr:
    """The value in the narrowest type that holds so many bits: millions of claims carry it through every window."""
    kind = next((kind for kind, most in (("smallint", 15), ("int", 31)) if bits <= most), "bigint")
    return exp.cast(what, kind)
