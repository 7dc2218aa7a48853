"""Events of a county from its accepted deliveries: which tables make them, in which order, and what is bound in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mianshen.core.contract import Feed
from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.core.reviews import PAYERS, ReviewCode

SMALL_CELL = 10
"""Groups of fewer people are marked and never leave the bureau."""
LONGEST_CHAIN = 16
"""Refunds of refunds are followed this far."""
EVENTS = (
    "facts.settlement_newest",
    "facts.refund",
    "facts.refund_quarantined",
    "facts.settlement_replaced",
    "facts.care_netted",
    "facts.notice_newest",
    "facts.claim_review",
    "facts.payer_share",
    "facts.care_event",
    "facts.enrolment_event",
    "facts.service_event",
)
"""Tables that make the claims, in the order in which they read each other."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted delivery."""

    delivery_id: str
    """Its id."""
    feed: Feed
    """What kind it is."""
    list_code: str
    """Which list, for rosters."""
    partition: str
    """Its month, or day."""
    version: int
    """Its version of that partition."""
    received_at: str
    """When it came, ISO text."""
    run_id: str
    """The validate run that staged it."""


def event_parameters(
    pack: Pack, accepted: Sequence[Accepted], *, month: Month, known_at: str, go_live_on: date | None = None
) -> dict[str, Any]:
    """What facts.* and the portrait bind: the deliveries that stand, the county's rules, the month and the moment of knowing.

    Claims of before `go_live_on` only post opening balances; None looks at every claim.
    """
    lists = {(one.list_code, one.partition): one for one in accepted if one.feed is Feed.ROSTER}
    notices = [one for one in accepted if one.feed is Feed.NOTICE]
    by_hand = {one.list_code for one in pack.contracts if one.is_by_hand}
    return {
        **_settled(accepted),
        **_reviewed(pack),
        **_other_payers(pack, notices),
        "notice_deliveries": [one.delivery_id for one in notices],
        "notice_received": [one.received_at for one in notices],
        "hand_deliveries": [one.delivery_id for one in accepted if one.list_code in by_hand],
        "enrolment_deliveries": [one.delivery_id for one in accepted if one.feed is Feed.ENROLMENT],
        "roster_deliveries": [one.delivery_id for one in lists.values()],
        "roster_months": [one.partition for one in lists.values()],
        "known_at": known_at,
        "go_live_on": go_live_on,
        "partial_lists": [one.list_code for one in pack.lists if not one.is_complete],
        "application_lists": sorted(pack.application_lists),
        "large_share_ppm": pack.roster_watch.large_share_ppm,
        "fewest_people": pack.roster_watch.fewest_people,
        "essential_lists": [one.list_code for one in pack.lists if one.is_essential],
        "benefit_year_by": pack.plan.benefit_year_by,
        "county_code": pack.county_code,
        "county_codes": [pack.county_code, *pack.area_aliases],
        "run_month": str(month),
        "months": [str(Month(month.year, number)) for number in range(1, month.number + 1)],
        "small_cell": SMALL_CELL,
        "waiting_original": "WAITING_ORIGINAL",
    }


def _settled(accepted: Sequence[Accepted]) -> dict[str, Any]:
    """Deliveries of settlements by month and version, each with its place in the order of arrival."""
    came = [one for one in accepted if one.feed is Feed.SETTLEMENT]
    arrival = {one.delivery_id: place for place, one in enumerate(came, 1)}
    ordered = sorted(came, key=lambda one: (one.partition, one.version, one.delivery_id))
    return {
        "settlement_deliveries": [one.delivery_id for one in ordered],
        "settlement_arrivals": [arrival[one.delivery_id] for one in ordered],
        "settlement_months": [one.partition[:7] for one in ordered],
        "longest_chain": LONGEST_CHAIN,
    }


def _reviewed(pack: Pack) -> dict[str, Any]:
    reviews = pack.reviews
    accident, late = reviews.rule(ReviewCode.ACCIDENT_PENDING), reviews.rule(ReviewCode.SETTLED_LATE)
    return {
        "review_codes": [one.code.value for one in reviews.rules],
        "review_actions": [one.action.value for one in reviews.rules],
        "review_openings": [one.before_go_live.value for one in reviews.rules],
        "accident_med_types": list(accident.med_types) if accident else [],
        "accident_dise_codes": list(accident.dise_codes) if accident else [],
        "late_days": late.days if late else None,
        "resettled_days": reviews.resettled_days,
    }


def _other_payers(pack: Pack, notices: Sequence[Accepted]) -> dict[str, Any]:
    """Which payers there are, and how far the deliveries of each reach."""
    told = {one.list_code: one.told for one in pack.contracts if one.feed is Feed.NOTICE}
    reach = [(code, one.partition[:7]) for one in notices for code in sorted(told.get(one.list_code, frozenset()))]
    return {
        "payer_codes": [one.value for one in PAYERS],
        "payer_reach_codes": [code for code, _ in reach],
        "payer_reach_months": [month for _, month in reach],
    }
