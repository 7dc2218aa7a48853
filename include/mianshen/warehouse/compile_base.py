"""The base of a claim: the sum of the Plan's terms, a share of it where a scale fits, and whether it may still change.

docs/reference/relief-semantics.md, 3.
"""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import EventKind, MafCounting, Plan
from mianshen.core.rates import Rounding
from mianshen.warehouse.compile_caps import rounded
from mianshen.warehouse.compile_conditions import fits
from mianshen.warehouse.compile_words import (
    Binder,
    all_of,
    any_of,
    bigint,
    coalesced,
    col,
    greatest,
    minus,
    missing_fen,
    named,
    number,
    plus,
    select_from,
    switch,
    when,
)
from mianshen.warehouse.sql_files import table_doc


def whole_base(plan: Plan) -> exp.Expr:
    """The sum of the Plan's terms, at least 0; null while a payer that must be known is missing."""
    positive = [coalesced(_field(one.field)) for one in plan.base if one.sign > 0]
    negative = [coalesced(_field(one.field)) for one in plan.base if one.sign < 0]
    amount = bigint(greatest([minus(plus(positive), *negative), number(0)]))
    waits = _waits(plan)
    return when(any_of(waits), missing_fen(), amount) if waits else amount


def may_be_provisional(plan: Plan) -> bool:
    """Whether a base of the Plan can be provisional."""
    return any(one.absent_means == "provisional" for one in plan.base)


def is_provisional(plan: Plan) -> exp.Expr:
    """Whether the base is known and counts a payer as nothing that has not delivered."""
    missing = [_is_missing(one.field) for one in plan.base if one.absent_means == "provisional"]
    if not missing:
        return exp.false()
    waits = _waits(plan)
    return all_of([exp.not_(any_of(waits), copy=False), any_of(missing)]) if waits else any_of(missing)


def scaled(plan: Plan, binder: Binder, source: str) -> exp.Select:
    """The source with `base_fen`: `whole_fen` times the first scale whose condition fits, rounded to the fen, for care."""
    is_care = exp.EQ(this=col("event_kind"), expression=binder.bind("care", EventKind.CARE.value))
    arms = []
    for turn, one in enumerate(plan.base_scales, 1):
        condition = fits(plan, binder, f"base_scale_{turn}", one.condition)
        share = exp.Mul(this=col("whole_fen"), expression=binder.bind(f"base_scale_{turn}_ratio_ppm", one.ratio_ppm))
        arms.append((all_of([is_care.copy(), condition]), rounded(Rounding(plan.base_rounding), share)))
    return select_from(source, "*", named(bigint(switch(None, arms, col("whole_fen"))), "base_fen"))


def _field(name: str) -> exp.Expr:
    known = {one.name for one in table_doc("facts.care_event").columns}
    return col(name) if name in known else missing_fen()


def _is_missing(name: str) -> exp.Expr:
    return exp.Is(this=_field(name), expression=exp.null())


def _waits(plan: Plan) -> list[exp.Expr]:
    """What must be there before the base is known."""
    waited = [one.field for one in plan.base if one.absent_means == "unknown"]
    if plan.maf_counts_as is MafCounting.SAME_BENEFIT:
        waited.append("maf_pay")
    return [_is_missing(one) for one in waited]
