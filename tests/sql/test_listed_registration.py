"""Given lists that tell the application and the registration, expect what an identity rule asks of a span."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from tests.sql.given import fetched, given, made, picked
from tests.sql.test_profile_tables import listed, spans

D = date.fromisoformat


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def test_a_span_carries_its_application_and_the_newest_registration(con: duckdb.DuckDBPyConnection) -> None:
    months = ("2026-07", "2026-08", "2026-09", "2026-10")
    told = {"applied_on": D("2026-06-20"), "is_local": False}
    rows = (
        {**listed("2026-07", "P1"), **told},
        {**listed("2026-08", "P1"), "is_local": True},
        {**listed("2026-10", "P1"), **told, "is_local": None},
    )
    spans(con, *rows, run_month="2026-10", months=months)
    found = fetched(con, "select since, applied_on, is_local from facts.identity_span order by since")
    assert picked(found, "since", "applied_on", "is_local") == [
        (D("2026-07-01"), D("2026-06-20"), True),
        (D("2026-10-01"), None, None),
    ]


def test_an_application_day_that_cannot_be_is_not_taken_for_one(con: duckdb.DuckDBPyConnection) -> None:
    keyed = {"delivery_id": "D1", "list_code": "L1", "list_month": "2026-10", "category_code": "DIBAO", "birth_year": 1980}
    empty = {"is_category_missing": False, "wording_no": 0, "fixes": [], "flags": []}
    written = ("2026年5月9日", "2026-13-01", "2027-01-01", "1979-12-31", "2026-05", None)
    rows = [
        {**keyed, **empty, "line_no": place, "person_key": f"P{place}", "applied_on": text, "is_local": place == 1}
        for place, text in enumerate(written, 1)
    ]
    given(con, "staging.roster_keyed", *rows)
    found = made(con, "staging.roster_judged", today="2026-10-31")
    assert [row["applied_on"] for row in found] == [D("2026-05-09"), *[None] * 5]
    assert [row["flags"] for row in found] == [[], *[["DATE_DOUBTFUL"]] * 4, []]
    assert [row["is_local"] for row in found] == [True, *[False] * 5]
