"""Identity spans from monthly lists equal a walk through the snapshots, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sql import given as tables

from mianshen.core.days import Month, parse_month

RUN_MONTH = Month(2026, 10)
MONTHS = tuple(RUN_MONTH.shift(shift) for shift in range(-6, 2))
STATED = st.one_of(st.none(), st.none(), st.integers(0, 300).map(lambda days: date(2026, 2, 1) + timedelta(days=days)))
LISTS = st.dictionaries(
    st.sampled_from(MONTHS),
    st.dictionaries(st.sampled_from(("P1", "P2")), st.dictionaries(st.sampled_from(("A", "B")), STATED, min_size=1)),
    min_size=1,
)
Snapshots = Mapping[Month, Mapping[str, Mapping[str, date | None]]]
Span = tuple[str, str, date, date | None, bool]


def walked(snapshots: Snapshots, *, is_essential: bool) -> set[Span]:
    """Spans of every person and category, by walking through the months that were delivered."""
    keys = {(person, category) for people in snapshots.values() for person, held in people.items() for category in held}
    return {span for key in keys for span in _walk_one(snapshots, key, is_essential=is_essential)}


def _walk_one(snapshots: Snapshots, key: tuple[str, str], *, is_essential: bool) -> Iterator[Span]:
    person, category = key
    lost: date | None = None
    stretch: list[tuple[Month, date]] = []
    for month in sorted(snapshots):
        held = snapshots[month].get(person, {})
        if category in held:
            stretch.append((month, held[category] or month.first_day))
        elif stretch:
            yield from _pieces(key, stretch, lost, until=month.first_day, late_from=None)
            stretch, lost = [], month.first_day
    if stretch:
        is_late = is_essential and max(snapshots) < RUN_MONTH
        late_from = stretch[-1][0].shift(1).first_day if is_late else None
        yield from _pieces(key, stretch, lost, until=None, late_from=late_from)


def _pieces(
    key: tuple[str, str], stretch: list[tuple[Month, date]], lost: date | None, *, until: date | None, late_from: date | None
) -> Iterator[Span]:
    stated = min(day for _, day in stretch)
    since = stretch[0][0].first_day if lost is not None and stated < lost else stated
    ends = until or late_from
    if ends is None or since < ends:
        yield (*key, since, ends, False)
    if late_from is not None:
        yield (*key, max(since, late_from), None, True)


def computed(snapshots: Snapshots, *, is_essential: bool) -> set[Span]:
    """Spans that the SQL file makes."""
    rows: list[dict[str, Any]] = [
        {"delivery_id": str(month), "list_code": "L", "person_key": person, "category_code": category, "valid_from": stated}
        for month, people in snapshots.items()
        for person, held in people.items()
        for category, stated in held.items()
    ]
    months = [str(month) for month in snapshots]
    with duckdb.connect(":memory:", config={"threads": 1}) as con:
        tables.given(con, "staging.roster", *rows)
        made = tables.made(
            con,
            "facts.identity_span",
            roster_deliveries=months,
            roster_lists=["L"] * len(months),
            roster_months=months,
            essential_lists=["L"] if is_essential else [],
            run_month=str(RUN_MONTH),
        )
    return {(row["person_key"], row["category_code"], row["since"], row["until"], row["is_provisional"]) for row in made}


@pytest.mark.parametrize("is_essential", [True, False])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(snapshots=LISTS)
def test_spans_equal_a_walk_through_the_snapshots(snapshots: Snapshots, is_essential: bool) -> None:
    assert computed(snapshots, is_essential=is_essential) == walked(snapshots, is_essential=is_essential)


def test_the_walk_sees_a_return_after_a_loss() -> None:
    june, july, august = (parse_month(text) for text in ("2026-06", "2026-07", "2026-08"))
    old = {"P1": {"A": date(2026, 2, 1)}}
    assert walked({june: old, july: {}, august: old}, is_essential=False) == {
        ("P1", "A", date(2026, 2, 1), date(2026, 7, 1), False),
        ("P1", "A", date(2026, 8, 1), None, False),
    }
