"""Drawn steps of a rate beyond a yearly deductible, brackets and cap: every construct of the policy language that is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from random import Random

from mianshen.core.plan import Benefit
from mianshen.core.rates import (
    Below,
    BestOf,
    Bracket,
    BracketsOn,
    Cap,
    CapKind,
    Condition,
    Deductible,
    DeductibleKind,
    Form,
    Modifier,
    Period,
    Position,
    Rate,
    Rounding,
    RoundingMode,
    Variant,
)

CATEGORIES = ("BIANYUAN", "DIBAO", "ERTONG", "TEKUN", "ZHICHU")
DISEASES = ("M0101", "M02", "C34.900", "E10", None)
HOSPITAL_LEVELS = ("1", "2", "3", None)
CARE_PLACES = ("1", "2", "3", "4", None)
RATIOS = (0, 2, 100_000, 333_334, 500_000, 700_000, 900_000, 1_000_000)
PERIODS = tuple(Period)


def varied(draw: Random, benefit: Benefit) -> Benefit:
    """The benefit with drawn steps; most keep some of their plain ones."""
    if draw.random() < 0.25:
        return benefit
    one_category = draw.random() < 0.25 and not benefit.counts_window_relief
    return replace(
        benefit,
        rates=tuple(_rate(draw, one) if draw.random() < 0.8 else one for one in benefit.rates),
        rounding=_rounding(draw),
        modifiers=tuple(_modifier(draw, benefit) for _ in range(draw.choice((0, 0, 1, 2)))),
        best_of=BestOf.ONE_CATEGORY if one_category else BestOf.RUNNING_MAXIMUM,
    )


COMBINED = ("order", "purse")
"""What several benefits have together: several permitted orders, purses that they share."""
FOCI = (
    *("deductible", "gate", "admission", "brackets", "bands", "rounding", "caps", "limits", "modifiers", "category", "leap"),
    "january",
    *("identity", "base"),
    *COMBINED,
)
"""What a focused benefit has beside brackets: one kind of step, so that no other one hides what it does."""
OPEN = Deductible((0,))
"""No deductible."""


def focused(draw: Random, benefit: Benefit, on: str) -> Benefit:
    """A benefit of two categories for all care of all years, with one kind of step drawn."""
    one = replace(
        benefit, med_types=(), dise_codes=(), valid_since=date(2025, 1, 1), valid_until=None, counts_window_relief=False
    )
    one = replace(one, rates=tuple(_focused_rate(draw, rate, on) for rate in benefit.rates[:2]))
    if on == "rounding":
        return replace(one, rounding=_rounding(draw))
    if on == "modifiers":
        return replace(one, modifiers=tuple(_modifier(draw, one) for _ in range(draw.choice((1, 2, 3)))))
    if on == "january":
        after = tuple(_modifier(draw, one) for _ in range(draw.choice((0, 1))))
        return replace(one, modifiers=after, best_of=draw.choice(tuple(BestOf)), rounding=_rounding(draw))
    return replace(one, best_of=BestOf.ONE_CATEGORY) if on == "category" else one


def _focused_rate(draw: Random, rate: Rate, on: str) -> Rate:
    ratio = draw.choice((333_335, 500_000, 900_000, 1_000_000))
    plain = replace(rate, deductible=OPEN, brackets=(Bracket(0, 700, ratio), Bracket(700, None, 500_000)), caps=())
    amounts = (draw.choice((0, 150, 500)), 800, draw.choice((50, 2_000)))
    drawn: dict[str, Callable[[], Rate]] = {
        "deductible": lambda: replace(plain, deductible=Deductible((800,), period=draw.choice(PERIODS), waived=_waived(draw))),
        "gate": lambda: replace(plain, deductible=_gate(draw, 150)),
        "admission": lambda: replace(plain, deductible=Deductible(amounts, period=draw.choice((Period.CLAIM, Period.STAY)))),
        "brackets": lambda: _focused_brackets(draw, plain, on),
        "bands": lambda: _focused_brackets(draw, plain, on),
        "caps": lambda: replace(
            plain, caps=tuple(replace(_cap(draw), amount_fen=fen) for fen in (draw.choice((900, 2_500)), 333))
        ),
        "limits": lambda: replace(plain, caps=(_cap(draw),)),
        "category": lambda: _crossing(draw, plain),
        "leap": lambda: _leaping(draw, plain),
        "january": lambda: _forgiving(draw, plain),
    }
    return drawn[on]() if on in drawn else plain


def _crossing(draw: Random, plain: Rate) -> Rate:
    """One that is the best below some amount and another above it."""
    low, high = draw.sample((100_000, 500_000, 1_000_000), 2)
    return replace(
        plain, deductible=Deductible((draw.choice((0, 800)),)), brackets=(Bracket(0, 700, low), Bracket(700, None, high))
    )


def _forgiving(draw: Random, plain: Rate) -> Rate:
    """One that asks nothing of a year within its deductible, with all else that may look at one claim; now and then another."""
    fen = draw.choice((800, 4_000, 20_000))
    asked = Deductible((fen,), waived=_waived(draw), below=Below.WHOLE)
    if draw.random() < 0.3:
        asked = Deductible((fen,), period=draw.choice((Period.ONCE, Period.STAY)))
    return replace(plain, deductible=asked, caps=(_cap(draw),)[: draw.choice((0, 1))], bracket_period=draw.choice(PERIODS))


def _leaping(draw: Random, plain: Rate) -> Rate:
    """A gate, bands or an all-or-nothing cap of the year."""
    kind = draw.choice(("gate", "gate", "bands", "all", "whole", "closed", "closed"))
    fen = draw.choice((800, 4_000, 20_000))
    if kind == "gate":
        gate = Deductible((fen,), DeductibleKind.GATE, Period.YEAR, draw.random() < 0.5)
        return replace(plain, deductible=gate, caps=(Cap(900),)[: draw.choice((0, 1))])
    if kind == "whole":
        return replace(plain, deductible=Deductible((fen,), below=Below.WHOLE), caps=(Cap(900),)[: draw.choice((0, 1))])
    if kind == "closed":
        return replace(plain, deductible=Deductible((fen,), below=Below.CLOSED))
    if kind == "all":
        return replace(
            plain, caps=(Cap(fen, CapKind.ALL_OR_NOTHING, Period.YEAR), Cap(900, period=Period.YEAR))[: draw.choice((1, 2))]
        )
    cuts = (0, 1_500, fen + 2_000, draw.choice((None, 90_000)))
    drawn = (Bracket(low, high, 0) for low, high in pairwise(cuts))
    brackets = tuple(replace(_bracket(draw, one, is_banded=True), variants=()) for one in drawn)
    lies_on = draw.choice(tuple(BracketsOn))
    return replace(
        plain, deductible=Deductible((draw.choice((0, 300)),)), brackets=brackets, form=Form.BANDS, brackets_on=lies_on
    )


def _focused_brackets(draw: Random, plain: Rate, on: str) -> Rate:
    cuts = (0, 150, 1_000, draw.choice((None, 5_000)))
    drawn = (Bracket(low, high, 0) for low, high in pairwise(cuts))
    brackets = tuple(_bracket(draw, one, is_banded=on == "bands") for one in drawn)
    lies_on, form = draw.choice(tuple(BracketsOn)), Form.BANDS if on == "bands" else Form.MARGINAL
    period = Period.CLAIM if on == "bands" else draw.choice(PERIODS)
    asked = Deductible((draw.choice((0, 100)),), period=Period.CLAIM)
    return replace(plain, deductible=asked, brackets=brackets, form=form, brackets_on=lies_on, bracket_period=period)


def condition(draw: Random) -> Condition:
    """One or two parts; now and then none, which every claim fits."""
    asked = draw.sample(("med", "dise", "level", "place", "referred", "marks", "since", "until"), draw.choice((0, 1, 1, 1, 2)))
    return Condition(
        med_types=draw.choice((("11",), ("14", "21"))) if "med" in asked else (),
        dise_codes=draw.choice((("M0",), ("C34", "E1"))) if "dise" in asked else (),
        hosp_levels=draw.choice((("1",), ("2", "3"))) if "level" in asked else (),
        care_places=draw.choice((("1", "2"), ("3", "4"), ("4",))) if "place" in asked else (),
        is_referred=draw.choice((True, False)) if "referred" in asked else None,
        marks=tuple(sorted(draw.sample(CATEGORIES, draw.choice((1, 2))))) if "marks" in asked else (),
        since=date(2026, draw.choice((3, 5, 9)), 1) if "since" in asked else None,
        until=date(2026, draw.choice((3, 6, 9)), 1) if "until" in asked else None,
    )


def _waived(draw: Random) -> tuple[Condition, ...]:
    return tuple(condition(draw) for _ in range(draw.choice((0, 0, 0, 1, 2))))


def _rate(draw: Random, rate: Rate) -> Rate:
    is_banded = draw.random() < 0.2
    brackets = tuple(_bracket(draw, one, is_banded=is_banded) for one in rate.brackets)
    return replace(
        rate,
        deductible=_deductible(draw, rate.deductible.amounts_fen[0]),
        brackets=brackets,
        caps=tuple(_cap(draw) for _ in range(draw.choice((0, 0, 1, 1, 2)))),
        form=Form.BANDS if is_banded else Form.MARGINAL,
        brackets_on=draw.choice((BracketsOn.EXCESS, BracketsOn.EXCESS, BracketsOn.AMOUNT)),
        bracket_period=Period.CLAIM if is_banded else draw.choice(PERIODS),
    )


def _deductible(draw: Random, fen: int) -> Deductible:
    kind = draw.choice((DeductibleKind.SUBTRACTED, DeductibleKind.SUBTRACTED, DeductibleKind.GATE))
    if kind is DeductibleKind.GATE:
        return _gate(draw, fen)
    period = draw.choice(PERIODS)
    amounts = (fen, *draw.choices((0, 50, 300), k=draw.choice((1, 2)))) if period in {Period.CLAIM, Period.STAY} else (fen,)
    below = Below.CLOSED if period is Period.YEAR and draw.random() < 0.4 else Below.SUM
    return Deductible(draw.choice((amounts, amounts[:1])), kind, period, waived=_waived(draw), below=below)


def _gate(draw: Random, fen: int) -> Deductible:
    return Deductible((fen,), DeductibleKind.GATE, Period.CLAIM, opens_above=draw.random() < 0.5, waived=_waived(draw))


def _bracket(draw: Random, bracket: Bracket, *, is_banded: bool) -> Bracket:
    variants = tuple(Variant(condition(draw), draw.choice(RATIOS)) for _ in range(draw.choice((0, 0, 1, 2))))
    lump = draw.choice((0, 1, 77, 900, 90_000)) if is_banded and draw.random() < 0.4 else None
    if lump is not None:
        return replace(bracket, ratio_ppm=draw.choice(RATIOS), variants=variants, lump_fen=lump)
    return replace(bracket, ratio_ppm=draw.choice(RATIOS), variants=variants)


def _cap(draw: Random) -> Cap:
    fen, waived = draw.choice((0, 1, 50, 333, 700, 5_000)), _waived(draw)
    if draw.random() < 0.2:
        return Cap(fen, CapKind.ALL_OR_NOTHING, Period.CLAIM, waived=waived)
    if draw.random() < 0.2:
        return Cap(fen, period=Period.CLAIM, is_per_day=True, waived=waived)
    return Cap(fen, period=draw.choice(PERIODS), waived=waived)


def _rounding(draw: Random) -> Rounding:
    return Rounding(
        draw.choice(tuple(RoundingMode)), draw.choice((1, 1, 10, 100)), draw.choice((Period.CLAIM, Period.STAY, Period.YEAR))
    )


def _modifier(draw: Random, benefit: Benefit) -> Modifier:
    is_added = draw.random() < 0.4
    position = Position.BEFORE_CAP if is_added else draw.choice(tuple(Position))
    clause = benefit.rates[0].clause_id
    if is_added:
        return Modifier(condition(draw), position, clause, add_ppm=draw.choice((50_000, 400_000)))
    return Modifier(condition(draw), position, clause, factor_ppm=draw.choice((0, 500_000, 1_000_000)))
