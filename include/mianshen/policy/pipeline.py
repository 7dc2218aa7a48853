"""One category's way through one benefit, claim by claim (docs/reference/relief-semantics.md, 5).

Deductible, brackets with the modifiers of the ratio, rounding, caps, modifiers after the caps: each step turns what the claim
brings into what it lets through, over running totals of a period. No claim ever gets more than it brought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date

from mianshen.core.money import PPM
from mianshen.core.plan import Benefit
from mianshen.core.rates import (
    Below,
    Bracket,
    BracketsOn,
    Cap,
    CapKind,
    Condition,
    DeductibleKind,
    Form,
    Period,
    Position,
    Rate,
    Rounding,
)
from mianshen.policy.claims import Claim
from mianshen.policy.conditions import fits, fits_any
from mianshen.policy.formula import band_of, length_within, whole_fen
from mianshen.policy.results import Capped, Part, Rounded, Trace


@dataclass(frozen=True, slots=True)
class Visit:
    """A claim as a rate sees it."""

    claim: Claim
    """The claim."""
    held: frozenset[str]
    """Categories and marks that it holds."""
    day: date
    """Its value day."""
    admission_no: int
    """Which stay of the year it belongs to, from 1; 0 for care that is no stay."""
    burden_fen: int
    """What the benefits before left of it."""

    def key(self, period: Period) -> Hashable:
        """The period of this kind in which the claim lies."""
        year, day = self.claim.benefit_year, self.day
        match period:
            case Period.CLAIM:
                return (year, self.claim.event_id)
            case Period.STAY:
                return (year, self.claim.stay)
            case Period.MONTH:
                return (year, day.year, day.month)
            case Period.QUARTER:
                return (year, day.year, (day.month - 1) // 3)
            case Period.YEAR:
                return year
            case Period.ONCE:
                return None


@dataclass(slots=True)
class _Running:
    """What a claim adds to a function of a period's running total."""

    totals: defaultdict[Hashable, int] = field(default_factory=lambda: defaultdict(int))

    def rise(self, key: Hashable, amount: int, of: Callable[[int], int]) -> int:
        """of(total with the amount) - of(total before)."""
        before = self.totals[key]
        self.totals[key] = before + amount
        return of(before + amount) - of(before)


@dataclass(slots=True)
class _Rounder:
    """Weights become fen, rounded over a period; what a claim may not get waits for a later one."""

    rounding: Rounding
    weights: defaultdict[Hashable, int] = field(default_factory=lambda: defaultdict(int))
    given: defaultdict[Hashable, int] = field(default_factory=lambda: defaultdict(int))

    def rise(self, visit: Visit, weight: int, *, most: int) -> Rounded:
        """What the claim gets, never more than `most`."""
        key = visit.key(self.rounding.period)
        weighed, given = self.weights[key], self.given[key]
        self.weights[key] += weight
        rise = min(most, whole_fen(self.weights[key], self.rounding) - given)
        self.given[key] += rise
        return Rounded(weighed, given, whole_fen(weight, self.rounding), rise)


class Pipe:
    """One category's running totals in one benefit, of one person."""

    def __init__(self, benefit: Benefit, rate: Rate) -> None:
        self.rate = rate
        """The rate."""
        self._modifiers = benefit.modifiers
        self._before = [one for one in benefit.modifiers if one.position is Position.BEFORE_CAP]
        self._after = [one for one in benefit.modifiers if one.position is Position.AFTER_CAP]
        self._forgiven: set[int] = set()
        self._deducted = _Running()
        self._excess = _Running()
        self._rounder = _Rounder(benefit.rounding)
        self._capped = [_Running() for _ in rate.caps]
        self._last_rounder = _Rounder(benefit.rounding)

    def settle_year(self, visits: Sequence[Visit], *, is_over: bool) -> None:
        """With `below: whole_year` nothing is asked of a year that is over and stayed within the deductible.

        `visits` are the year's claims that hold the category; those that the deductible does not concern count for nothing.
        """
        asked = self.rate.deductible
        if not is_over or asked.below is not Below.WHOLE:
            return
        counted = [one for one in visits if not fits_any(asked.waived, one.claim, held=one.held, day=one.day)]
        if sum(one.burden_fen for one in counted) <= asked.amounts_fen[0]:
            self._forgiven |= {one.claim.benefit_year for one in visits}

    def step(self, visit: Visit) -> Trace:
        """What the claim gets; the totals have risen by it."""
        asked = self.rate.deductible
        is_waived = fits_any(asked.waived, visit.claim, held=visit.held, day=visit.day)
        deductible = 0 if is_waived else self._asked_of(visit)
        deducted_before = 0 if is_waived or asked.kind is DeductibleKind.GATE else self._deducted.totals[visit.key(asked.period)]
        excess = visit.burden_fen if is_waived else self._after_deductible(visit, deductible)
        top = self._top(visit, excess)
        parts = self._parts(visit, excess, top)
        rounded = self._rounder.rise(visit, sum(one.fen * one.ratio_ppm for one in parts), most=visit.burden_fen)
        caps, capped, is_at_cap, is_over = self._through_caps(visit, rounded.fen)
        is_over = is_over or (self.rate.form is Form.BANDS and excess > 0 and self._band(visit, excess) is None)
        factor, changed = self._changed(visit, capped)
        return Trace(
            burden_fen=visit.burden_fen,
            deductible_fen=deductible,
            is_waived=is_waived,
            deducted_before_fen=deducted_before,
            excess_fen=excess,
            top_fen=top,
            parts=parts,
            modifiers=tuple(turn for turn, one in enumerate(self._modifiers, 1) if self._fits(one.condition, visit)),
            rounding=rounded,
            caps=caps,
            capped_fen=capped,
            is_at_cap=is_at_cap or is_over,
            is_over=is_over,
            factor_ppm=factor,
            changed=changed,
            relief_fen=capped if changed is None else changed.fen,
        )

    def _asked_of(self, visit: Visit) -> int:
        """The deductible that stands against the claim."""
        amounts = self.rate.deductible.amounts_fen
        if visit.claim.benefit_year in self._forgiven:
            return 0
        return amounts[min(max(visit.admission_no, 1), len(amounts)) - 1]

    def _after_deductible(self, visit: Visit, amount_fen: int) -> int:
        deductible, burden = self.rate.deductible, visit.burden_fen
        if deductible.kind is DeductibleKind.GATE:
            is_open = burden > amount_fen if deductible.opens_above else burden >= amount_fen
            return burden if is_open else 0
        return self._deducted.rise(visit.key(deductible.period), burden, lambda total: max(total - amount_fen, 0))

    def _top(self, visit: Visit, excess: int) -> int:
        """Up to where the claim lies in the brackets, over their period."""
        key = visit.key(self.rate.bracket_period)
        self._excess.totals[key] += self._measured(visit, excess)
        return self._excess.totals[key]

    def _measured(self, visit: Visit, excess: int) -> int:
        return excess if self.rate.brackets_on is BracketsOn.EXCESS else visit.burden_fen

    def _parts(self, visit: Visit, excess: int, top: int) -> tuple[Part, ...]:
        """The parts of the brackets that the excess of this claim touches."""
        rate = self.rate
        if rate.form is Form.BANDS:
            band = self._band(visit, excess)
            if band is not None and band.lump_fen is not None:
                number = rate.brackets.index(band) + 1
                return (Part(band.lump_fen, self._factor(visit), number, 0),) if excess and band.lump_fen else ()
            found = [(excess if one is band else 0, one) for one in rate.brackets]
        else:
            found = [(length_within(one, top) - length_within(one, top - excess), one) for one in rate.brackets]
        return tuple(self._part(visit, fen, number, one) for number, (fen, one) in enumerate(found, 1) if fen)

    def _part(self, visit: Visit, fen: int, number: int, bracket: Bracket) -> Part:
        fitting = (turn for turn, one in enumerate(bracket.variants, 1) if self._fits(one.condition, visit))
        variant = next(fitting, 0)
        ratio = bracket.variants[variant - 1].ratio_ppm if variant else bracket.ratio_ppm
        return Part(fen, self._modified(ratio, visit), number, variant)

    def _factor(self, visit: Visit) -> int:
        """What the modifiers before the cap make of a fixed sum: factors multiply it, points are for ratios."""
        factor = PPM
        for one in self._before:
            if one.factor_ppm is not None and self._fits(one.condition, visit):
                factor = factor * one.factor_ppm // PPM
        return factor

    def _band(self, visit: Visit, excess: int) -> Bracket | None:
        return band_of(self.rate.brackets, self._measured(visit, excess))

    def _modified(self, ratio: int, visit: Visit) -> int:
        """The ratio after the modifiers before the cap, in order."""
        for one in self._before:
            if self._fits(one.condition, visit):
                ratio = min(ratio + one.add_ppm, PPM) if one.add_ppm is not None else ratio * (one.factor_ppm or 0) // PPM
        return ratio

    def _through_caps(self, visit: Visit, amount: int) -> tuple[tuple[Capped, ...], int, bool, bool]:
        """The caps that the claim meets; what they let through; whether one is used up; whether one lets nothing through."""
        met: list[Capped] = []
        is_at_cap = is_over = False
        for number, (cap, running) in enumerate(zip(self.rate.caps, self._capped, strict=True), 1):
            if fits_any(cap.waived, visit.claim, held=visit.held, day=visit.day):
                continue
            one, reached = _through_cap(number, cap, running, visit, amount)
            amount = one.let_fen
            met.append(one)
            is_at_cap = is_at_cap or reached
            is_over = is_over or (reached and cap.kind is CapKind.ALL_OR_NOTHING)
        return tuple(met), amount, is_at_cap, is_over

    def _changed(self, visit: Visit, amount: int) -> tuple[int | None, Rounded | None]:
        """The factor of the modifiers after the caps, and what it leaves, rounded again; None when there are none."""
        if not self._after:
            return None, None
        factor = PPM
        for one in self._after:
            if self._fits(one.condition, visit):
                factor = factor * (one.factor_ppm or 0) // PPM
        return factor, self._last_rounder.rise(visit, amount * factor, most=amount)

    @staticmethod
    def _fits(condition: Condition, visit: Visit) -> bool:
        return fits(condition, visit.claim, held=visit.held, day=visit.day)


def _through_cap(number: int, cap: Cap, running: _Running, visit: Visit, amount: int) -> tuple[Capped, bool]:
    """What a cap lets through, and whether it is used up."""
    bound = cap.amount_fen * (visit.claim.days if cap.is_per_day else 1)
    if cap.kind is CapKind.ALL_OR_NOTHING:
        is_above = amount > bound
        return Capped(number, bound, 0, amount, 0 if is_above else amount), is_above
    key = visit.key(cap.period)
    before = running.totals[key]
    let_through = running.rise(key, amount, lambda total: min(total, bound))
    return Capped(number, bound, before, amount, let_through), running.totals[key] >= bound
