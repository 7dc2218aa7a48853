"""People assessed part by part get what they get together, from plans with steps of every kind."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb
import pytest
from tests.properties.relief_cases import County, county_of, focused_county
from tests.properties.relief_sides import LINE, ORDER, TODAY, VERDICT, facts
from tests.sql.given import fetched

from mianshen.warehouse import assessing
from mianshen.warehouse.assessing_parts import MOST_PARTS, assess_in_parts, parts_for

SHOWN = {
    "out.award_line": ("person_key", *LINE),
    "out.assessment": ("person_key", *VERDICT),
    "out.order_tried": ORDER,
    "out.calculation_record": ("*",),
    "checks.assess_pair": ("*",),
}


OF_RECORDS = {"out.calculation_record", "checks.assess_pair"}


def answers(connection: duckdb.DuckDBPyConnection, *, with_records: bool) -> dict[str, list[str]]:
    return {
        table: sorted(repr(one) for one in fetched(connection, f"select {', '.join(shown)} from {table}"))
        for table, shown in SHOWN.items()
        if with_records or table not in OF_RECORDS
    }


def years_of(county: County) -> list[int]:
    return sorted({claim.benefit_year for person in county.people for claim in person.claims})


def shown(connection: duckdb.DuckDBPyConnection, county: County) -> None:
    """The county's facts, every third claim refused by a person."""
    facts(connection, county)
    refused = "state = 'REFUSED', reason_code = 'REVIEW_REFUSED'"
    placed = "select event_id, row_number() over (order by event_id) as place from facts.care_event"
    third = f"select event_id from ({placed}) where place % 3 = 0"
    connection.execute(f"update facts.care_event set {refused} where event_id in ({third})")


@pytest.mark.parametrize(
    ("focus", "parts", "with_records"), [(None, 3, True), ("leap", 2, True), ("deductible", 1, False), ("purse", 3, False)]
)
def test_people_in_parts_get_what_they_get_together(focus: str | None, parts: int, with_records: bool, tmp_path: Path) -> None:
    draw = Random(f"parts {focus}")
    county = county_of(draw, people=6) if focus is None else focused_county(draw, focus, people=6)
    years = years_of(county)
    plans = [(county.plan, [year]) for year in years] if focus == "leap" else [(county.plan, years)]
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        shown(connection, county)
        ran = assessing.assess_claims(connection, plans, with_records=with_records, on=TODAY)
        together = answers(connection, with_records=with_records)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        shown(connection, county)
        folder = tmp_path / "out"
        in_parts = assess_in_parts(connection, plans, parts=parts, folder=folder, with_records=with_records, on=TODAY)
        assert answers(connection, with_records=with_records) == together
        assert len(list((folder / "out.assessment").iterdir())) == parts * len(plans)
    assert in_parts == ran
    assert any("REVIEW_REFUSED" in one for one in together["out.assessment"])


def test_a_part_that_fails_leaves_the_connection_as_it_was(tmp_path: Path) -> None:
    county = county_of(Random("fails"))
    with duckdb.connect(":memory:") as connection:
        facts(connection, county)
        connection.execute("drop table facts.identity_span")
        held = (
            "'1' as person_key, 'A' as category_code, false as is_provisional"  # enough to write the statements, not to run them
        )
        connection.execute(f"create view facts.identity_span as select {held}")
        with pytest.raises(duckdb.Error):
            assess_in_parts(connection, [(county.plan, years_of(county))], parts=2, folder=tmp_path / "out")
        assert connection.execute("select current_database()").fetchall() == [("memory",)]
        assert connection.execute(
            "select count(*) from duckdb_databases() where database_name = 'part_of_people'"
        ).fetchall() == [(0,)]


@pytest.mark.parametrize(("memory", "parts"), [("1GB", 1), ("200MB", 2), ("2MB", MOST_PARTS)])
def test_parts_follow_the_memory(memory: str, parts: int) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema facts")
        for table, rows in (("care_event", 400_000), ("enrolment_event", 100_000)):
            connection.execute(f"create view facts.{table} as select 1 from range({rows})")
        connection.execute(f"set memory_limit='{memory}'")
        assert parts_for(connection) == parts
