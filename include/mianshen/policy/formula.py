"""F(y): a category's relief for a benefit year over its cumulative burden, in exact fractions, rounded once."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from mianshen.core.money import PPM
from mianshen.core.plan import Bracket, Rate


def length_within(bracket: Bracket, excess_fen: int) -> int:
    """Fen of [0, excess) that lie in the bracket."""
    top = excess_fen if bracket.high_fen is None else min(bracket.high_fen, excess_fen)
    return max(top - bracket.low_fen, 0)


def relief_before_cap(rate: Rate, burden_fen: int) -> int:
    """Relief in fen on a cumulative burden before the cap: exact sum over brackets, then half up once."""
    excess = max(burden_fen - rate.deductible_fen, 0)
    exact = sum((Fraction(one.ratio_ppm, PPM) * length_within(one, excess) for one in rate.brackets), Fraction(0))
    return floor(exact + Fraction(1, 2))


def relief_of(rate: Rate, burden_fen: int) -> int:
    """Relief in fen on a cumulative burden, the cap applied after rounding."""
    found = relief_before_cap(rate, burden_fen)
    return found if rate.cap_fen is None else min(found, rate.cap_fen)
