"""Amounts in yuan become integer fen exactly, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.money import divide_half_up, format_yuan, parse_fen, show_yuan


@given(st.integers(min_value=-(10**14) + 1, max_value=10**14 - 1))
def test_every_amount_survives_writing_and_reading(fen: int) -> None:
    assert parse_fen(format_yuan(fen)) == fen
    assert parse_fen(show_yuan(fen)) == fen


@pytest.mark.parametrize(("written", "fen"), [("¥1,234.50", 123450), ("¥12", 1200), ("-0.01", -1), ("3.5", 350), ("1.500", 150)])
def test_spellings_of_real_exports_are_read(written: str, fen: int) -> None:
    assert parse_fen(written) == fen


@pytest.mark.parametrize("written", ["", "--", "12.345", "1e3", "无", "1.2.3", "NaN"])
def test_what_is_no_amount_is_refused_and_never_zero(written: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_fen(written)


@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=1, max_value=10**9))
def test_half_up_is_nearest_and_ties_go_up(numerator: int, denominator: int) -> None:
    rounded = divide_half_up(numerator, denominator)
    assert -denominator < 2 * (rounded * denominator - numerator) <= denominator


def test_half_a_fen_at_half_price_is_paid_as_a_fen() -> None:
    assert divide_half_up(1 * 500_000, 1_000_000) == 1


def test_negative_amounts_are_not_rounded_silently() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        divide_half_up(-1, 2)
