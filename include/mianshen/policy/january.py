"""What January closes: a year that stayed within a deductible brings nothing, and the person is told (reference)."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import Below
from mianshen.policy.chain import Progress, Sums
from mianshen.policy.verdicts import covers


def close_year(plan: Plan, year: Sequence[Progress], sums: Sums, *, refused: frozenset[str]) -> None:
    """Marks the claims of a benefit year that is over which a benefit with `below: closed` covers, where none of these paid.

    `sums` are the year's own lines, `refused` what departments refused (docs/reference/relief-semantics.md, 5.3).
    """
    closing = {one.code: one for one in plan.benefits if any(_closes(one))}
    paid = {line.benefit_code for one in year for line in one.lines} | {line.benefit_code for line in sums.lines}
    if not paid.isdisjoint(closing):
        return
    for one in year:
        one.is_closed = any(
            covers(plan, benefit, one.claim, one.held) and not one.held.isdisjoint(_closes(benefit))
            for code, benefit in closing.items()
            if code not in refused
        )


def _closes(benefit: Benefit) -> list[str]:
    """The categories whose year is closed in January."""
    return [one.category_code for one in benefit.rates if one.deductible.below is Below.CLOSED]
