"""Whether a claim is what a rule asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mianshen.core.rates import Condition
from mianshen.policy.claims import Claim


def fits(condition: Condition, claim: Claim, *, held: frozenset[str], day: date) -> bool:
    """Whether every part that the condition gives fits the claim; `day` is the claim's value day."""
    return (
        is_among(claim.med_type, condition.med_types)
        and begins_with(claim.dise_code, condition.dise_codes)
        and is_among(claim.hosp_level, condition.hosp_levels)
        and is_among(claim.care_place, condition.care_places)
        and condition.is_referred in (None, claim.is_referred)
        and (not condition.marks or not held.isdisjoint(condition.marks))
        and (condition.since is None or condition.since <= day)
        and (condition.until is None or day < condition.until)
    )


def fits_any(conditions: Iterable[Condition], claim: Claim, *, held: frozenset[str], day: date) -> bool:
    """Whether one of the conditions fits; never when there are none."""
    return any(fits(one, claim, held=held, day=day) for one in conditions)


def is_among(value: str | None, listed: tuple[str, ...]) -> bool:
    """Whether nothing is listed or the value is; a missing value is in no list."""
    return not listed or value in listed


def begins_with(value: str | None, listed: tuple[str, ...]) -> bool:
    """Whether nothing is listed or the value begins with one of the listed; a missing value begins with nothing."""
    return not listed or (value is not None and value.startswith(listed))
