"""Drawn identity rules, upgrades, scales and provisional payers: what decides whom a claim belongs to, and on what it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.properties.relief_steps import CATEGORIES, condition

from mianshen.core.identity import IdentityRule, MonthArithmetic, Tested, Upgrade
from mianshen.core.plan import BaseScale, Plan, Term
from mianshen.core.rates import RoundingMode
from mianshen.core.spans import Span
from mianshen.policy.claims import Claim, IdentitySpan

MONTH_ENDS = (date(2026, 3, 29), date(2026, 3, 31), date(2026, 3, 31), date(2026, 5, 31))
"""Days that the month before has not."""
TESTED = (tuple(Tested), tuple(Tested), (Tested.SINCE,), (Tested.UNTIL_ON,), (Tested.SINCE, Tested.SETTLED_ON))


def with_identities(draw: Random, plan: Plan) -> Plan:
    """The Plan with drawn rules for some categories, marks among them, categories that follow, and a drawn base."""
    categories = tuple(
        replace(one, is_mark=one.code == CATEGORIES[-1], identity=_rule(draw)) if draw.random() < 0.7 else one
        for one in plan.categories
    )
    upgrades = tuple(_upgrade(draw, place) for place in range(draw.choice((0, 1, 1, 2, 3))))
    made = replace(plan, categories=categories, upgrades=upgrades)
    return with_base(draw, made) if draw.random() < 0.3 else made


def with_base(draw: Random, plan: Plan) -> Plan:
    """The Plan with shares of the base that conditions choose, their rounding, and payers that count as nothing for now."""
    scales = tuple(
        BaseScale(condition(draw), draw.choice((0, 333_333, 500_000, 800_001, 1_000_000, 1_200_000)), f"clause.scale.{place}")
        for place in range(draw.choice((0, 1, 2, 2)))
    )
    late = Term("pay_inclusive", -1, "provisional")
    terms = tuple(one for one in plan.base if one.field not in {late.field, "pay_charity"})
    terms += (Term("pay_charity", -1, "unknown"),) if draw.random() < 0.5 else ()
    return replace(
        plan,
        base=(*terms, late) if draw.random() < 0.7 else terms,
        base_scales=scales,
        base_rounding=draw.choice(tuple(RoundingMode)),
    )


def pressed(draw: Random, claims: Sequence[Claim]) -> tuple[IdentitySpan, ...]:
    """Spans that a rule brings to a claim's day or takes from it: a few days before or after it, or applied for months later."""
    found = []
    for code in draw.sample(CATEGORIES, draw.choice((1, 2, 2, 3))):
        near = draw.choice(claims)
        day = draw.choice((near.since, near.until_on, near.settled_on))
        is_before = draw.random() < 0.4
        since = (
            day - timedelta(days=draw.choice((40, 400))) if is_before else day + timedelta(days=draw.choice((0, 1, 9, 40, 90)))
        )
        until = day - timedelta(days=draw.choice((0, 0, 9, 29))) if is_before else None
        applied_on = draw.choice((None, day + timedelta(days=draw.randint(0, 370)), *MONTH_ENDS))
        found.append(
            IdentitySpan(code, Span(since, until), draw.random() < 0.1, applied_on, draw.choice((None, True, True, False)))
        )
    return tuple(found)


def _rule(draw: Random) -> IdentityRule:
    """A rule of one or two parts."""
    asked = draw.sample(("tested", "month", "ends", "back", "yearly", "local"), draw.choice((1, 1, 2, 3)))
    return IdentityRule(
        tested_on=draw.choice(TESTED) if "tested" in asked else tuple(Tested),
        is_by_month="month" in asked,
        ends_after_months=draw.choice((0, 1, 3)) if "ends" in asked else None,
        reaches_back_months=draw.choice((0, 1, 12)) if "back" in asked else None,
        month_arithmetic=draw.choice(tuple(MonthArithmetic)),
        is_yearly="yearly" in asked,
        must_be_local="local" in asked,
        unknown_is_local=draw.random() < 0.5,
    )


def _upgrade(draw: Random, place: int) -> Upgrade:
    category, mark, also = draw.sample(CATEGORIES, 3)
    return Upgrade(category, mark, also, f"clause.upgrade.{place}")
