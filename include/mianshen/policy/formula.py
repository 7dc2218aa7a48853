"""The arithmetic of one step, in whole numbers: lengths of brackets in fen, weights in fen times parts per million."""

from __future__ import annotations

from mianshen.core.money import PPM
from mianshen.core.rates import Bracket, Rounding, RoundingMode


def length_within(bracket: Bracket, amount_fen: int) -> int:
    """Fen of [0, amount) that lie in the bracket."""
    top = amount_fen if bracket.high_fen is None else min(bracket.high_fen, amount_fen)
    return max(top - bracket.low_fen, 0)


def band_of(brackets: tuple[Bracket, ...], amount_fen: int) -> Bracket | None:
    """The band in which the whole amount lies, its lower bound included; None above a closed last band."""
    return next((one for one in brackets if one.high_fen is None or amount_fen < one.high_fen), None)


def whole_fen(weight: int, rounding: Rounding) -> int:
    """A weight (fen x ppm, not negative) as fen at the rounding's place."""
    unit = rounding.place_fen * PPM
    whole, rest = divmod(weight, unit)
    return (whole + _goes_up(whole, rest, unit, rounding.mode)) * rounding.place_fen


def _goes_up(whole: int, rest: int, unit: int, mode: RoundingMode) -> bool:
    match mode:
        case RoundingMode.DOWN:
            return False
        case RoundingMode.UP:
            return rest > 0
        case RoundingMode.HALF_UP:
            return 2 * rest >= unit
        case RoundingMode.HALF_EVEN:
            return 2 * rest > unit or (2 * rest == unit and whole % 2 == 1)
