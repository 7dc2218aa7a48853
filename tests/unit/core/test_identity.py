"""Identity rules: what becomes of a listed span."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.identity import PLAIN_IDENTITY, IdentityRule, MonthArithmetic, months_before
from mianshen.core.spans import Span

LISTED = Span(date(2026, 3, 15), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("day", "months", "arithmetic", "expected"),
    [
        (date(2024, 2, 29), 12, MonthArithmetic.CLAMP, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, MonthArithmetic.OVERFLOW, date(2023, 3, 1)),
        (date(2026, 3, 31), 1, MonthArithmetic.CLAMP, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, MonthArithmetic.OVERFLOW, date(2026, 3, 3)),
        (date(2026, 1, 15), 1, MonthArithmetic.CLAMP, date(2025, 12, 15)),
        (date(2026, 5, 10), 0, MonthArithmetic.OVERFLOW, date(2026, 5, 10)),
    ],
)
def test_months_before(day: date, months: int, arithmetic: MonthArithmetic, expected: date) -> None:
    assert months_before(day, months, arithmetic) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (PLAIN_IDENTITY, LISTED),
        (IdentityRule(ends_after_months=0), Span(LISTED.since, date(2026, 5, 1))),
        (IdentityRule(ends_after_months=1), Span(LISTED.since, date(2026, 6, 1))),
        (IdentityRule(is_by_month=True), Span(date(2026, 3, 1), date(2026, 5, 1))),
        (IdentityRule(reaches_back_months=2), Span(date(2026, 1, 20), date(2026, 5, 1))),
        (IdentityRule(reaches_back_months=0), LISTED),
    ],
)
def test_what_becomes_of_a_span(rule: IdentityRule, expected: Span) -> None:
    assert rule.effective(LISTED, date(2026, 3, 20)) == expected


def test_a_year_ends_an_open_span_and_a_longer_one() -> None:
    rule = IdentityRule(is_yearly=True)
    assert rule.effective(Span(date(2025, 6, 1)), None) == Span(date(2025, 6, 1), date(2026, 1, 1))
    assert rule.effective(Span(date(2025, 6, 1), date(2027, 1, 1)), None).until == date(2026, 1, 1)
    assert rule.effective(Span(date(2025, 6, 1), date(2025, 7, 1)), None).until == date(2025, 7, 1)


@pytest.mark.parametrize(
    ("rule", "is_local", "counts"),
    [
        (PLAIN_IDENTITY, False, True),
        (IdentityRule(must_be_local=True), True, True),
        (IdentityRule(must_be_local=True), False, False),
        (IdentityRule(must_be_local=True), None, True),
        (IdentityRule(must_be_local=True, unknown_is_local=False), None, False),
    ],
)
def test_registration(rule: IdentityRule, is_local: bool | None, counts: bool) -> None:
    assert rule.counts_for(is_local) is counts


@given(
    st.builds(
        IdentityRule,
        is_by_month=st.booleans(),
        ends_after_months=st.none() | st.integers(0, 14),
        reaches_back_months=st.none() | st.integers(0, 30),
        month_arithmetic=st.sampled_from(MonthArithmetic),
        is_yearly=st.booleans(),
    ),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.none() | st.integers(1, 900),
    st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_every_span_stays_a_span(rule: IdentityRule, since: date, length: int | None, applied_on: date | None) -> None:
    listed = Span(since, None if length is None else since + timedelta(days=length))
    found = rule.effective(listed, applied_on)
    assert found.since <= listed.since
    assert found.holds(listed.since)
