"""The Plan: the one thing that the reference calculator and the compiled SQL share (docs/adr/0004).

`mianshen.policy` makes a Plan from a county's YAML for one day; `policy.calculator` computes one person from it and
`warehouse.compile` makes SQL from it. Money is integer fen, ratios are parts per million, spans are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mianshen.core.identity import PLAIN_IDENTITY, IdentityRule, Upgrade
from mianshen.core.rates import PLAIN_ROUNDING, Below, BestOf, Condition, Modifier, Rate, Rounding, RoundingMode


class Status(StrEnum):
    """How sure the product is of a number."""

    OFFICIAL = "official"
    QUOTED = "quoted"
    INFERRED = "inferred"
    ILLUSTRATIVE = "illustrative"


class EventKind(StrEnum):
    """What a claim is about."""

    CARE = "care"
    ENROLMENT = "enrolment"
    SERVICE = "service"


class MafCounting(StrEnum):
    """What `maf_pay`, relief already paid at the hospital window, counts as (docs/adr/0004)."""

    SAME_BENEFIT = "same_benefit"
    EARLIER_PAYER = "earlier_payer"


class OrderChoice(StrEnum):
    """When the order of the benefits is settled for a person and benefit year."""

    YEAR_END = "year_end"
    LOCKED = "locked_at_first_payment"


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a number or a rule stands in a document."""

    clause_id: str
    """Unique in the pack, such as `xinjin.special.civil_affairs`."""
    document: str
    """The source document."""
    article: str
    """Chapter and item."""
    text_zh: str
    """The sentence that a clerk reads out."""
    status: Status
    """How sure the product is."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the base: a national money field with its sign."""

    field: str
    """A landing field such as `inscp_scp_amt`."""
    sign: int
    """+1 or -1."""
    absent_means: str
    """A missing field: `zero` nothing was paid; `unknown` the claim must wait; `provisional` paid as if nothing, and marked."""


@dataclass(frozen=True, slots=True)
class BaseScale:
    """A share of the base that counts where a condition holds, such as care without referral."""

    condition: Condition
    """When; held categories and marks are those of the claim."""
    ratio_ppm: int
    """Share of the base, parts per million."""
    clause_id: str
    """Where it stands."""


@dataclass(frozen=True, slots=True)
class AcceptedBreak:
    """A hole that the document itself makes: the proof shows it as accepted and looks for every other one."""

    benefit_code: str
    """The benefit."""
    category_code: str
    """The category."""
    hole: str
    """What is accepted, a `policy.prove.Hole`, such as `falls`."""
    clause_id: str
    """Where the document makes it, and why it stays."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A purse that several benefits share; what does not fit into it is lost."""

    code: str
    """Unique in the pack."""
    name_zh: str
    """What people read."""
    amounts_fen: tuple[tuple[str, int], ...]
    """(category code, bound), sorted by code: the bound for a claim is that of the category that counts in it."""
    clause_id: str
    """Where the bounds stand."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """One department's relief within a tier; smooth: paid by differences of the rounded cumulative.

    Among the categories that a person holds, the one with the highest cumulative relief counts (就高不重复).
    """

    code: str
    """Unique in the pack; part of the key of every award."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    tier_code: str
    """The tier it belongs to."""
    department_code: str
    """Who decides and who pays."""
    fund_code: str
    """The fund that the money comes from."""
    event_kind: EventKind
    """What it pays for."""
    med_types: tuple[str, ...]
    """Kinds of care it covers; empty means all."""
    dise_codes: tuple[str, ...]
    """Prefixes of disease codes it is limited to; empty means all."""
    rates: tuple[Rate, ...]
    """One rate a category, sorted by category code."""
    valid_since: date
    """First day of care that it covers."""
    valid_until: date | None
    """First day of care that it no longer covers; None is open."""
    counts_window_relief: bool
    """Whether `maf_pay` was an advance of this very benefit (at most one a Plan, with MafCounting.SAME_BENEFIT)."""
    rounding: Rounding = PLAIN_ROUNDING
    """How its amounts become whole."""
    modifiers: tuple[Modifier, ...] = ()
    """Changes of what it pays, in the order in which they stand."""
    best_of: BestOf = BestOf.RUNNING_MAXIMUM
    """How the best category is found."""
    bucket_code: str | None = None
    """The purse that it shares with others over the benefit year; None is none."""

    @property
    def is_year_jump(self) -> bool:
        """Whether its relief is one sum a person and benefit year, because a rate leaps."""
        return any(one.is_year_jump for one in self.rates)

    @property
    def needs_the_year(self) -> bool:
        """Whether all claims of the benefit year must be known before any gets its part."""
        is_whole = any(one.deductible.below is Below.WHOLE for one in self.rates)
        return self.is_year_jump or is_whole or self.best_of is BestOf.ONE_CATEGORY


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of person in need."""

    code: str
    """Upper-case, stable."""
    name_zh: str
    """The field's term."""
    name_en: str
    """The same in English."""
    department_code: str
    """The department that keeps the list."""
    status: Status
    """How sure the product is that the county counts it."""
    is_mark: bool = False
    """Whether it is only asked about by conditions and entitles to nothing, such as a refused health service."""
    identity: IdentityRule = PLAIN_IDENTITY
    """How a listed span of it counts."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A layer of the policy; later tiers see what earlier ones left."""

    code: str
    """Such as `tier1_enrolment`."""
    name_zh: str
    """医前保障 / 专项 / 兜底."""
    name_en: str
    """The same in English."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A county's relief policy in force on one day."""

    pack: str
    """Folder name of the pack, such as `510118_xinjin`."""
    county_code: str
    """Six-digit division code."""
    county_name_zh: str
    """The county's name."""
    in_force_on: date
    """The day whose values were taken."""
    policy_hash: str
    """SHA-256 of the pack's canonical content."""
    benefit_year_by: str
    """`settlement` or `discharge`: the day that decides the benefit year (calendar year)."""
    base: tuple[Term, ...]
    """Terms of the base of care claims; below zero counts as zero. The base of an enrolment is the fee."""
    maf_counts_as: MafCounting
    """What `maf_pay` counts as; with EARLIER_PAYER it stands in `base` with sign -1."""
    tiers: tuple[Tier, ...]
    """In the order in which they pay."""
    benefits: tuple[Benefit, ...]
    """In the order in which they pay; each sees what the earlier ones left."""
    categories: tuple[Category, ...]
    """Sorted by code; the position is the category's bit."""
    clauses: tuple[Clause, ...]
    """Every clause that a line may quote."""
    admission_med_types: tuple[str, ...] = ()
    """Kinds of care that are a stay in hospital, for what counts by admission."""
    buckets: tuple[Bucket, ...] = ()
    """Purses that benefits share over a benefit year."""
    arrangements: tuple[tuple[str, ...], ...] = ()
    """Every permitted order of the care benefits' codes, the printed one first; empty where there is only that one."""
    upgrades: tuple[Upgrade, ...] = ()
    """Categories that follow from others, in the order in which they are found."""
    base_scales: tuple[BaseScale, ...] = ()
    """The first whose condition holds scales the base of a care claim; none leaves it whole."""
    base_rounding: RoundingMode = RoundingMode.HALF_UP
    """How a scaled base becomes whole fen."""
    order_choice: OrderChoice = OrderChoice.YEAR_END
    """When the order of a person-year is settled."""
    service_package_fen: int | None = None
    """What a head's yearly service package is worth: the base of an assessed package; None knows no such claims."""
    accepted_breaks: tuple[AcceptedBreak, ...] = ()
    """Holes that stay, because the document makes them; no amount depends on them."""
    january_day: int = 1
    """Day of the next January from which a benefit year is over: what stayed within a deductible is settled then."""

    def clause(self, clause_id: str) -> Clause:
        """The clause with this id; KeyError when the pack has none."""
        return {one.clause_id: one for one in self.clauses}[clause_id]

    @property
    def is_illustrative(self) -> bool:
        """Whether any number behind the money is illustrative, so that reports carry a banner."""
        return any(one.status is Status.ILLUSTRATIVE for one in self.clauses)
