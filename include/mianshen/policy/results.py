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
class Trace:
    """One claim's way through one category's rate; each amount is this claim's own."""

    burden_fen: int
    """What the benefit saw."""
    deductible_fen: int
    """The deductible that stood against it."""
    excess_fen: int
    """What counts after the deductible."""
    parts: tuple[tuple[int, int], ...]
    """(fen, effective ratio in ppm) by bracket, empty brackets left out."""
    rounded_fen: int
    """Relief before any cap."""
    capped_fen: int
    """What the caps let through."""
    is_at_cap: bool
    """Whether a cap is used up."""
    is_over: bool
    """Whether an all-or-nothing cap is exceeded, or the last band is: above it nothing is paid at all."""
    relief_fen: int
    """Relief, modifiers included."""


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
    """What the person had received before, at the window included; equals best_before where no window relief counts."""
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

    def total_fen(self, benefit_code: str | None = None) -> int:
        """Sum of the amounts, of one benefit when it is named."""
        return sum(one.amount_fen for one in self.lines if benefit_code in (None, one.benefit_code))
