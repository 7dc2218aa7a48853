"""What a benefit saw of each claim, what it gave, and what it left for the next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mianshen.warehouse.compile_course import RELIEF, Course, is_at_cap, taken
from mianshen.warehouse.compile_lanes import WHOLE
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_words import (
    all_of,
    any_of,
    col,
    greatest,
    has_bit,
    least,
    minus,
    named,
    number,
    plus,
    select_from,
    when,
)

SAW_BURDEN, ABOVE_DEDUCTIBLE, AT_CAP, BETTER_ELSEWHERE, HAS_LINE, HAS_AMOUNT, HAS_EXCESS = 1, 2, 4, 8, 16, 32, 64
MET_EARLIER = 128
"""Bits of `seen`: what the covering benefits saw, for a refusal's reason; whether there is a line, and an amount or share."""


def paid(step: Step, source: str, kept: Sequence[str], course: Course) -> exp.Select:
    """The running values after the benefit, and the columns that it adds for good; at the end of a turn, what covers a claim."""
    after = greatest([minus(col("left_fen"), taken(step)), number(0)])
    changed = {"left_fen": after, RELIEF: plus([col(RELIEF), taken(step)]), "seen": _seen(step)}
    if step.benefit.counts_window_relief:
        changed |= _after_window(step, after)
    if step.turn and WHOLE not in kept:
        changed["covers"] = col(WHOLE)
    told = _told(step) if course.keeps_lines else {}
    return select_from(
        source,
        *[named(changed[name], name) if name in changed else told.pop(name, col(name)) for name in kept],
        *told.values(),
    )


def _told(step: Step) -> dict[str, exp.Expr]:
    """What the benefit saw and gave, by column; where it takes a turn with others, of the claims for which it is the one."""
    what = {"burden_fen": col("left_fen"), "entitled_fen": taken(step), "category": col("category")}
    what["open_fen"] = col("entitled_fen")
    made = {}
    for one in step.members or (step,):
        for name in one.made:
            seen = what[name.removeprefix(one.column(""))].copy()
            seen = when(has_bit("covers", one.bit), seen, col(name)) if step.turn else seen
            made[name] = named(seen, name)
    return made


def _after_window(step: Step, after: exp.Expr) -> dict[str, exp.Expr]:
    """Window relief: an advance where the benefit covers the claim, an earlier payer where it does not."""
    taken = least([col("left_fen"), col("maf_fen")])
    amount = minus(col("entitled_fen"), col("own_window"))
    return {
        "left_fen": when(has_bit("covers", step.bit), after, minus(col("left_fen"), taken)),
        "earlier_fen": when(has_bit("covers", step.bit), col("earlier_fen"), plus([col("earlier_fen"), taken.copy()])),
        RELIEF: plus([col(RELIEF), amount]),
        "window_fen": plus([col("window_fen"), col("own_window")]),
    }


def _seen(step: Step) -> exp.Expr:
    """The bits seen so far and those of this benefit, when it covers the claim."""
    entitled, amount = taken(step), taken(step)
    has_line = [exp.NEQ(this=entitled, expression=number(0))]
    has_amount = exp.NEQ(this=amount, expression=number(0))
    if step.benefit.counts_window_relief:
        has_line.append(exp.NEQ(this=col("own_window"), expression=number(0)))
        has_amount = exp.NEQ(this=amount.copy(), expression=col("own_window"))
    above = _is_above_zero(col("best_fen")) if step.is_plain else any_of([_is_above_zero(col("best_fen")), col("is_over")])
    # of a plain benefit with relief in the year, whatever is brought by a category that has it is excess
    excess = _is_above_zero(col("left_fen")) if step.is_plain else col("has_excess")
    met = [
        when(_is_above_zero(col("left_fen")), number(SAW_BURDEN), number(0)),
        when(above, number(ABOVE_DEDUCTIBLE), number(0)),
        when(is_at_cap(step), number(AT_CAP), number(0)),
        when(exp.GT(this=col("best_fen"), expression=col("held_best_fen")), number(BETTER_ELSEWHERE), number(0)),
        number(0) if step.benefit.is_year_jump else when(any_of(has_line), number(HAS_LINE), number(0)),
        when(has_amount, number(HAS_AMOUNT), number(0)),
        when(all_of([above.copy(), excess]), number(HAS_EXCESS), number(0)),
    ]
    if step.benefit.is_year_jump:
        is_elsewhere = [_is_above_zero(col("best_fen")), exp.EQ(this=entitled.copy(), expression=number(0))]
        met.append(when(all_of(is_elsewhere), number(MET_EARLIER), number(0)))
    bits = when(has_bit("covers", step.bit), plus(met), number(0))
    return exp.BitwiseOr(this=col("seen"), expression=exp.paren(bits, copy=False))


def _is_above_zero(what: exp.Expr) -> exp.Expr:
    return exp.GT(this=what, expression=number(0))
