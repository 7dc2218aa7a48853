"""Given events and spans, expect the person-month record and the portrait."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from tests.sql.given import fetched, given, made, picked
from tests.sql.test_profile_tables import D, at, events, listed, settlement, spans


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def portrait(con: duckdb.DuckDBPyConnection) -> None:
    """Two listed people, one of them in two categories, and one who is on no list."""
    rows = listed("2026-10", "P1"), listed("2026-10", "P1", "ZHONGDU_CANJI"), listed("2026-10", "P2")
    spans(con, *rows, run_month="2026-10", months=("2026-10",))
    events(
        con,
        settlement("S1", gend="2", birth_year=1960),
        settlement("S2", 2, setl_time=at("2026-09-30 23:59:59"), enddate=D("2026-09-30"), begndate=D("2026-09-30")),
        settlement("S3", 3, person_key="P3", mdtrt_admdvs="510100", psn_part_amt=None),
    )
    months = ["2026-09", "2026-10"]
    made(con, "facts.care_placed", months=months, county_codes=["510118", "510132"])
    made(con, "facts.person_month", months=months, roster_deliveries=["L1 2026-10"], roster_months=["2026-10"])


def test_the_person_month_record_holds_categories_care_and_burden_to_date(con: duckdb.DuckDBPyConnection) -> None:
    portrait(con)
    names = (
        "person_key",
        "calendar_month",
        "categories",
        "visits",
        "stays",
        "visits_prefecture",
        "burden_fen",
        "burden_year_fen",
    )
    assert picked(fetched(con, "from facts.person_month order by all"), *names) == [
        ("P1", "2026-09", [], 1, 0, 0, 4_000, 4_000),
        ("P1", "2026-10", ["DIBAO", "ZHONGDU_CANJI"], 1, 1, 0, 4_000, 8_000),
        ("P2", "2026-10", ["DIBAO"], 0, 0, 0, 0, 0),
        ("P3", "2026-10", [], 1, 1, 1, 4_000, 4_000),
    ]


def test_a_month_holds_of_every_span_the_days_that_lie_in_it(con: duckdb.DuckDBPyConnection) -> None:
    """One list ends as October begins, another has two spans of September, a third runs on and rests on a late list."""
    told = (
        ("DIBAO", "A", "2026-08-20", "2026-10-01"),
        ("DIBAO", "B", "2026-09-20", "2026-09-25"),
        ("DIBAO", "B", "2026-08-01", "2026-09-12"),
        ("TEKUN", "C", "2026-09-30", None),
    )
    rows = [
        {"person_key": "P1", "category_code": code, "list_code": list_code, "since": D(since), "until": until and D(until)}
        | {"is_provisional": until is None}
        for code, list_code, since, until in told
    ]
    given(con, "facts.identity_span", *rows)
    for table in ("facts.care_event", "facts.care_placed", "staging.roster"):
        given(con, table)
    months = ["2026-09", "2026-10"]
    found = made(con, "facts.person_month", months=months, roster_deliveries=["L1 2026-10"], roster_months=["2026-10"])
    held = {
        row["calendar_month"]: [(one["category_code"], one["list_code"], one["since"], one["until"]) for one in row["held"]]
        for row in found
    }
    assert held == {
        "2026-09": [
            ("DIBAO", "A", D("2026-09-01"), D("2026-10-01")),
            ("DIBAO", "B", D("2026-09-01"), D("2026-09-12")),
            ("DIBAO", "B", D("2026-09-20"), D("2026-09-25")),
            ("TEKUN", "C", D("2026-09-30"), D("2026-10-01")),
        ],
        "2026-10": [("TEKUN", "C", D("2026-10-01"), D("2026-11-01"))],
    }
    assert {row["calendar_month"]: (row["categories"], row["is_provisional"]) for row in found} == {
        "2026-09": (["DIBAO", "TEKUN"], False),
        "2026-10": (["TEKUN"], True),
    }


def test_categories_are_counted_in_people_and_visits(con: duckdb.DuckDBPyConnection) -> None:
    portrait(con)
    rows = made(con, "out.category_counts", run_month="2026-10")
    assert picked(rows, "category_code", "people", "people_in_several", "people_treated", "visits", "cost_fen") == [
        ("ALL", 2, 1, 1, 1, 10_000),
        ("DIBAO", 2, 1, 1, 1, 10_000),
        ("NONE", 1, 0, 1, 1, 10_000),
        ("ZHONGDU_CANJI", 1, 1, 1, 1, 10_000),
    ]


def test_the_portrait_groups_people_and_marks_small_cells(con: duckdb.DuckDBPyConnection) -> None:
    portrait(con)
    rows = made(con, "out.portrait_group", run_month="2026-10", small_cell=2)
    assert picked(rows, "category_code", "age_band", "gend", "town", "people", "visits", "is_small") == [
        ("DIBAO", "60-74", "2", "五津街道", 1, 1, True),
        ("DIBAO", "unknown", "9", "五津街道", 1, 0, True),
        ("ZHONGDU_CANJI", "60-74", "2", "五津街道", 1, 1, True),
    ]
    assert not any(row["is_small"] for row in made(con, "out.portrait_group", run_month="2026-10", small_cell=1))
