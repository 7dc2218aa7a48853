"""F(y): exact, rounded once, non-decreasing, slope at most one, never above its cap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.plan import Benefit, EventKind
from mianshen.core.rates import (
    Bracket,
    Cap,
    Condition,
    Deductible,
    Modifier,
    Period,
    Position,
    Rate,
    Rounding,
    RoundingMode,
)
from mianshen.policy.claims import Claim
from mianshen.policy.pipeline import Pipe, Visit
from mianshen.policy.results import Trace

DAY = date(2026, 3, 1)
CLAIM = Claim("s", EventKind.CARE, 2026, DAY, DAY, DAY)


def rate(
    *, deductible: int = 0, ratios: tuple[tuple[int, int | None, int], ...] = ((0, None, 500_000),), cap: int | None = None
) -> Rate:
    return Rate("C", Deductible((deductible,)), tuple(Bracket(*one) for one in ratios), () if cap is None else (Cap(cap),), "c")


def step(one: Rate, burden: int) -> Trace:
    benefit = Benefit("b", "b", "b", "t", "d", "f", EventKind.CARE, (), (), (one,), DAY, None, counts_window_relief=False)
    return Pipe(benefit, one).step(Visit(CLAIM, frozenset("C"), DAY, 0, burden))


def relief_of(one: Rate, burden: int) -> int:
    return step(one, burden).relief_fen


@pytest.mark.parametrize(
    ("burden", "expected"),
    [(0, 0), (299_999, 0), (300_000, 0), (300_001, 1), (300_002, 1), (300_003, 2), (2_300_000, 1_000_000)],
)
def test_around_a_deductible_half_goes_up(burden: int, expected: int) -> None:
    assert relief_of(rate(deductible=300_000), burden) == expected


@pytest.mark.parametrize(
    ("burden", "expected"),
    [(10_299_998, 4_999_999), (10_300_000, 5_000_000), (10_300_002, 5_000_000), (99_999_999, 5_000_000)],
)
def test_around_a_cap(burden: int, expected: int) -> None:
    assert relief_of(rate(deductible=300_000, cap=5_000_000), burden) == expected


def test_the_cap_is_applied_after_rounding() -> None:
    one = rate(ratios=((0, None, 700_000),), cap=2)
    assert (step(one, 4).rounded_fen, relief_of(one, 4)) == (3, 2)


def test_brackets_are_marginal_and_rounded_together() -> None:
    one = rate(ratios=((0, 1, 500_000), (1, None, 500_000)))
    assert relief_of(one, 1) == 1
    assert relief_of(one, 2) == 1, "two halves make one fen: rounding happens once, not once a bracket"
    assert relief_of(rate(ratios=((0, 2_000_000, 500_000), (2_000_000, None, 700_000))), 2_500_000) == 1_350_000


def test_a_closed_last_bracket_pays_nothing_above_it() -> None:
    assert relief_of(rate(ratios=((0, 1_000, 500_000),)), 5_000) == 500


def test_seventy_percent_of_the_first_hundred_thousand_amounts_is_exact() -> None:
    one = rate(ratios=((0, None, 700_000),))
    for fen in range(0, 1_000_000, 10):
        assert relief_of(one, fen + 5) == int((Decimal(fen + 5) * 7 / 10).quantize(Decimal(1), ROUND_HALF_UP))


RATES = st.builds(
    lambda deductible, edge, low, high, cap: rate(deductible=deductible, ratios=((0, edge, low), (edge, None, high)), cap=cap),
    st.integers(0, 500),
    st.integers(1, 500),
    st.integers(0, 1_000_000),
    st.integers(0, 1_000_000),
    st.none() | st.integers(0, 800),
)


@given(RATES, st.integers(0, 3_000), st.integers(0, 3_000))
def test_it_never_falls_and_never_rises_by_more_than_the_burden(one: Rate, burden: int, more: int) -> None:
    rise = relief_of(one, burden + more) - relief_of(one, burden)
    assert 0 <= rise <= more
    assert relief_of(one, burden) <= burden
    assert all(relief_of(one, burden) <= cap.amount_fen for cap in one.caps)


def test_rounding_after_the_caps_never_exceeds_them() -> None:
    one = rate(ratios=((0, None, 1_000_000),), cap=95)
    benefit = Benefit("b", "b", "b", "t", "d", "f", EventKind.CARE, (), (), (one,), DAY, None, counts_window_relief=False)
    halved = Modifier(Condition(marks=("C",)), Position.AFTER_CAP, "c", factor_ppm=990_000)
    coarse = Rounding(RoundingMode.UP, 10, Period.CLAIM)
    pipe = Pipe(replace(benefit, modifiers=(halved,), rounding=coarse), one)
    found = pipe.step(Visit(CLAIM, frozenset("C"), DAY, 0, 5_000))
    assert (found.rounded_fen, found.capped_fen, found.relief_fen) == (5_000, 95, 95)
