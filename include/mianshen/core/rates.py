"""What one category gets from one benefit, as data: deductible, brackets, caps, rounding, modifiers and when each applies.

docs/reference/relief-semantics.md says what an amount means. Money is integer fen, ratios are parts per million.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Period(StrEnum):
    """Over which claims a running total runs; all but ONCE begin anew with the benefit year."""

    CLAIM = "claim"
    STAY = "stay"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ONCE = "once"


class DeductibleKind(StrEnum):
    """What a deductible does."""

    SUBTRACTED = "subtracted"
    GATE = "gate"


class Below(StrEnum):
    """What January brings to a person whose past year stayed within a yearly deductible (次年1月一次性办理)."""

    SUM = "sum_of_year"
    WHOLE = "whole_year"
    CLOSED = "closed"


class Form(StrEnum):
    """How brackets are read."""

    MARGINAL = "marginal"
    BANDS = "bands"


class BracketsOn(StrEnum):
    """On which amount the bounds of the brackets lie."""

    EXCESS = "excess"
    AMOUNT = "amount"


class CapKind(StrEnum):
    """What a cap does with what is above it."""

    CLIP = "clip"
    ALL_OR_NOTHING = "all_or_nothing"


class RoundingMode(StrEnum):
    """Which way an amount between two places goes."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


class Position(StrEnum):
    """Where a modifier stands: on the ratio, before any cap, or on what the caps let through."""

    BEFORE_CAP = "before_cap"
    AFTER_CAP = "after_cap"


class BestOf(StrEnum):
    """How the best category is compared over a benefit year (就高不重复)."""

    RUNNING_MAXIMUM = "running_maximum"
    ONE_CATEGORY = "one_category_for_year"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a claim must be: every given part must fit; an attribute that was not delivered fits only a part not given."""

    med_types: tuple[str, ...] = ()
    """Kinds of care; empty is any."""
    dise_codes: tuple[str, ...] = ()
    """Beginnings of disease codes; empty is any."""
    hosp_levels: tuple[str, ...] = ()
    """Levels of the hospital; empty is any."""
    care_places: tuple[str, ...] = ()
    """Where the care was given; empty is anywhere."""
    is_referred: bool | None = None
    """Whether the person was referred; None does not ask."""
    marks: tuple[str, ...] = ()
    """Categories or marks of which the claim holds at least one; empty does not ask."""
    since: date | None = None
    """First value day; None is open."""
    until: date | None = None
    """First value day that no longer fits; None is open."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A ratio that stands in a bracket's place where a condition holds."""

    condition: Condition
    """When."""
    ratio_ppm: int
    """Share paid, parts per million."""


@dataclass(frozen=True, slots=True)
class Deductible:
    """What the person bears before relief begins."""

    amounts_fen: tuple[int, ...]
    """The amount; of a claim or stay also one for each admission of the year, the last for all that follow."""
    kind: DeductibleKind = DeductibleKind.SUBTRACTED
    """Subtracted, or a gate after which everything counts."""
    period: Period = Period.YEAR
    """Over which claims it is reached; a gate knows CLAIM and YEAR."""
    opens_above: bool = False
    """Of a gate: whether a total that equals the amount stays outside."""
    waived: tuple[Condition, ...] = ()
    """A claim that fits one passes whole and does not use the deductible up."""
    below: Below = Below.SUM
    """Of a yearly one: the year's sum is paid above it; once a year within it is over, it is paid whole, or closed and told."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A part of the excess over the deductible (or of the amount), [low, high)."""

    low_fen: int
    """Where it begins."""
    high_fen: int | None
    """Where it ends; None is open."""
    ratio_ppm: int
    """Share paid, parts per million."""
    variants: tuple[Variant, ...] = ()
    """Ratios in its place; the first whose condition holds counts."""
    lump_fen: int | None = None
    """Of a band: a fixed sum in the ratio's place."""


@dataclass(frozen=True, slots=True)
class Cap:
    """Most that is paid in a period."""

    amount_fen: int
    """The bound."""
    kind: CapKind = CapKind.CLIP
    """Clipped, or nothing at all above it."""
    period: Period = Period.YEAR
    """Over which claims the amounts are added up; all-or-nothing knows CLAIM and YEAR."""
    is_per_day: bool = False
    """Whether the bound is one of each day of care; the period is CLAIM then."""
    waived: tuple[Condition, ...] = ()
    """A claim that fits one passes whole and does not use the cap up."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """The one place where an amount becomes whole."""

    mode: RoundingMode = RoundingMode.HALF_UP
    """Which way."""
    place_fen: int = 1
    """1 fen, 10 (a jiao) or 100 (a yuan)."""
    period: Period = Period.YEAR
    """Claim by claim, over the stay or over the year: CLAIM, STAY or YEAR."""


PLAIN_ROUNDING = Rounding()
"""Half up to the fen, once over the year."""


@dataclass(frozen=True, slots=True)
class Modifier:
    """A change of what is paid where a condition holds; in the order in which they stand."""

    condition: Condition
    """When."""
    position: Position
    """On the ratio, or on what the caps let through."""
    clause_id: str
    """Where it stands."""
    factor_ppm: int | None = None
    """Multiplies; at most 1,000,000. Either this or `add_ppm`."""
    add_ppm: int | None = None
    """Points added to the ratio, never above 1,000,000; before the cap only."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one category gets from one benefit."""

    category_code: str
    """The category this rate is for."""
    deductible: Deductible
    """What the person bears first."""
    brackets: tuple[Bracket, ...]
    """Sorted, touching, from 0."""
    caps: tuple[Cap, ...]
    """Applied one after the other; empty is no cap."""
    clause_id: str
    """Where the numbers stand."""
    form: Form = Form.MARGINAL
    """Each part by its own bracket, or the whole by the band in which it lies."""
    brackets_on: BracketsOn = BracketsOn.EXCESS
    """On which amount the bounds lie."""
    bracket_period: Period = Period.YEAR
    """Over which claims that amount is added up; bands know CLAIM and YEAR."""

    @property
    def is_year_jump(self) -> bool:
        """Whether relief of the year may leap as it grows: a yearly gate, bands or all-or-nothing cap."""
        return (
            (self.deductible.kind is DeductibleKind.GATE and self.deductible.period is Period.YEAR)
            or (self.form is Form.BANDS and self.bracket_period is Period.YEAR)
            or any(one.kind is CapKind.ALL_OR_NOTHING and one.period is Period.YEAR for one in self.caps)
        )

    @property
    def is_plain(self) -> bool:
        """Whether it is one function of the year's total: yearly deductible subtracted, marginal on the excess, yearly caps."""
        below = Below.CLOSED if self.deductible.below is Below.CLOSED else Below.SUM
        plain = Deductible(self.deductible.amounts_fen[:1], below=below)
        return (
            self.deductible == plain
            and (self.form, self.brackets_on, self.bracket_period) == (Form.MARGINAL, BracketsOn.EXCESS, Period.YEAR)
            and all(one == Cap(one.amount_fen) for one in self.caps)
            and not any(one.variants for one in self.brackets)
        )
