"""Which rates a record turns round step by step, to say what burden would have brought relief (out.record_turned).

What each step had come to before the claim is a sum over the step's period; the least burden follows backwards from the aim
through modifiers, caps, rounding, brackets or bands, and deductible or gate. Conditions are told as data and judged by SQL.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import (
    PLAIN_ROUNDING,
    Below,
    BestOf,
    Bracket,
    BracketsOn,
    Cap,
    CapKind,
    Condition,
    DeductibleKind,
    Form,
    Modifier,
    Position,
    Rate,
)
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.record_words import is_plain

_CONDITION = pa.struct(
    [
        *((name, pa.list_(pa.string())) for name in ("med_types", "dise_codes", "hosp_levels", "care_places")),
        ("is_referred", pa.bool_()),
        ("marks", pa.int64()),
        ("since", pa.date32()),
        ("until", pa.date32()),
    ]
)
_CONDITIONS = pa.list_(_CONDITION)
_VARIANT = pa.struct([("condition", _CONDITION), ("ratio_ppm", pa.int64())])
_BRACKET = pa.struct(
    [
        ("low_fen", pa.int64()),
        ("high_fen", pa.int64()),
        ("ratio_ppm", pa.int64()),
        ("lump_fen", pa.int64()),
        ("variants", pa.list_(_VARIANT)),
    ]
)
_CAP = pa.struct(
    [
        ("cap_no", pa.int64()),
        ("amount_fen", pa.int64()),
        ("is_all_or_nothing", pa.bool_()),
        ("is_per_day", pa.bool_()),
        ("period", pa.string()),
        ("waived", _CONDITIONS),
    ]
)
_MODIFIER = pa.struct([("condition", _CONDITION), ("is_before", pa.bool_()), ("factor_ppm", pa.int64()), ("add_ppm", pa.int64())])
TURN = pa.struct(
    [
        ("deductibles", pa.list_(pa.int64())),
        ("is_gate", pa.bool_()),
        ("opens_above", pa.bool_()),
        ("deductible_period", pa.string()),
        ("waived", _CONDITIONS),
        ("is_whole", pa.bool_()),
        ("is_banded", pa.bool_()),
        ("is_on_amount", pa.bool_()),
        ("bracket_period", pa.string()),
        ("brackets", pa.list_(_BRACKET)),
        ("rounding_mode", pa.string()),
        ("place_fen", pa.int64()),
        ("rounding_period", pa.string()),
        ("caps", pa.list_(_CAP)),
        ("modifiers", pa.list_(_MODIFIER)),
        ("is_year_sum", pa.bool_()),
        ("is_one_category", pa.bool_()),
        ("is_steady", pa.bool_()),
        ("rated_bits", pa.int64()),
    ]
)
"""The column `turn` of staging.plan_pair: the steps of the rate as data."""
PURSE = pa.struct([("bucket_code", pa.string()), ("bounds", pa.list_(pa.struct([("bit", pa.int64()), ("fen", pa.int64())])))])
"""The column `purse` of staging.plan_pair: the purse that the benefit shares, and its bound for each category that it rates."""


_FITS = """
    create or replace macro condition_fits(asked, claim) as
        (len(asked.med_types) = 0 or coalesce(list_contains(asked.med_types, struct_extract(claim, 'med_type')), false))
        and (
            len(asked.dise_codes) = 0
            or len(list_filter(
                asked.dise_codes, lambda code: coalesce(starts_with(struct_extract(claim, 'dise_code'), code), false)
            )) > 0
        )
        and (len(asked.hosp_levels) = 0 or coalesce(list_contains(asked.hosp_levels, struct_extract(claim, 'hosp_level')), false))
        and (len(asked.care_places) = 0 or coalesce(list_contains(asked.care_places, struct_extract(claim, 'care_place')), false))
        and (asked.is_referred is null or coalesce(asked.is_referred = struct_extract(claim, 'is_referred'), false))
        and (asked.marks is null or (struct_extract(claim, 'held') & asked.marks) <> 0)
        and (asked.since is null or asked.since <= struct_extract(claim, 'event_on'))
        and (asked.until is null or struct_extract(claim, 'event_on') < asked.until)
"""
_ANY = """
    create or replace macro any_fits(listed, claim) as
        len(list_filter(listed, lambda condition: condition_fits(condition, claim))) > 0
"""
_MODIFIED = """
    create or replace macro modified(ratio_ppm, changes) as
        list_reduce(
            list_prepend(cast(ratio_ppm as bigint), changes),
            lambda before, change: if(change < 0, least(before - change, 1000000), before * change // 1000000)
        )
"""
_PERIOD = """
    create or replace macro period_key(period, benefit_year, event_on, stay, event_id) as case period
        when 'claim' then benefit_year || ' claim ' || event_id
        when 'stay' then benefit_year || ' stay ' || stay
        when 'month' then benefit_year || ' month ' || year(event_on) || '-' || month(event_on)
        when 'quarter' then benefit_year || ' quarter ' || year(event_on) || '-' || quarter(event_on)
        when 'year' then benefit_year || ' year'
        else 'once'
    end
"""
_UPWARDS = """
    create or replace macro upwards(amount, unit) as greatest((amount + unit - 1) // unit, 0)
"""
_NEEDED = """
    create or replace macro needed_weight(mode, place_fen, target_fen) as case mode
        when 'half_up' then target_fen * 1000000 - place_fen * 500000
        when 'half_even' then target_fen * 1000000 - place_fen * 500000 + target_fen // place_fen % 2
        when 'down' then target_fen * 1000000
        else (target_fen - place_fen) * 1000000 + 1
    end
"""
_WITHIN = """
    create or replace macro weight_within(mode, place_fen, target_fen) as case mode
        when 'half_up' then target_fen * 1000000 + place_fen * 500000 - 1
        when 'half_even' then target_fen * 1000000 + place_fen * 500000 - target_fen // place_fen % 2
        when 'down' then (target_fen + place_fen) * 1000000 - 1
        else target_fen * 1000000
    end
"""
MACROS = (_FITS, _ANY, _MODIFIED, _PERIOD, _UPWARDS, _NEEDED, _WITHIN)
"""What out.record_stood and out.record_turned call: whether a condition fits, a ratio after its modifiers (points told as numbers
below 0), the period of a step, and between which weights rounding comes to an amount."""


def is_inverted(benefit: Benefit) -> bool:
    """Whether the benefit is no plain one, and each of its rates can be turned round."""
    if is_plain(benefit) or benefit.counts_window_relief:
        return False
    return all(_limits_first(one) for one in benefit.rates)


def inverse_words(plan: Plan, benefit: Benefit, rate: Rate) -> dict[str, Any]:
    """The values of `is_inverted`, `turn` and `purse` for one category of a benefit."""
    is_turned = is_inverted(benefit)
    return {
        "is_inverted": is_turned,
        "turn": _turn(plan, benefit, rate) if is_turned else None,
        "purse": _purse(plan, benefit),
    }


def _is_steady(benefit: Benefit) -> bool:
    """Whether each rate is one function of the year's total that rises by no more than that total does."""
    is_bare = benefit.rounding == PLAIN_ROUNDING and not benefit.modifiers
    return is_bare and all(one.is_plain and len(one.caps) < 2 for one in benefit.rates)


def _limits_first(rate: Rate) -> bool:
    """Whether nothing clips before an all-or-nothing cap looks at an amount."""
    kinds = [one.kind for one in rate.caps]
    return CapKind.ALL_OR_NOTHING not in kinds[1:]


def _turn(plan: Plan, benefit: Benefit, rate: Rate) -> dict[str, Any]:
    asked = rate.deductible
    return {
        "deductibles": list(asked.amounts_fen),
        "is_gate": asked.kind is DeductibleKind.GATE,
        "opens_above": asked.opens_above,
        "deductible_period": asked.period.value,
        "waived": [_condition(plan, one) for one in asked.waived],
        "is_whole": asked.below is Below.WHOLE,
        "is_banded": rate.form is Form.BANDS,
        "is_on_amount": rate.brackets_on is BracketsOn.AMOUNT,
        "bracket_period": rate.bracket_period.value,
        "brackets": [_bracket(plan, one) for one in rate.brackets],
        "rounding_mode": benefit.rounding.mode.value,
        "place_fen": benefit.rounding.place_fen,
        "rounding_period": benefit.rounding.period.value,
        "caps": [_cap(plan, number, one) for number, one in enumerate(rate.caps, 1)],
        "modifiers": [_modifier(plan, one) for one in benefit.modifiers],
        "is_year_sum": benefit.is_year_jump,
        "is_one_category": benefit.best_of is BestOf.ONE_CATEGORY and not benefit.is_year_jump,
        "is_steady": _is_steady(benefit),
        "rated_bits": sum(bit_of(plan, one.category_code) for one in benefit.rates),
    }


def _purse(plan: Plan, benefit: Benefit) -> dict[str, Any] | None:
    if benefit.bucket_code is None:
        return None
    bounds = dict(next(one for one in plan.buckets if one.code == benefit.bucket_code).amounts_fen)
    rated = [one.category_code for one in benefit.rates]
    return {
        "bucket_code": benefit.bucket_code,
        "bounds": [{"bit": bit_of(plan, code), "fen": bounds[code]} for code in rated],
    }


def _bracket(plan: Plan, one: Bracket) -> dict[str, Any]:
    return {
        "low_fen": one.low_fen,
        "high_fen": one.high_fen,
        "ratio_ppm": one.ratio_ppm,
        "lump_fen": one.lump_fen,
        "variants": [{"condition": _condition(plan, other.condition), "ratio_ppm": other.ratio_ppm} for other in one.variants],
    }


def _cap(plan: Plan, number: int, one: Cap) -> dict[str, Any]:
    return {
        "cap_no": number,
        "amount_fen": one.amount_fen,
        "is_all_or_nothing": one.kind is CapKind.ALL_OR_NOTHING,
        "is_per_day": one.is_per_day,
        "period": one.period.value,
        "waived": [_condition(plan, other) for other in one.waived],
    }


def _modifier(plan: Plan, one: Modifier) -> dict[str, Any]:
    return {
        "condition": _condition(plan, one.condition),
        "is_before": one.position is Position.BEFORE_CAP,
        "factor_ppm": one.factor_ppm,
        "add_ppm": one.add_ppm,
    }


def _condition(plan: Plan, one: Condition) -> dict[str, Any]:
    known = {category.code for category in plan.categories}
    return {
        "med_types": list(one.med_types),
        "dise_codes": list(one.dise_codes),
        "hosp_levels": list(one.hosp_levels),
        "care_places": list(one.care_places),
        "is_referred": one.is_referred,
        "marks": sum(bit_of(plan, mark) for mark in set(one.marks) & known) if one.marks else None,
        "since": one.since,
        "until": one.until,
    }
