"""Identity spans from lists that come late, twice, out of order and with faults equal a walk, at every moment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Shard
from tests.properties.roster_histories import MONTHS, Delivery, History, Told, generated, rearranged, walked

from mianshen.core.days import parse_month
from mianshen.warehouse.sql_files import sql_text

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
SPANS, SNAPSHOTS, KEPT = "facts.identity_span", "facts.roster_snapshot", "facts.roster_kept"
MUTANTS = (
    (SPANS, "known_at <= $known_at", "known_at < $known_at"),
    (SPANS, "known_at <= $known_at and ", ""),
    (SPANS, "superseded_at is null or superseded_at > $known_at", "superseded_at is null"),
    (SPANS, "superseded_at > $known_at", "superseded_at >= $known_at"),
    (SPANS, "count(*) filter (where is_complete) over", "count(*) over"),
    (SPANS, "and (l.category_code = h.category_code or not k.is_named)", "and l.category_code = h.category_code"),
    (SPANS, "and (l.category_code = h.category_code or not k.is_named)", ""),
    (SPANS, "s.complete_no + if(s.is_complete, 0, 1)", "s.complete_no"),
    (SPANS, "s.complete_no + 1 as awaits_no", "s.complete_no + 2 as awaits_no"),
    (SPANS, "begins_no > lag(awaits_no)", "begins_no >= lag(awaits_no)"),
    (SPANS, "where month_on >= firm_from_on", "where firm_from_on is not null"),
    (SPANS, "min(coalesce(valid_from, month_on))", "min(month_on)"),
    (SPANS, "min(coalesce(valid_from, month_on))", "max(coalesce(valid_from, month_on))"),
    (SPANS, "month_on)) filter (where not is_kept) as stated_on", "month_on)) as stated_on"),
    (SPANS, "is_kept and month_on > firm_to_on", "is_kept"),
    (SPANS, "min(month_on) filter (where is_kept", "max(month_on) filter (where is_kept"),
    (SPANS, "stated_on < lost_on", "stated_on > lost_on"),
    (SPANS, "when stated_on < lost_on then first_month_on else stated_on", "when false then first_month_on else stated_on"),
    (SPANS, "when is_essential then", "when true then"),
    (SPANS, "ended_on is null and newest_month < $run_month", "ended_on is null and newest_month <= $run_month"),
    (SPANS, "ended_on is null and newest_month < $run_month", "false"),
    (SPANS, "newest_month || '-01' as date) + interval 1 month", "newest_month || '-01' as date) + interval 0 month"),
    (SPANS, "greatest(since, provisional_on) as since", "provisional_on as since"),
    (SPANS, "where until is null or until > since", "where until is null or until >= since"),
    (SNAPSHOTS, "between 1 following", "between 0 following"),
    (SNAPSHOTS, "order by version_no", "order by version_no desc"),
    (KEPT, "where k.person_key is not null", "where false"),
    (KEPT, "true as is_named", "false as is_named"),
)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        yield connection


@QUIET
@given(seed=st.integers(0, 2**32))
def test_spans_equal_a_walk_at_every_moment(seed: int) -> None:
    history = generated(random.Random(seed))
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        told = Told(connection, history)
        for moment in range(len(history.deliveries) + 1):
            assert told.spans(moment) == walked(history, moment), f"at moment {moment}"


@QUIET
@given(seed=st.integers(0, 2**32))
def test_the_order_of_arrival_does_not_matter(seed: int) -> None:
    chance = random.Random(seed)
    history = generated(chance)
    other = rearranged(history, chance)
    last = len(history.deliveries)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        assert Told(connection, history).spans(last) == Told(connection, other).spans(last)


@pytest.mark.proof
def test_every_mistake_in_the_tables_is_caught(con: duckdb.DuckDBPyConnection, shard: Shard) -> None:
    for table, right, wrong in shard.take(MUTANTS):
        mistaken = {table: sql_text(table).replace(right, wrong)}
        assert any(differs(con, seed, mistaken) for seed in range(200)), f"{table} with {wrong} goes unnoticed"


def test_every_mistake_still_fits_the_text() -> None:
    """Whatever shard runs."""
    assert [(table, right) for table, right, _ in MUTANTS if right not in sql_text(table)] == []


def differs(con: duckdb.DuckDBPyConnection, seed: int, texts: dict[str, str]) -> bool:
    history = generated(random.Random(seed))
    told = Told(con, history, texts)
    try:
        return any(told.spans(moment) != walked(history, moment) for moment in range(len(history.deliveries) + 1))
    except AssertionError:
        return True


def test_the_walk_sees_a_return_after_a_loss() -> None:
    june, july, august = (parse_month(text) for text in ("2026-06", "2026-07", "2026-08"))
    old = {"P1": {"A": date(2026, 2, 1)}}
    history = History((Delivery(june, old, known_at=1), Delivery(july, {}, known_at=2), Delivery(august, old, known_at=3)))
    assert walked(replace(history, is_essential=False), 3) == {
        ("P1", "A", date(2026, 2, 1), date(2026, 7, 1), False),
        ("P1", "A", date(2026, 8, 1), None, False),
    }


def test_a_row_that_was_set_aside_ends_nothing_and_pays_nothing() -> None:
    september, october = MONTHS[-3], MONTHS[-2]
    listed = {"P1": {"A": None}, "P2": {"A": None}}
    history = History((Delivery(september, listed, known_at=1), Delivery(october, {}, frozenset({"P1"}), known_at=2)))
    assert walked(history, 2) == {
        ("P1", "A", september.first_day, october.first_day, False),
        ("P1", "A", october.first_day, None, True),
        ("P2", "A", september.first_day, october.first_day, False),
    }
