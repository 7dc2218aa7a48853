"""What the sentence of a stepped rate needs beside the numbers: its steps in words, a row a benefit and category."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rate_words import PERIOD_ZH, condition_zh, modifier_zh, rounding_zh
from mianshen.core.rates import PLAIN_ROUNDING, BestOf, Cap, CapKind, DeductibleKind, Form, Period, Position, Rate

_CAP = pa.struct(
    [
        ("period_zh", pa.string()),
        ("is_all_or_nothing", pa.bool_()),
        ("is_per_day", pa.bool_()),
        ("is_of_claim", pa.bool_()),
        ("amount_fen", pa.int64()),
    ]
)
STEPS = pa.struct(
    [
        ("is_year_sum", pa.bool_()),
        ("is_running", pa.bool_()),
        ("is_shared", pa.bool_()),
        ("has_deductible", pa.bool_()),
        ("is_gate", pa.bool_()),
        ("opens_above", pa.bool_()),
        ("deductible_period_zh", pa.string()),
        ("is_deductible_of_claim", pa.bool_()),
        ("is_split", pa.bool_()),
        ("is_banded", pa.bool_()),
        ("highs", pa.list_(pa.int64())),
        ("is_lump", pa.list_(pa.bool_())),
        ("variants_zh", pa.list_(pa.list_(pa.string()))),
        ("modifiers", pa.list_(pa.struct([("zh", pa.string()), ("is_before", pa.bool_())]))),
        ("rounding_zh", pa.string()),
        ("caps", pa.list_(_CAP)),
    ]
)
"""The column `steps` of staging.plan_pair."""


def is_plain(benefit: Benefit) -> bool:
    """Whether its relief is one function of the year's total, so that the record shows the arithmetic of the year."""
    is_usual = benefit.rounding == PLAIN_ROUNDING and benefit.best_of is BestOf.RUNNING_MAXIMUM
    return is_usual and not benefit.modifiers and all(one.is_plain and len(one.caps) < 2 for one in benefit.rates)


def step_words(plan: Plan, benefit: Benefit, rate: Rate) -> dict[str, Any]:
    """The value of `steps` for one category of a benefit."""
    names = {one.code: one.name_zh for one in plan.categories}
    asked, brackets = rate.deductible, rate.brackets
    return {
        "is_year_sum": benefit.is_year_jump,
        "is_running": benefit.best_of is BestOf.RUNNING_MAXIMUM,
        "is_shared": benefit.bucket_code is not None,
        "has_deductible": any(asked.amounts_fen),
        "is_gate": asked.kind is DeductibleKind.GATE,
        "opens_above": asked.opens_above,
        "deductible_period_zh": PERIOD_ZH[asked.period],
        "is_deductible_of_claim": asked.period is Period.CLAIM,
        "is_split": len(brackets) > 1 or brackets[0].high_fen is not None,
        "is_banded": rate.form is Form.BANDS,
        "highs": [one.high_fen for one in brackets],
        "is_lump": [one.lump_fen is not None for one in brackets],
        "variants_zh": [[condition_zh(other.condition, names) for other in one.variants] for one in brackets],
        "modifiers": [
            {"zh": modifier_zh(one, names), "is_before": one.position is Position.BEFORE_CAP} for one in benefit.modifiers
        ],
        "rounding_zh": None if benefit.rounding == PLAIN_ROUNDING else rounding_zh(benefit.rounding),
        "caps": [_cap(one) for one in rate.caps],
    }


def _cap(cap: Cap) -> dict[str, Any]:
    return {
        "period_zh": PERIOD_ZH[cap.period],
        "is_all_or_nothing": cap.kind is CapKind.ALL_OR_NOTHING,
        "is_per_day": cap.is_per_day,
        "is_of_claim": cap.period is Period.CLAIM,
        "amount_fen": cap.amount_fen,
    }
