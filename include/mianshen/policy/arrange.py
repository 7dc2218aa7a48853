"""The order search: every permitted order of the benefits is tried for a person and year, the best one counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mianshen.core.plan import Benefit, EventKind, OrderChoice, Plan
from mianshen.policy.chain import Chain, Progress, Sums
from mianshen.policy.results import OrderTried
from mianshen.policy.verdicts import covers


@dataclass(frozen=True, slots=True)
class Decided:
    """What people or earlier payments settled for a person, beside the facts."""

    refused: frozenset[tuple[str, int]] = frozenset()
    """(benefit, benefit year) that a department refused: the benefit pays nothing in that year, in any order."""
    locked: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Benefit year to the order that its first payment locked, as codes; heeded where the policy locks orders and permits it."""

    on: date | None = None
    """The day on which it is computed; None: no benefit year is over."""

    def is_over(self, plan: Plan, year: int) -> bool:
        """Whether the benefit year is over: its day of the next January has come."""
        return self.on is not None and self.on >= date(year + 1, 1, plan.january_day)

    def refused_in(self, year: int) -> frozenset[str]:
        """Benefits refused in the year."""
        return frozenset(code for code, refused_year in self.refused if refused_year == year)


def run_best(
    plan: Plan, opened: Callable[[], list[Progress]], decided: Decided
) -> tuple[list[Progress], Sums, tuple[OrderTried, ...]]:
    """The claims of one benefit year of care, sent through the best permitted order; and every order that was tried.

    Orders are compared among the benefits that cover a claim of the year; orders that are then the same count once, under the
    lowest number. The highest sum of entitlements counts, of equal ones the lowest number.
    """
    first = opened()
    year = first[0].claim.benefit_year
    refused = decided.refused_in(year)
    covering = _covering(plan, first, refused)
    numbers = _distinct(plan, covering)
    runs = {number: _run(plan, plan.arrangements[number], opened(), decided) for number in dict.fromkeys(numbers.values())}
    totals = {number: _entitled(*run) for number, run in runs.items()}
    best = min(totals, key=lambda number: (-totals[number], number))
    locked = decided.locked.get(year)
    if plan.order_choice is OrderChoice.LOCKED and locked is not None and locked in plan.arrangements:
        best = numbers[plan.arrangements.index(locked)]
    progresses, sums = runs[best]
    tried = tuple(
        OrderTried(year, number, total, number == best, tuple(code for code in plan.arrangements[number] if code in covering))
        for number, total in sorted(totals.items())
    )
    return progresses, sums, tried if len(tried) > 1 else ()


def _covering(plan: Plan, progresses: Sequence[Progress], refused: frozenset[str]) -> frozenset[str]:
    """Codes of the benefits that cover a claim of the year."""
    standing = [one for one in progresses if one.takes_part]
    return frozenset(
        benefit.code
        for benefit in plan.benefits
        if benefit.code not in refused and any(covers(plan, benefit, one.claim, one.held) for one in standing)
    )


def _distinct(plan: Plan, covering: frozenset[str]) -> dict[int, int]:
    """Number of each order to the lowest number of an order that is the same among the covering benefits."""
    lowest: dict[tuple[str, ...], int] = {}
    return {
        number: lowest.setdefault(tuple(code for code in order if code in covering), number)
        for number, order in enumerate(plan.arrangements)
    }


def _run(plan: Plan, order: Sequence[str], progresses: list[Progress], decided: Decided) -> tuple[list[Progress], Sums]:
    known = {one.code: one for one in plan.benefits if one.event_kind is EventKind.CARE}
    benefits: list[Benefit] = [known[code] for code in order]
    year = progresses[0].claim.benefit_year
    refused, is_over = decided.refused_in(year), decided.is_over(plan, year)
    return progresses, Chain(plan, benefits).run(progresses, refused=refused, is_over=is_over)


def _entitled(progresses: Sequence[Progress], sums: Sums) -> int:
    return sum(line.entitled_fen for one in progresses for line in one.lines) + sum(one.entitled_fen for one in sums.lines)
