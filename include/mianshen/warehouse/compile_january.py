"""What January closes: which claims stand under a deductible whose year, once over and within it, is closed.

docs/reference/relief-semantics.md, 5.3; out.assessment asks whether the year paid anything.
"""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import Below
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_words import any_of, has_bit


def closing_bits(plan: Plan, benefit: Benefit) -> int:
    """The categories whose year is closed in January, as bits; 0 where there is none."""
    return sum(bit_of(plan, one.category_code) for one in benefit.rates if one.deductible.below is Below.CLOSED)


def closes(plan: Plan) -> exp.Expr:
    """Whether a benefit that covers the claim (bits `covers`) closes the year for a category that it holds (bits `held`)."""
    asked = [(1 << place, closing_bits(plan, one)) for place, one in enumerate(plan.benefits)]
    met = [exp.and_(has_bit("covers", bit), has_bit("held", held), copy=False) for bit, held in asked if held]
    return any_of([exp.paren(one) for one in met])
