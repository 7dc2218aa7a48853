"""The numbers of one benefit as rows, one a category, and the relief F of a year's total in their terms.

docs/reference/relief-semantics.md, 5: brackets of the excess over the deductible, exact, rounded once, then the cap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import PLAIN_ROUNDING, BestOf, Rate
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_words import Binder, bigint, col, greatest, least, minus, named, number, plus, select_from

BRACKET = ("low_fen", "high_fen", "ratio_ppm")
"""The numbers of a bracket."""


@dataclass(frozen=True, slots=True)
class Step:
    """One benefit's place in the chain."""

    place: int
    """From 1, in Plan order."""
    benefit: Benefit
    """The benefit."""

    @property
    def bit(self) -> int:
        """Its bit in `covers`."""
        return 1 << (self.place - 1)

    @property
    def is_plain(self) -> bool:
        """Whether its relief is one function of the year's total, so that one window is enough."""
        one = self.benefit
        usual = one.rounding == PLAIN_ROUNDING and one.best_of is BestOf.RUNNING_MAXIMUM and not one.modifiers
        return usual and all(rate.is_plain and len(rate.caps) <= 1 for rate in one.rates)

    def name(self, what: str) -> str:
        """A column or table of this step."""
        return f"b{self.place}_{what}"

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that it adds for good."""
        kept = ("burden_fen", "entitled_fen", "category", *(("open_fen",) if self.benefit.bucket_code is not None else ()))
        return tuple(self.name(one) for one in kept)


def steps_of(plan: Plan) -> list[Step]:
    """The Plan's benefits with their places."""
    return [Step(place, benefit) for place, benefit in enumerate(plan.benefits, 1)]


def rates_of(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    """The benefit's numbers, one row a category; a bracket that a category has not is of no length."""
    names = ["bit", "deductible_fen", *(f"{name}_{part}" for part in _parts(step) for name in BRACKET), "cap_fen"]
    rows = [tuple(_numbers(plan, step, place, rate, binder)) for place, rate in enumerate(step.benefit.rates, 1)]
    values = exp.values(rows, alias="rated", columns=names)
    return select_from(values, *[named(bigint(col(name)), name) for name in names])


def _parts(step: Step) -> range:
    return range(1, max(len(rate.brackets) for rate in step.benefit.rates) + 1)


def _numbers(plan: Plan, step: Step, place: int, rate: Rate, binder: Binder) -> Iterator[exp.Expr]:
    bound = step.name(f"c{place}")
    yield number(bit_of(plan, rate.category_code))
    yield binder.bind(f"{bound}_deductible_fen", rate.deductible.amounts_fen[0])
    for part in _parts(step):
        if part > len(rate.brackets):
            yield from (number(0), number(0), number(0))
            continue
        bracket = rate.brackets[part - 1]
        yield binder.bind(f"{bound}_low_fen_{part}", bracket.low_fen)
        yield exp.null() if bracket.high_fen is None else binder.bind(f"{bound}_high_fen_{part}", bracket.high_fen)
        yield binder.bind(f"{bound}_ratio_ppm_{part}", bracket.ratio_ppm)
    yield exp.null() if not rate.caps else binder.bind(f"{bound}_cap_fen", rate.caps[0].amount_fen)


def relief_of(step: Step, rated: str, total: exp.Expr) -> exp.Expr:
    """F(total): brackets of the excess, exact, rounded half up once, then the cap. An open end and no cap are null."""
    excess = greatest([minus(total, col("deductible_fen", rated)), number(0)])
    parts = []
    for part in _parts(step):
        top = excess.copy()
        if any(len(one.brackets) >= part and one.brackets[part - 1].high_fen is not None for one in step.benefit.rates):
            top = least([top, col(f"high_fen_{part}", rated)])
        length = greatest([minus(top, col(f"low_fen_{part}", rated)), number(0)])
        parts.append(exp.Mul(this=length, expression=col(f"ratio_ppm_{part}", rated)))
    rounded = exp.IntDiv(this=exp.paren(plus([*parts, number(PPM // 2)])), expression=number(PPM))
    if all(not one.caps for one in step.benefit.rates):
        return rounded
    return least([rounded, col("cap_fen", rated)])
