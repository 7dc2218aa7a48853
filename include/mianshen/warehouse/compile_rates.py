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
    turn: int = 0
    """The turn that it takes where benefits change places (compile_turns), 0 where it stands in the same place in every order."""
    members: tuple[Step, ...] = ()
    """The plain benefits that take the turn as one, each on the claims for which it is the one; empty for one by itself."""

    @property
    def bit(self) -> int:
        """Its bit in `covers`, or those of its members."""
        return sum(one.bit for one in self.members) if self.members else 1 << (self.place - 1)

    @property
    def is_plain(self) -> bool:
        """Whether its relief is one function of the year's total, so that one window is enough."""
        one = self.benefit
        usual = one.rounding == PLAIN_ROUNDING and one.best_of is BestOf.RUNNING_MAXIMUM and not one.modifiers
        return usual and all(rate.is_plain and len(rate.caps) <= 1 for rate in one.rates)

    def name(self, what: str) -> str:
        """A column or table of this step, within its turn where it takes one."""
        turn = f"t{self.turn}_" if self.turn else ""
        return f"{turn}{what}" if self.members else f"{turn}b{self.place}_{what}"

    def column(self, what: str) -> str:
        """A column that the benefit adds for good, whatever turn it takes."""
        return f"b{self.place}_{what}"

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that it adds for good."""
        kept = ("burden_fen", "entitled_fen", "category", *(("open_fen",) if self.benefit.bucket_code is not None else ()))
        return tuple(self.column(one) for one in kept)


def steps_of(plan: Plan) -> list[Step]:
    """The Plan's benefits with their places."""
    return [Step(place, benefit) for place, benefit in enumerate(plan.benefits, 1)]


def rates_of(plan: Plan, step: Step, binder: Binder) -> exp.Select:
    """The benefit's numbers, one row a category, of members one a member's `benefit` and category; a bracket that a category has
    not is of no length."""
    names = ["bit", "deductible_fen", *(f"{name}_{part}" for part in _parts(step) for name in BRACKET), "cap_fen"]
    rows = []
    for one in step.members or (step,):
        of_member = [number(one.bit)] if step.members else []
        for place, rate in enumerate(one.benefit.rates, 1):
            rows.append((*of_member, *_numbers(plan, one, place, rate, binder, parts=_parts(step))))
    names = ["benefit", *names] if step.members else names
    values = exp.values(rows, alias="rated", columns=names)
    return select_from(values, *[named(bigint(col(name)), name) for name in names])


def _parts(step: Step) -> range:
    return range(1, max(len(rate.brackets) for rate in step.benefit.rates) + 1)


def _numbers(plan: Plan, step: Step, place: int, rate: Rate, binder: Binder, *, parts: range) -> Iterator[exp.Expr]:
    bound = step.name(f"c{place}")
    yield number(bit_of(plan, rate.category_code))
    yield binder.bind(f"{bound}_deductible_fen", rate.deductible.amounts_fen[0])
    for part in parts:
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
