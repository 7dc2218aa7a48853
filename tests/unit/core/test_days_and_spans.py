"""Months, moments and half-open spans."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.days import Month, last_full_month, local, month_of, parse_moment, parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.spans import Span, coalesce

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))
SPANS = st.lists(st.tuples(DAYS, st.integers(1, 400) | st.none()), max_size=8).map(
    lambda rows: [Span(since, None if length is None else since + timedelta(days=length)) for since, length in rows]
)


@given(DAYS, st.integers(-50, 50))
def test_months_shift_there_and_back(day: date, by: int) -> None:
    month = month_of(day)
    assert month.shift(by).shift(-by) == month
    assert month.first_day <= day <= month.last_day


def test_both_spellings_of_a_month_are_one_month() -> None:
    assert parse_month("2026-10") == parse_month("202610") == Month(2026, 10)
    assert last_full_month(date(2026, 1, 1)) == Month(2025, 12)


@pytest.mark.parametrize("written", ["2026-13", "26-10", "2026/10", ""])
def test_a_month_that_cannot_be_read_is_refused_with_a_remedy(written: str) -> None:
    with pytest.raises(MianshenError, match="2026-10"):
        parse_month(written)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(MianshenError, match="MOMENT_WITHOUT_ZONE"):
        local(datetime(2026, 11, 22, 9))  # noqa: DTZ001 - the point of the test
    assert local(datetime(2026, 11, 21, 16, tzinfo=UTC)).date() == date(2026, 11, 22)
    assert parse_moment("2026-11-22").hour == 9
    assert parse_moment("20261122") == parse_moment("2026-11-22")


@given(SPANS, DAYS)
def test_coalescing_keeps_every_day_and_adds_none(spans: list[Span], day: date) -> None:
    merged = coalesce(spans)
    assert any(span.holds(day) for span in spans) == any(span.holds(day) for span in merged)
    assert all(left.until is not None and left.until < right.since for left, right in itertools.pairwise(merged))


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends"):
        Span(date(2026, 1, 2), date(2026, 1, 2))
