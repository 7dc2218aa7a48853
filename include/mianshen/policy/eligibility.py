"""Who is confirmed for what, and why not: a law without amounts, judged for one applicant and one item at a time.

Every rule of a confirmation is asked, so that a refused applicant is told all that is missing at once. What is confirmed may give
an identity, which relief then counts like a listed one. Spans are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mianshen.core.identity import MonthArithmetic, months_before
from mianshen.core.plan import Clause
from mianshen.core.spans import Span


class EarlierYears(StrEnum):
    """Which earlier year an earlier confirmation may be of (往年)."""

    ANY = "any"
    LAST = "last"


class GivenFrom(StrEnum):
    """When the identity that a confirmation gives begins."""

    ENTERED = "entered"
    BENEFIT_YEAR = "benefit_year"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper of a treatment."""

    on: date
    """Day of the treatment."""
    level: int
    """Level of the hospital: 1, 2 or 3."""
    kind: str
    """What it is, such as `outpatient_original`."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of one person and the item that is asked for."""

    on: date
    """Day on which it is judged."""
    benefit_year: int
    """Year that it is for."""
    item: str
    """The disease or service item."""
    insutype: str | None = None
    """Kind of insurance; None is not insured."""
    insured_at: str | None = None
    """Division code of the insurer."""
    listed: tuple[tuple[str, Span], ...] = ()
    """Categories with the days on which they were listed."""
    earlier: tuple[tuple[str, int], ...] = ()
    """(item, year) of earlier confirmations."""
    evidence: tuple[Evidence, ...] = ()
    """Papers of treatments."""
    materials: frozenset[str] = frozenset()
    """Codes of the papers handed in."""
    entered_on: date | None = None
    """Day on which the confirmed person was entered into the system; None is not yet."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a rule asks; every part that is given must hold."""

    insutypes: tuple[str, ...] = ()
    """Kinds of insurance, one of them."""
    insured_at: tuple[str, ...] = ()
    """Division codes of the insurer, one of them."""
    holds_any: tuple[str, ...] = ()
    """Categories, one of them on the day."""
    items_by_insutype: tuple[tuple[str, frozenset[str]], ...] = ()
    """Items that each kind of insurance covers."""
    earlier_items: tuple[str, ...] = ()
    """Items of which one was confirmed in an earlier year."""
    evidence_months: int | None = None
    """Months before the day within which a treatment counts."""
    evidence_level: int = 1
    """Least level of its hospital."""
    evidence_kinds: tuple[str, ...] = ()
    """What its paper may be; empty is anything."""
    materials: tuple[str, ...] = ()
    """Papers that must all be there."""
    materials_any: tuple[str, ...] = ()
    """Papers of which one is enough."""


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """One condition of a confirmation."""

    code: str
    """Quoted as the reason of a refusal."""
    demand: Demand
    """What it asks."""
    refusal_zh: str
    """What a refused person reads."""
    refusal_en: str
    """The same in English."""
    remedy_zh: str
    """What to do next."""
    remedy_en: str
    """The same in English."""
    clause: Clause
    """Where it stands."""
    reason_code: str | None = None
    """What a step that refuses by this rule gives as its reason; None gives the first that its outcome allows."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Something that people are confirmed for."""

    code: str
    """Unique in the pack."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    department_code: str
    """Who confirms."""
    items: tuple[str, ...]
    """Diseases or service items that it is for."""
    rules: tuple[EligibilityRule, ...]
    """All of them must hold."""
    gives: str | None
    """Category of the identity that it gives; None gives none."""
    given_from: GivenFrom
    """When that identity begins; with BENEFIT_YEAR it also ends with the year."""
    signs: tuple[tuple[str, str], ...] = ()
    """(item, beginning of disease codes) by which settlements show an item."""

    @property
    def earlier_items(self) -> frozenset[str]:
        """Items of which an earlier year's confirmation is asked."""
        return frozenset(one for rule in self.rules for one in rule.demand.earlier_items)

    @property
    def covered(self) -> tuple[tuple[str, str], ...]:
        """(kind of insurance, item) that the law is for; empty where it does not tell kinds apart."""
        return tuple(
            (kind, item) for rule in self.rules for kind, items in rule.demand.items_by_insutype for item in sorted(items)
        )

    @property
    def evidence(self) -> tuple[int, int]:
        """(months, least level of the hospital) within which a treatment proves an item; (0, 1) where none is asked."""
        asked = (one.demand for one in self.rules if one.demand.evidence_months is not None)
        return next(((one.evidence_months or 0, one.evidence_level) for one in asked), (0, 1))

    @property
    def counting_categories(self) -> frozenset[str]:
        """Categories of which one must be listed."""
        return frozenset(one for rule in self.rules for one in rule.demand.holds_any)


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one item of one applicant."""

    is_confirmed: bool
    """Whether every rule holds."""
    refusals: tuple[EligibilityRule, ...]
    """Every rule that does not, in the order of the law."""
    identity: tuple[str, Span] | None
    """Category and days of the identity that relief counts; None while there is none."""


def decide(confirmation: Confirmation, applicant: Applicant, *, earlier_years: EarlierYears) -> Decided:
    """Whether the applicant is confirmed, every reason why not, and the identity that follows."""
    failed = tuple(one for one in confirmation.rules if not _holds(one.demand, applicant, earlier_years))
    if failed:
        return Decided(is_confirmed=False, refusals=failed, identity=None)
    return Decided(is_confirmed=True, refusals=(), identity=_identity(confirmation, applicant))


def _identity(confirmation: Confirmation, applicant: Applicant) -> tuple[str, Span] | None:
    if confirmation.gives is None:
        return None
    if confirmation.given_from is GivenFrom.BENEFIT_YEAR:
        year = applicant.benefit_year
        return confirmation.gives, Span(date(year, 1, 1), date(year + 1, 1, 1))
    return None if applicant.entered_on is None else (confirmation.gives, Span(applicant.entered_on, None))


def _holds(demand: Demand, applicant: Applicant, earlier_years: EarlierYears) -> bool:
    return (
        (not demand.insutypes or applicant.insutype in demand.insutypes)
        and (not demand.insured_at or applicant.insured_at in demand.insured_at)
        and (not demand.holds_any or _is_listed(demand, applicant))
        and (not demand.items_by_insutype or applicant.item in dict(demand.items_by_insutype).get(applicant.insutype or "", ()))
        and (not demand.earlier_items or _was_confirmed(demand, applicant, earlier_years))
        and (demand.evidence_months is None or any(_proves(demand, one, applicant.on) for one in applicant.evidence))
        and set(demand.materials) <= applicant.materials
        and (not demand.materials_any or not applicant.materials.isdisjoint(demand.materials_any))
    )


def _is_listed(demand: Demand, applicant: Applicant) -> bool:
    return any(code in demand.holds_any and span.holds(applicant.on) for code, span in applicant.listed)


def _was_confirmed(demand: Demand, applicant: Applicant, earlier_years: EarlierYears) -> bool:
    last = applicant.benefit_year - 1
    first = last if earlier_years is EarlierYears.LAST else date.min.year
    return any(item in demand.earlier_items and first <= year <= last for item, year in applicant.earlier)


def _proves(demand: Demand, evidence: Evidence, on: date) -> bool:
    since = months_before(on, demand.evidence_months or 0, MonthArithmetic.CLAMP)
    kinds = demand.evidence_kinds
    return since <= evidence.on <= on and evidence.level >= demand.evidence_level and (not kinds or evidence.kind in kinds)
