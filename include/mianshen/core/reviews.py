"""Reviews of claims and notices about them: the closed lists of why a person looks, of who tells what, and of other payers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.clocks import TimeLimit


class ReviewCode(StrEnum):
    """Why a person must look at a claim; each is a reason code."""

    ACCIDENT_PENDING = "ACCIDENT_PENDING"
    CLAIMED_BY_HAND = "CLAIMED_BY_HAND"
    SETTLEMENT_RENUMBERED = "SETTLEMENT_RENUMBERED"
    REFUND_UNREADABLE = "REFUND_UNREADABLE"
    CORRECTION_UNREADABLE = "CORRECTION_UNREADABLE"
    REFUND_UNBALANCED = "REFUND_UNBALANCED"
    AFTER_DEATH = "AFTER_DEATH"
    STAY_OVERLAPS = "STAY_OVERLAPS"
    SETTLED_LATE = "SETTLED_LATE"


class ReviewAction(StrEnum):
    """What becomes of the claim until somebody has looked."""

    HOLD = "hold"
    NOTE = "note"


class Opening(StrEnum):
    """How a claim of before the go-live day that would wait counts in opening balances: nobody decides about those."""

    COUNT = "count"
    LEAVE_OUT = "leave_out"


class Timed(StrEnum):
    """What one clock of a review runs on."""

    CLAIM = "claim"
    DELIVERY = "delivery"


class ReviewOutcome(StrEnum):
    """What a person may decide."""

    RELEASE = "release"
    REFUSE = "refuse"


class Notice(StrEnum):
    """What a notice tells; the payers' codes are the upper-case names of the base's fields."""

    DEATH = "DEATH"
    INJURY_PAYABLE = "INJURY_PAYABLE"
    INJURY_NOT_PAYABLE = "INJURY_NOT_PAYABLE"
    SERVICE_PASSED = "SERVICE_PASSED"
    SERVICE_FAILED = "SERVICE_FAILED"
    PAY_COMMERCIAL = "PAY_COMMERCIAL"
    PAY_INCLUSIVE = "PAY_INCLUSIVE"
    PAY_MUTUAL_AID = "PAY_MUTUAL_AID"
    PAY_CHARITY = "PAY_CHARITY"
    PAY_EMERGENCY_FUND = "PAY_EMERGENCY_FUND"
    PAY_TEMPORARY_AID = "PAY_TEMPORARY_AID"
    PAY_THIRD_PARTY = "PAY_THIRD_PARTY"

    @property
    def is_service(self) -> bool:
        """Whether it tells how a person's yearly service package was assessed."""
        return self.value.startswith("SERVICE_")

    @property
    def is_payment(self) -> bool:
        """Whether it tells what another payer gave."""
        return self.value.startswith("PAY_")


PAYERS: tuple[Notice, ...] = tuple(one for one in Notice if one.is_payment)
"""Other payers, in the order in which a person's yearly payments are spread."""
PAYER_NAMES: Mapping[str, str] = {
    "PAY_COMMERCIAL": "商业健康险 commercial insurance",
    "PAY_INCLUSIVE": "惠民保 inclusive insurance",
    "PAY_MUTUAL_AID": "医疗互助 mutual aid",
    "PAY_CHARITY": "慈善 charity",
    "PAY_EMERGENCY_FUND": "疾病应急救助 emergency fund",
    "PAY_TEMPORARY_AID": "临时救助 temporary aid",
    "PAY_THIRD_PARTY": "第三方责任人 liable third party",
}
"""What people read, by the code of the payer."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """One reason for a look, from national/reviews.yaml or the county's own page."""

    code: ReviewCode
    """Why."""
    action: ReviewAction
    """Whether the claim waits."""
    department_code: str
    """Who holds the clock."""
    limit: TimeLimit | None
    """How long a decision may take; None runs no clock."""
    med_types: tuple[str, ...]
    """Kinds of care that it concerns; empty is none by their kind."""
    dise_codes: tuple[str, ...]
    """Prefixes of diagnoses that it concerns; empty is none by their diagnosis."""
    days: int | None
    """The rule's own number of days, where it has one."""
    before_go_live: Opening
    """What a claim that would wait does in opening balances."""
    clock_per: Timed
    """Whether each claim has a clock, or each delivery that brought such claims."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """A county's rules for looking at claims."""

    rules: tuple[ReviewRule, ...]
    """In the order of their weight; a claim with several carries the first."""
    resettled_days: int
    """A new settlement of a stay within so many days of its refund carries the same event on."""

    @property
    def limits(self) -> tuple[TimeLimit, ...]:
        """The time limits that the rules name, each once."""
        return tuple({one.limit.code: one.limit for one in self.rules if one.limit is not None}.values())

    def rule(self, code: ReviewCode) -> ReviewRule | None:
        """The rule with this code; None where the county has none."""
        return next((one for one in self.rules if one.code is code), None)
