"""Which constructs of the policy language the compiler writes as SQL; every other one is refused by name, never left out."""

from __future__ import annotations

from collections.abc import Iterator

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import BestOf, Period, Rate


def require_compilable(plan: Plan) -> None:
    """Nothing when every construct of the Plan can be compiled; MianshenError POLICY_NOT_CARRIED names benefit and construct."""
    found = [*_of_plan(plan), *(f"{one.code}: {what}" for one in plan.benefits for what in _of_benefit(one))]
    if found:
        raise MianshenError("POLICY_NOT_CARRIED", found=";".join(found), where=plan.pack)


def _of_plan(plan: Plan) -> Iterator[str]:
    if len(plan.arrangements) > 1 and any(_lasts(rate) for one in plan.benefits for rate in one.rates):
        yield (
            "跨年只用一次的起付线或封顶与次序择优并用:一年的次序会改变以后各年,而次序按年比较 "
            "orders of benefits beside what is met once for all years: a year's order changes the years after it"
        )


def _of_benefit(benefit: Benefit) -> Iterator[str]:
    if benefit.best_of is BestOf.ONE_CATEGORY and benefit.counts_window_relief:
        yield "全年取一类与窗口救助并用 one category for the year beside window relief"


def _lasts(rate: Rate) -> bool:
    return Period.ONCE in {rate.deductible.period, rate.bracket_period, *(one.period for one in rate.caps)}
