"""Assessed service packages as claims: each is worth what the policy says a head's year is; one that failed is stopped."""

from __future__ import annotations

from sqlglot import exp

from mianshen.core.plan import EventKind, Plan
from mianshen.warehouse.compile_words import Binder, bigint, col, named, number, select_from, switch, table

ASSESSED = "facts.service_event"
"""The assessments; no row where a run does not show it."""
_UNKNOWN = ("med_type", "dise_code", "hosp_lv", "care_place")


def packages(plan: Plan, binder: Binder, years: exp.Expr) -> list[tuple[str, exp.Query]]:
    """The layer of a Plan that knows service packages, in the columns of claims; none for another one.

    `years` is the condition on `benefit_year`.
    """
    if plan.service_package_fen is None:
        return []
    failed = exp.not_(col("has_passed"), copy=False)

    def when_failed(name: str, value: str) -> exp.Expr:
        return named(switch(None, [(failed.copy(), binder.bind(name, value))]), name)

    query = select_from(
        table(ASSESSED),
        "event_id",
        named(binder.bind("service", EventKind.SERVICE.value), "event_kind"),
        *("person_key", "benefit_year"),
        named(col("assessed_on"), "ordered_on"),
        named(exp.cast(exp.null(), "timestamp"), "ordered_at"),
        *[named(col("assessed_on"), name) for name in ("event_on", "first_on", "last_on")],
        named(bigint(binder.bind("service_package_fen", plan.service_package_fen)), "base_fen"),
        named(exp.false(), "is_provisional"),
        named(bigint(number(0)), "maf_fen"),
        named(failed.copy(), "is_stopped"),
        when_failed("stopped_state", "REFUSED"),
        when_failed("stopped_code", "SERVICE_NOT_PASSED"),
        *[named(exp.cast(exp.null(), "varchar"), name) for name in _UNKNOWN],
        named(exp.cast(exp.null(), "boolean"), "is_referred"),
        named(number(1), "days"),
        named(col("event_id"), "stay_id"),
    )
    return [("service", query.where(years, copy=False))]
