"""The base of a claim: what the person bears, before any relief (docs/reference/relief-semantics.md, 3)."""

from __future__ import annotations

from dataclasses import dataclass

from mianshen.core.plan import EventKind, MafCounting, Plan
from mianshen.core.rates import Rounding
from mianshen.policy.claims import Claim
from mianshen.policy.conditions import fits
from mianshen.policy.formula import whole_fen


@dataclass(frozen=True, slots=True)
class Base:
    """What a claim leaves the person."""

    fen: int | None
    """None while a payer is unknown."""
    is_provisional: bool
    """Whether a payer that is not known yet was counted as nothing."""


def base_of(plan: Plan, claim: Claim, held: frozenset[str]) -> Base:
    """The base of a claim; `held` are its categories and marks, for the conditions of its scales."""
    if claim.kind is EventKind.ENROLMENT:
        return Base(claim.fee_fen, is_provisional=False)
    if claim.kind is EventKind.SERVICE:
        return Base(plan.service_package_fen, is_provisional=False)
    if plan.maf_counts_as is MafCounting.SAME_BENEFIT and claim.amounts_fen.get("maf_pay") is None:
        return Base(None, is_provisional=False)
    total, is_provisional = 0, False
    for term in plan.base:
        amount = claim.amounts_fen.get(term.field)
        if amount is None and term.absent_means == "unknown":
            return Base(None, is_provisional=False)
        is_provisional = is_provisional or (amount is None and term.absent_means == "provisional")
        total += term.sign * (amount or 0)
    return Base(_scaled(plan, claim, held, max(0, total)), is_provisional)


def _scaled(plan: Plan, claim: Claim, held: frozenset[str], amount: int) -> int:
    """The first scale whose condition fits, rounded to the fen."""
    day = claim.event_on(plan.benefit_year_by)
    for scale in plan.base_scales:
        if fits(scale.condition, claim, held=held, day=day):
            return whole_fen(amount * scale.ratio_ppm, Rounding(plan.base_rounding))
    return amount
