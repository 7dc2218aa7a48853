"""Claims and identity spans of one person: what the reference calculator is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mianshen.core.identity import PLAIN_IDENTITY, Tested, Upgrade
from mianshen.core.plan import Category, EventKind
from mianshen.core.spans import Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One care settlement or enrolment fee (docs/reference/relief-semantics.md, section 1)."""

    event_id: str
    """setl_id or enrol_id."""
    kind: EventKind
    """Care or enrolment."""
    benefit_year: int
    """The year that it counts in."""
    since: date
    """First day of care; the day of payment for an enrolment."""
    until_on: date
    """Last day of care, included; the day of payment for an enrolment."""
    settled_on: date
    """Day of settlement; the day of payment for an enrolment."""
    settled_at: datetime | None = None
    """Moment of settlement on the wall clock of Asia/Shanghai; orders claims of one day."""
    med_type: str | None = None
    """Kind of care; None was not delivered."""
    dise_code: str | None = None
    """Disease code; None was not delivered."""
    amounts_fen: Mapping[str, int | None] = field(default_factory=dict)
    """National money fields of a settlement, in fen; absent or None was not delivered."""
    fee_fen: int = 0
    """The fee of an enrolment, in fen."""
    stopped: tuple[str, str] | None = None
    """(HELD or REFUSED, reason code) of a claim that a person must look at, or refused; it takes no part in the chain."""

    stay_id: str | None = None
    """The stay that it belongs to; None is a stay of its own."""
    hosp_level: str | None = None
    """Level of the hospital; None was not delivered."""
    care_place: str | None = None
    """Where the care was given: 1 centre, 2 hospital, 3 other county, 4 other province; None was not delivered."""
    is_referred: bool | None = None
    """Whether the person was referred; None was not delivered."""

    @property
    def stay(self) -> str:
        """The stay, or the claim itself."""
        return self.event_id if self.stay_id is None else self.stay_id

    @property
    def days(self) -> int:
        """Days of care, at least 1."""
        return max((self.until_on - self.since).days, 1)

    @property
    def order(self) -> tuple[date, str, str]:
        """Where it stands among the person's claims of its kind; a missing moment comes first."""
        return (self.settled_on, self.settled_at.isoformat() if self.settled_at else "", self.event_id)

    def event_on(self, benefit_year_by: str) -> date:
        """The day that decides whether a benefit is in force."""
        return self.until_on if self.kind is EventKind.CARE and benefit_year_by == "discharge" else self.settled_on


@dataclass(frozen=True, slots=True)
class IdentitySpan:
    """Days on which the person held a category."""

    category_code: str
    """The category."""
    span: Span
    """Half-open days."""
    is_provisional: bool = False
    """Whether the list that proves it is late."""
    applied_on: date | None = None
    """Day of the application for it; None was not delivered."""
    is_local: bool | None = None
    """Whether the person is registered in the county; None was not delivered."""


def categories_held(
    claim: Claim, spans: Iterable[IdentitySpan], categories: Iterable[Category] = (), *, anywhere: bool = False
) -> frozenset[str]:
    """Categories held on a day of the claim on which they are tested, each by the rule of its category, else as listed.

    As listed means on the first or last day of care or the day of settlement, so that one lost during a stay counts. `anywhere`
    leaves out where the person must be registered.
    """
    days = {Tested.SINCE: claim.since, Tested.UNTIL_ON: claim.until_on, Tested.SETTLED_ON: claim.settled_on}
    rules = {one.code: one.identity for one in categories}
    found = set()
    for one in spans:
        rule = rules.get(one.category_code, PLAIN_IDENTITY)
        span = rule.effective(one.span, one.applied_on)
        if (anywhere or rule.counts_for(one.is_local)) and any(span.holds(days[tested]) for tested in rule.tested_on):
            found.add(one.category_code)
    return frozenset(found)


def upgraded(held: frozenset[str], upgrades: Iterable[Upgrade]) -> frozenset[str]:
    """The categories held and those that follow from them, upgrades taken in order."""
    found = set(held)
    for one in upgrades:
        if {one.category_code, one.mark_code} <= found:
            found.add(one.also_code)
    return frozenset(found)
