"""Drawn plans whose benefits hang together: purses that they share, and several permitted orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from random import Random

from tests.properties.relief_steps import CATEGORIES

from mianshen.core.plan import Benefit, Bucket, EventKind, OrderChoice, Plan
from mianshen.core.rates import Period, Rate

BOUNDS = (0, 1, 120, 333, 900, 2_500, 30_000)
MOST = 6
"""Most orders that a drawn plan permits."""


def shared_plan(draw: Random, plan: Plan) -> Plan:
    """The plan with one or two purses; what needs the whole year, or counts window relief, shares none."""
    codes = ("purse_1", "purse_2")[: draw.choice((1, 1, 2))]
    if any(one.needs_the_year for one in plan.benefits):
        codes = codes[:1]
    able = [one for one in plan.benefits if one.event_kind is EventKind.CARE and not one.counts_window_relief]
    if any(one.needs_the_year for one in able):
        able = _longest_run(able)
    bucket_of = {one.code: draw.choice((*codes, *codes, None)) for one in able}
    buckets = tuple(Bucket(code, code, tuple((one, draw.choice(BOUNDS)) for one in CATEGORIES), "drawn") for code in codes)
    benefits = tuple(replace(one, bucket_code=bucket_of.get(one.code)) for one in plan.benefits)
    return replace(plan, benefits=benefits, buckets=buckets)


def _longest_run(benefits: list[Benefit]) -> list[Benefit]:
    """The longest run of benefits between which none needs the whole year."""
    runs: list[list[Benefit]] = [[]]
    for one in benefits:
        runs = [*runs, []] if one.needs_the_year else [*runs[:-1], [*runs[-1], one]]
    return max(runs, key=len)


def arranged_plan(draw: Random, plan: Plan) -> Plan:
    """The plan with several orders: permutations of some benefits, some of them left out where another one pays."""
    care = [one for one in plan.benefits if one.event_kind is EventKind.CARE]
    together = any(one.bucket_code for one in care) and any(one.needs_the_year for one in care)
    free = [one.code for one in care if not one.counts_window_relief and not together]
    places = [place for place, one in enumerate(care) if one.code in free]
    found = []
    for order in permutations(free):
        taken = dict(zip(places, order, strict=True))
        found.append(tuple(taken.get(place, one.code) for place, one in enumerate(care)))
    orders = [found[0], *draw.sample(found[1:], min(len(found) - 1, draw.choice((1, 2, MOST))))]
    if free and draw.random() < 0.4:
        groups = (draw.sample(free, min(len(free), 2)), [draw.choice(free)])
        dropped = draw.choice(groups)
        orders = [tuple(code for code in order if code != one) for order in orders for one in dropped]
    kept = tuple(dict.fromkeys(orders))[:MOST]
    benefits = tuple(_of_years(one) for one in plan.benefits)
    return replace(plan, benefits=benefits, arrangements=kept, order_choice=draw.choice(tuple(OrderChoice)))


def _of_years(benefit: Benefit) -> Benefit:
    """The benefit with nothing that is met once for all years: orders are tried by the year."""
    return replace(benefit, rates=tuple(_of_the_year(one) for one in benefit.rates))


def _of_the_year(rate: Rate) -> Rate:
    def yearly(period: Period) -> Period:
        return Period.YEAR if period is Period.ONCE else period

    deductible = replace(rate.deductible, period=yearly(rate.deductible.period))
    caps = tuple(replace(one, period=yearly(one.period)) for one in rate.caps)
    return replace(rate, deductible=deductible, caps=caps, bracket_period=yearly(rate.bracket_period))


def smaller_plans(plan: Plan) -> Iterator[Plan]:
    """The plan without one of its benefits, and without one of its orders."""
    for place, gone in enumerate(plan.benefits):
        orders = tuple(dict.fromkeys(tuple(one for one in order if one != gone.code) for order in plan.arrangements))
        if len(plan.benefits) > 1:
            yield replace(plan, benefits=plan.benefits[:place] + plan.benefits[place + 1 :], arrangements=orders)
    for place in range(len(plan.arrangements)):
        if len(plan.arrangements) > 1:
            yield replace(plan, arrangements=plan.arrangements[:place] + plan.arrangements[place + 1 :])
