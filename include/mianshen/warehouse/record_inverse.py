"""Which rates a record turns round step by step, to say what burden would have brought relief (out.record_change).

Every step of such a rate is a function of a running total of the year, the deductible also of all years: what came before the
claim is a sum, and the least burden follows backwards from the aim through modifiers, cap, rounding, brackets and deductible.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import (
    PLAIN_ROUNDING,
    Below,
    Bracket,
    BracketsOn,
    Cap,
    Condition,
    DeductibleKind,
    Form,
    Modifier,
    Period,
    Position,
    Rate,
)
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.record_words import is_plain

HALVES = pa.list_(pa.struct([("is_before", pa.bool_()), ("marks", pa.int64()), ("factor_ppm", pa.int64())]))
"""The column `halves` of staging.plan_pair: what multiplies before or after the cap, for whom."""


def is_inverted(benefit: Benefit) -> bool:
    """Whether the benefit is no plain one, and each of its rates can be turned round."""
    is_usual = benefit.rounding == PLAIN_ROUNDING and not benefit.needs_the_year and not benefit.counts_window_relief
    is_alone = benefit.bucket_code is None and all(_halves(one) for one in benefit.modifiers)
    return not is_plain(benefit) and is_usual and is_alone and all(_runs(one) for one in benefit.rates)


def inverse_words(plan: Plan, benefit: Benefit, rate: Rate) -> dict[str, Any]:
    """The values of `is_inverted`, `is_lasting` and `halves` for one category of a benefit."""
    is_turned = is_inverted(benefit)
    known = {one.code for one in plan.categories}
    halves = [
        {
            "is_before": one.position is Position.BEFORE_CAP,
            "marks": sum(bit_of(plan, mark) for mark in set(one.condition.marks) if mark in known),
            "factor_ppm": one.factor_ppm,
        }
        for one in benefit.modifiers
    ]
    return {
        "is_inverted": is_turned,
        "is_lasting": rate.deductible.period is Period.ONCE,
        "halves": halves if is_turned else [],
    }


def _halves(one: Modifier) -> bool:
    """Whether it multiplies for whoever holds a mark, and asks nothing else."""
    return one.factor_ppm is not None and bool(one.condition.marks) and one.condition == Condition(marks=one.condition.marks)


def _runs(rate: Rate) -> bool:
    """Whether its steps run over the year, the deductible perhaps over all years, and look at nothing of one claim."""
    asked, brackets = rate.deductible, (rate.form, rate.brackets_on, rate.bracket_period)
    is_asked = asked.kind is DeductibleKind.SUBTRACTED and asked.period in (Period.YEAR, Period.ONCE) and not asked.waived
    is_split = brackets == (Form.MARGINAL, BracketsOn.EXCESS, Period.YEAR) and all(_is_bare(one) for one in rate.brackets)
    is_capped = len(rate.caps) < 2 and all(one == Cap(one.amount_fen) for one in rate.caps)
    return is_asked and asked.below is not Below.WHOLE and is_split and is_capped


def _is_bare(one: Bracket) -> bool:
    return not one.variants and one.lump_fen is None
