"""What the reference says of one person: lines, assessments and the arithmetic behind each line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """What one benefit gives for one claim, or for the whole year where relief is one sum a year."""

    event_id: str | None
    """The claim; None for a sum of the year."""
    benefit_year: int
    """The year that it counts in."""
    benefit_code: str
    """The benefit."""
    category_code: str
    """The category that counts (就高不重复)."""
    base_fen: int
    """Burden that the benefit saw: what earlier ones left; of the year for a sum of the year."""
    entitled_fen: int
    """Rise of the year's relief, window relief included."""
    window_fen: int
    """Part that the hospital window already paid."""
    amount_fen: int
    """entitled - window; negative when the window paid more than this claim adds."""
    is_held: bool
    """Whether the money rests on a list that is late."""
    clause_id: str
    """Where the numbers stand."""
    is_provisional: bool
    """Whether a payer that is not known yet was counted as nothing; paid, and may change."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What became of one claim."""

    event_id: str
    """The claim."""
    benefit_year: int
    """The year that it counts in."""
    base_fen: int | None
    """Its base; None while a payer is unknown."""
    relief_fen: int
    """Sum of the amounts of its lines and of its shares of sums of the year."""
    left_fen: int | None
    """What no benefit took; None while a payer is unknown."""
    outcome: str
    """PAID | REFUSED | HELD."""
    reason_code: str | None
    """Why it is not PAID, from core.codes."""
    is_provisional: bool
    """Whether its base counts a payer that is not known yet as nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a claim lies in one bracket or band."""

    fen: int
    """So much of the excess; of a band with a fixed sum, that sum."""
    ratio_ppm: int
    """The ratio that applied, variants and modifiers before the caps included."""
    bracket_no: int
    """Its place among the rate's brackets, from 1."""
    variant_no: int
    """The variant of the bracket that fitted, from 1; 0 for the bracket's own ratio or sum."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """How a weight became whole over its period."""

    weighed_before: int
    """Weight (fen x ppm) of earlier claims of the period."""
    given_before_fen: int
    """What they were given."""
    alone_fen: int
    """What this claim's weight is when rounded by itself."""
    fen: int
    """What the claim got: the rounded total less what was given before, at most what the claim brought."""


@dataclass(frozen=True, slots=True)
class Capped:
    """One cap's way with a claim; a cap that was waived has none."""

    cap_no: int
    """Its place among the rate's caps, from 1."""
    bound_fen: int
    """The bound, that of all days where it is one a day."""
    before_fen: int
    """What earlier claims of its period brought to it; 0 of all-or-nothing."""
    came_fen: int
    """What this claim brought."""
    let_fen: int
    """What it let through."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One claim's way through one category's rate; each amount is this claim's own."""

    burden_fen: int
    """What the benefit saw."""
    deductible_fen: int
    """The deductible that stood against it; 0 when waived."""
    is_waived: bool
    """Whether the claim stands outside of the deductible."""
    deducted_before_fen: int
    """What earlier claims of the deductible's period had borne; 0 when waived, and of a gate."""
    excess_fen: int
    """What counts after the deductible."""
    top_fen: int
    """Up to where it lies in the brackets, earlier claims of their period included."""
    parts: tuple[Part, ...]
    """Parts by bracket, empty brackets left out."""
    modifiers: tuple[int, ...]
    """Places, from 1, of the benefit's modifiers whose conditions fitted."""
    rounding: Rounded
    """How it became whole, before any cap."""
    caps: tuple[Capped, ...]
    """The caps that it met, in order."""
    capped_fen: int
    """What the caps let through."""
    is_at_cap: bool
    """Whether a cap is used up."""
    is_over: bool
    """Whether an all-or-nothing cap is exceeded, or the last band is: above it nothing is paid at all."""
    factor_ppm: int | None
    """What the modifiers after the caps multiply by; None where the benefit has none."""
    changed: Rounded | None
    """How what they left became whole; None where the benefit has none."""
    relief_fen: int
    """Relief, modifiers included."""

    @property
    def rounded_fen(self) -> int:
        """Relief before any cap."""
        return self.rounding.fen


@dataclass(frozen=True, slots=True)
class Working:
    """The year's totals behind one line."""

    burden_fen: int
    """The category's cumulative burden, this claim included."""
    best_before_fen: int
    """The benefit's cumulative relief before this claim: the best category's."""
    best_fen: int
    """The same with this claim."""
    received_before_fen: int
    """What the person had received before, at the window included, after a shared purse; else it equals best_before."""
    total_fen: int
    """The cumulative relief of the category that counts, this claim included."""
    trace: Trace
    """How the category that counts came to it."""


@dataclass(frozen=True, slots=True)
class OrderTried:
    """One order of the benefits that was tried for a benefit year of care."""

    benefit_year: int
    """The year."""
    arrangement_no: int
    """Its place in `Plan.arrangements`, from 0; the lowest of those that are the same for this person."""
    total_fen: int
    """What the person would be entitled to in the year."""
    is_chosen: bool
    """Whether it is the one that counts."""
    codes: tuple[str, ...] = ()
    """The benefits that cover a claim of the year, in this order."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a sum of the year lies on one claim."""

    event_id: str
    """The claim."""
    benefit_year: int
    """The year."""
    benefit_code: str
    """The benefit whose sum it is."""
    amount_fen: int
    """The part of the sum; above 0."""


@dataclass(frozen=True, slots=True)
class PersonResult:
    """Lines and assessments of one person, claims in order, benefits in the order in which they paid."""

    assessments: tuple[Assessment, ...]
    """One a claim."""
    lines: tuple[Line, ...]
    """One a claim (or year) and benefit with money."""
    workings: tuple[Working, ...]
    """One a line, in the same order."""
    orders: tuple[OrderTried, ...] = ()
    """Orders that were tried, by year and number; none where only one was possible."""
    shares: tuple[Share, ...] = ()
    """What sums of the year lie on claims, claims in order."""

    def total_fen(self, benefit_code: str | None = None) -> int:
        """Sum of the amounts, of one benefit when it is named."""
        return sum(one.amount_fen for one in self.lines if benefit_code in (None, one.benefit_code))
