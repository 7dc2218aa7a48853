"""The numbers of one benefit as rows, one a category, and the relief F of a year's total in their terms.

docs/reference/relief-semantics.md, 5: brackets of the excess over the deductible, exact, rounded once, then the cap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import PLAIN_ROUNDING, BestOf, Rate
from mianshen.warehouse.compile_bits import as_mask, bit_of
from mianshen.warehouse.compile_words import Binder, bigint, col, greatest, least, minus, named, number, plus, select_from

KINK = ("kink_fen", "slope_ppm")
"""A total at which the slope of F changes, and by how much."""


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
    """The benefit's numbers, one row a category, of members one a member's `benefit` and category: where the slope of F changes
    and by how much, and the cap.

    What a category has not is of no slope. So are all of one that is not rated, of no category and of no member: nothing is due.
    """
    names = ["bit", "is_rated", *(f"{name}_{turn}" for turn in _turns(step) for name in KINK), "cap_fen"]
    rows = []
    for one in step.members or (step,):
        of_member = [number(one.bit)] if step.members else []
        rated = {rate.category_code: (place, rate) for place, rate in enumerate(one.benefit.rates, 1)}
        unrated = [0, *(bit_of(plan, other.code) for other in plan.categories if other.code not in rated)]
        rows += [(*of_member, *_numbers(plan, one, *of, binder, turns=_turns(step))) for of in rated.values()]
        rows += [(*of_member, *_nothing(step, bit)) for bit in unrated]
    if step.members:
        every = [0, *(bit_of(plan, one.code) for one in plan.categories)]
        rows += [(number(0), *_nothing(step, bit)) for bit in every]
    listed = ["benefit", *names] if step.members else names
    narrow = {"benefit": len(plan.benefits), "bit": len(plan.categories)}
    made = [as_mask(col(name), narrow[name]) if name in narrow else bigint(col(name)) for name in listed]
    made[listed.index("is_rated")] = col("is_rated")
    values = exp.values(rows, alias="rated", columns=listed)
    return select_from(values, *[named(what, name) for what, name in zip(made, listed, strict=True)])


def kinks_of(rate: Rate) -> list[tuple[int, int]]:
    """Totals in fen at which the slope of the rate's relief changes, in order, and the change in parts per million.

    A bracket begins with its ratio above the deductible and takes it back at its end, so that
    the relief of a total is the sum of every change times what of the total lies above it.
    """
    changes: defaultdict[int, int] = defaultdict(int)
    for bracket in rate.brackets:
        changes[bracket.low_fen] += bracket.ratio_ppm
        if bracket.high_fen is not None:
            changes[bracket.high_fen] -= bracket.ratio_ppm
    deductible = rate.deductible.amounts_fen[0]
    return [(deductible + fen, change) for fen, change in sorted(changes.items()) if change]


def _turns(step: Step) -> range:
    return range(1, max(1, *(len(kinks_of(rate)) for rate in step.benefit.rates)) + 1)


def _nothing(step: Step, bit: int) -> Iterator[exp.Expr]:
    """The numbers of what is not rated; no cap where no category has one."""
    yield from (number(bit), exp.false(), *(number(0) for _ in _turns(step) for _ in KINK))
    yield number(0) if any(one.caps for one in step.benefit.rates) else exp.null()


def _numbers(plan: Plan, step: Step, place: int, rate: Rate, binder: Binder, *, turns: range) -> Iterator[exp.Expr]:
    bound, kinks = step.name(f"c{place}"), kinks_of(rate)
    yield from (number(bit_of(plan, rate.category_code)), exp.true())
    for turn in turns:
        if turn > len(kinks):
            yield from (number(0), number(0))
            continue
        for name, value in zip(KINK, kinks[turn - 1], strict=True):
            yield binder.bind(f"{bound}_{name}_{turn}", value)
    yield exp.null() if not rate.caps else binder.bind(f"{bound}_cap_fen", rate.caps[0].amount_fen)


def relief_of(step: Step, rated: str, total: exp.Expr) -> exp.Expr:
    """F(total): every change of slope times what lies above it, exact, rounded half up once, then the cap. No cap is null."""
    parts = []
    for turn in _turns(step):
        above = greatest([minus(total.copy(), col(f"kink_fen_{turn}", rated)), number(0)])
        parts.append(exp.Mul(this=above, expression=col(f"slope_ppm_{turn}", rated)))
    rounded = exp.IntDiv(this=exp.paren(plus([*parts, number(PPM // 2)])), expression=number(PPM))
    if all(not one.caps for one in step.benefit.rates):
        return rounded
    return least([rounded, col("cap_fen", rated)])
