"""Which constructs of the policy language the compiler writes as SQL; every other one is refused by name, never left out."""

from __future__ import annotations

from collections.abc import Iterator

from mianshen.core.identity import PLAIN_IDENTITY
from mianshen.core.plan import Benefit, Plan
from mianshen.core.rates import BestOf


def require_compilable(plan: Plan) -> None:
    """Nothing when every construct of the Plan can be compiled; ValueError names the benefit and the construct."""
    found = [*_of_plan(plan), *(f"{one.code}: {what}" for one in plan.benefits for what in _of_benefit(one))]
    if found:
        raise ValueError(f"the set-based computation cannot carry: {'; '.join(found)}")


def require_postable(plan: Plan) -> None:
    """Nothing when every line of the Plan's relief stands on one claim; ValueError names the benefits of which one does not.

    Records and postings are kept by claim, so a run that keeps them refuses a sum of the year.
    """
    found = [one.code for one in plan.benefits if one.is_year_jump]
    if found:
        raise ValueError(
            f"records and postings cannot carry a gate, bands or an all-or-nothing cap of the year: {', '.join(found)}"
        )


def _of_plan(plan: Plan) -> Iterator[str]:
    if len(plan.arrangements) > 1:
        yield "orders of benefits"
    if any(one.identity != PLAIN_IDENTITY for one in plan.categories):
        yield "identities that do not count as listed"
    if plan.upgrades:
        yield "categories that follow from others"
    if plan.base_scales or any(one.absent_means == "provisional" for one in plan.base):
        yield "a base that is scaled or provisional"


def _of_benefit(benefit: Benefit) -> Iterator[str]:
    if benefit.best_of is BestOf.ONE_CATEGORY and benefit.counts_window_relief:
        yield "one category for the year beside window relief"
    if benefit.bucket_code is not None:
        yield "a shared purse"
