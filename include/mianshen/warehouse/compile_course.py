"""A course: some claims and the benefits that they meet, in one order; and what shared purses did to the claims before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp

from mianshen.core.plan import EventKind, Plan
from mianshen.warehouse.compile_claim import DETAIL
from mianshen.warehouse.compile_rates import Step, steps_of
from mianshen.warehouse.compile_turns import Turn
from mianshen.warehouse.compile_words import Binder, any_of, bigint, col, greatest, minus, number, switch

CUT = ("cut_fen", "is_spent")
"""What a shared purse did to a claim: how much did not fit, and whether it was used up with it."""
RUNNING = ("left_fen", "seen")
"""The running values of every Plan: what is left, and what the benefits saw."""
WINDOW = ("earlier_fen", "window_fen")
"""Those of window relief, nothing where no benefit counts it."""
RELIEF = "relief_fen"
"""The sum of the amounts: it runs along where the claims do not keep them."""


class Way(Enum):
    """How the order is known that a claim takes through the benefits."""

    PRINTED = "printed"
    """There is one order."""
    KNOWN = "known"
    """Each picked claim carries the number of its order."""
    PARTING = "parting"
    """Each picked claim carries its person-year's signature, and goes along every order that differs for it: the orders are one
    as long as they are the same, so that what they have in common is computed once (out.order_branch)."""


@dataclass(frozen=True, slots=True)
class Course:
    """One way of claims through the benefits."""

    turns: Sequence[Turn]
    """The benefits that pay, in their order; those of the Plan that are left out cover nothing."""
    picked: exp.Select | None = None
    """The claims that take it, with the columns of out.claim (and `b<n>_cut_fen`, `b<n>_is_spent`); None is all claims."""
    way: Way = Way.PRINTED
    """How the order is known."""
    keeps_lines: bool = True
    """Whether the claims keep what each benefit saw and gave."""
    keeps_places: bool = False
    """Whether the claims keep the number of the person and their own."""
    is_single: bool = False
    """Whether every claim is the only one of its person and year."""

    @property
    def steps(self) -> list[Step]:
        """The benefits, in Plan order."""
        found = {one.place: one for turn in self.turns for one in turn.steps}
        return [found[place] for place in sorted(found)]

    @property
    def is_parted(self) -> bool:
        """Whether a person may go along several orders."""
        return self.way is Way.PARTING or (self.way is Way.KNOWN and self.keeps_places)

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return max([1, *(len(turn.bits) for turn in self.turns)])

    def bits(self) -> list[int]:
        """The benefits that pay in each order, as bits."""
        return [sum(turn.bit(order_no) for turn in self.turns) for order_no in range(self.orders)]


def nothing_cut(steps: Sequence[Step]) -> dict[str, exp.Expr]:
    """What the purses cut while nothing of them is known."""
    shared = [one for one in steps if one.benefit.bucket_code is not None]
    return {one.column(CUT[0]): bigint(number(0)) for one in shared} | {one.column(CUT[1]): exp.false() for one in shared}


def counts_window(plan: Plan) -> bool:
    """Whether a benefit counts window relief as its own."""
    return any(one.counts_window_relief for one in plan.benefits)


def running_of(plan: Plan, course: Course) -> list[str]:
    """The running values of a claim on its course; they begin once the claims are numbered."""
    return [*RUNNING, *([] if course.keeps_lines else [RELIEF]), *(WINDOW if counts_window(plan) else ())]


def asked_of(plan: Plan) -> list[str]:
    """What the steps of the Plan's benefits ask of a claim, beside its money; nothing when all are plain."""
    return [*DETAIL, "admission_no", "held"] if any(not one.is_plain for one in steps_of(plan)) else []


def kind_of(plan: Plan, binder: Binder) -> exp.Expr:
    """The kind of the claim, told by the benefits that cover it: all are of its kind, and only those for care are left out."""
    steps = steps_of(plan)
    bits = {kind: sum(one.bit for one in steps if one.benefit.event_kind is kind) for kind in EventKind}
    words = {kind: binder.bind(kind.value, kind.value) for kind, of_kind in bits.items() if of_kind}
    if len(words) == 1:
        return next(iter(words.values()))
    *others, last = sorted(words, key=list(EventKind).index, reverse=True)
    covering = {
        kind: exp.NEQ(
            this=exp.paren(exp.BitwiseAnd(this=col("covers", "c"), expression=number(bits[kind]))), expression=number(0)
        )
        for kind in others
    }
    return switch(None, [(covering[kind], words[kind]) for kind in others], words[last])


def taken(step: Step) -> exp.Expr:
    """What is due, less what does not fit into the purse."""
    if step.benefit.bucket_code is None:
        return col("entitled_fen")
    return greatest([minus(col("entitled_fen"), col(step.column(CUT[0]))), number(0)])


def is_at_cap(step: Step) -> exp.Expr:
    """Whether a cap, or the purse, is used up."""
    met = col("is_at_cap")
    return met if step.benefit.bucket_code is None else any_of([met, col(step.column(CUT[1]))])
