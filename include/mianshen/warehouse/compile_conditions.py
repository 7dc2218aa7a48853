"""Conditions and periods of the policy language as expressions over a claim's row; choices by the rate of its category."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from mianshen.core.plan import Plan
from mianshen.core.rates import Condition, Period, Rate
from mianshen.warehouse.compile_bits import bit_of
from mianshen.warehouse.compile_rates import Step
from mianshen.warehouse.compile_words import Binder, all_of, any_of, col, has_bit, number, switch

PERIOD_KEYS = {
    Period.CLAIM: "claim_no",
    Period.STAY: "stay_no",
    Period.MONTH: "year(event_on) * 12 + month(event_on)",
    Period.QUARTER: "year(event_on) * 4 + quarter(event_on)",
    Period.YEAR: "0",
    Period.ONCE: "0",
}
"""What keeps the claims of one benefit year apart, by period."""


def fits(plan: Plan, binder: Binder, name: str, condition: Condition) -> exp.Expr:
    """Whether the claim of the row fits: every given part; a missing attribute fits only where nothing is asked."""
    parts: list[exp.Expr] = []
    lists = {
        "med_type": condition.med_types,
        "hosp_level": condition.hosp_levels,
        "care_place": condition.care_places,
    }
    for column, codes in lists.items():
        if codes:
            listed = [binder.bind(f"{name}_{column}_{place}", code) for place, code in enumerate(codes, 1)]
            parts.append(_known(exp.In(this=col(column), expressions=listed)))
    if condition.dise_codes:
        begins = [
            exp.StartsWith(this=col("dise_code"), expression=binder.bind(f"{name}_dise_code_{place}", code))
            for place, code in enumerate(condition.dise_codes, 1)
        ]
        parts.append(_known(any_of(begins)))
    if condition.is_referred is not None:
        asked = exp.true() if condition.is_referred else exp.false()
        parts.append(_known(exp.EQ(this=col("is_referred"), expression=asked)))
    if condition.marks:
        parts.append(_holds_a_mark(plan, condition.marks))
    if condition.since is not None:
        parts.append(exp.GTE(this=col("event_on"), expression=binder.bind(f"{name}_since", condition.since)))
    if condition.until is not None:
        parts.append(exp.LT(this=col("event_on"), expression=binder.bind(f"{name}_until", condition.until)))
    return exp.paren(all_of(parts), copy=False)


def fits_one(plan: Plan, binder: Binder, name: str, conditions: Sequence[Condition]) -> exp.Expr:
    """Whether the claim of the row fits one of the conditions; false when there are none."""
    return any_of([fits(plan, binder, f"{name}_{place}", one) for place, one in enumerate(conditions, 1)])


def by_rate(plan: Plan, step: Step, of: Callable[[int, Rate], exp.Expr]) -> exp.Expr:
    """What a function makes of the rate of the row's category, given with its place from 1; one text where all rates agree."""
    made = [(bit_of(plan, rate.category_code), of(place, rate)) for place, rate in enumerate(step.benefit.rates, 1)]
    if len({one.sql("duckdb") for _, one in made}) == 1:
        return made[0][1]
    return switch(col("bit"), [(number(bit), one) for bit, one in made])


def key_of(period: Period) -> exp.Expr:
    """What keeps the claims of one benefit year apart in the period."""
    return exp.maybe_parse(PERIOD_KEYS[period], dialect="duckdb")


def year_of(period: Period) -> exp.Expr:
    """The benefit year, or nought where the period runs over all years."""
    return number(0) if period is Period.ONCE else col("benefit_year")


def _holds_a_mark(plan: Plan, marks: Sequence[str]) -> exp.Expr:
    known = {one.code for one in plan.categories}
    bits = sum(bit_of(plan, one) for one in set(marks) if one in known)
    return has_bit("held", bits) if bits else exp.false()


def _known(what: exp.Expr) -> exp.Expr:
    return exp.func("coalesce", exp.paren(what, copy=False), exp.false())
