"""Which benefits see a claim, and what became of it (docs/reference/relief-semantics.md, 4 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mianshen.core.plan import Benefit, Plan
from mianshen.policy.claims import Claim
from mianshen.policy.conditions import begins_with, is_among


@dataclass(frozen=True, slots=True)
class Seen:
    """What one covering benefit saw in a claim, for the reason of a refusal."""

    burden_fen: int
    """What the benefits before left."""
    is_above: bool
    """Whether the benefit has relief in the year so far."""
    is_at_cap: bool
    """Whether a cap or a shared purse is used up."""
    is_better_elsewhere: bool
    """Whether a category that the claim does not hold is ahead."""
    has_excess: bool
    """Whether something of this claim is beyond a deductible."""
    is_met_earlier: bool = False
    """Whether a sum of the year lies on earlier claims altogether."""


def concerns(benefit: Benefit, claim: Claim, held: frozenset[str]) -> bool:
    """Whether the benefit is for this kind of claim and for a category that it holds."""
    return benefit.event_kind is claim.kind and any(rate.category_code in held for rate in benefit.rates)


def matches(benefit: Benefit, claim: Claim) -> bool:
    """Whether the benefit is for this kind of care and disease."""
    return is_among(claim.med_type, benefit.med_types) and begins_with(claim.dise_code, benefit.dise_codes)


def is_valid(plan: Plan, benefit: Benefit, claim: Claim) -> bool:
    """Whether the benefit is in force on the claim's day."""
    day = claim.event_on(plan.benefit_year_by)
    return benefit.valid_since <= day and (benefit.valid_until is None or day < benefit.valid_until)


def covers(plan: Plan, benefit: Benefit, claim: Claim, held: frozenset[str]) -> bool:
    """Whether the benefit pays for the claim."""
    return concerns(benefit, claim, held) and matches(benefit, claim) and is_valid(plan, benefit, claim)


def refusal(
    plan: Plan, claim: Claim, held: frozenset[str], *, anywhere: frozenset[str], refused: frozenset[str]
) -> tuple[str, str | None]:
    """Why no benefit can cover the claim; (PAID, None) when one does.

    `anywhere` are the categories that it would hold wherever the person is registered; `refused` what departments refused for
    the year.
    """
    concerned = [one for one in plan.benefits if concerns(one, claim, held)]
    if not concerned:
        is_elsewhere = any(concerns(one, claim, anywhere) for one in plan.benefits)
        return "REFUSED", "HUKOU_ELSEWHERE" if is_elsewhere else "NO_CATEGORY"
    matching = [one for one in concerned if matches(one, claim)]
    if not matching:
        return "REFUSED", "CARE_NOT_COVERED"
    valid = [one for one in matching if is_valid(plan, one, claim)]
    if not valid:
        return "REFUSED", "POLICY_EXPIRED"
    if refused.issuperset(one.code for one in valid):
        return "REFUSED", "BENEFIT_REFUSED"
    return claim.stopped or ("PAID", None)


def verdict(seen: Sequence[Seen], *, has_money: bool, has_line: bool, is_closed: bool) -> tuple[str, str | None]:
    """What became of a claim that benefits cover; `is_closed` says that January closed its year."""
    if has_money:
        return "PAID", None
    if has_line:
        return "REFUSED", "WINDOW_PAID"
    rules = (
        ("LEFT_OUT", not seen),
        ("NOTHING_LEFT", not any(one.burden_fen for one in seen)),
        ("YEAR_CLOSED", is_closed and not any(one.is_above for one in seen)),
        ("BELOW_DEDUCTIBLE", not any(one.is_above for one in seen)),
        ("CAP_REACHED", any(one.is_at_cap for one in seen)),
        ("BETTER_ELSEWHERE", any(one.is_better_elsewhere for one in seen)),
        ("BELOW_DEDUCTIBLE", not any(one.has_excess and one.is_above for one in seen)),
        ("MET_EARLIER", any(one.is_met_earlier for one in seen)),
    )
    return "REFUSED", next((reason for reason, fits in rules if fits), "BELOW_ONE_FEN")
