"""profile on the lists' history: what was known on an earlier day comes back byte for byte; differences and alarms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from tests.sql.given import fetched, picked
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.stages import assess, profile
from mianshen.warehouse import rosters
from mianshen.warehouse.build import write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import DELIVERY, DELIVERY_ACT, RUN

LIST = "bureau_list"


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    return make_staged(tmp_path / "home")


def people(numbers: Iterable[int], **changes: Any) -> list[Any]:
    return [listed(f"P{number:03d}", **changes) for number in numbers]


def span_digests(county: StagedCounty) -> dict[str, str]:
    """SHA-256 of the spans by the moment of the run that made them."""
    with county.job.ledger.connect() as connection:
        found = connection.execute(select(RUN.c.as_of, RUN.c.tables).where(RUN.c.stage == "profile"))
        return {row.as_of: json.loads(row.tables)["facts.identity_span"]["sha256"] for row in found}


def test_what_was_known_on_every_earlier_day_comes_back_byte_for_byte(county: StagedCounty) -> None:
    county.deliver("roster", LIST, "2026-09", *people((1, 2, 3)))
    profile.run(county.job)
    county.later(days=1)
    county.deliver("roster", LIST, "2026-10", *people((1, 2), valid_from=date(2026, 3, 1)))
    profile.run(county.job)
    county.later(days=1)
    county.deliver("roster", LIST, "2026-08", *people((2, 4)))
    profile.run(county.job)
    known = span_digests(county)
    assert len(set(known.values())) == 3
    for moment, digest in known.items():
        assert rebuilt(county, moment) == digest


def rebuilt(county: StagedCounty, moment: str) -> str:
    """SHA-256 of the spans as rebuilt today for the earlier moment."""
    with compute() as con, county.job.lake.writing(county.job.run_spec("rebuilt", inputs=(moment,))) as written:
        rosters.show_rosters(con, county.job.lake, county_code=county.job.county_code)
        asked = {"run_month": str(county.job.month), "essential_lists": [LIST], "partial_lists": [], "application_lists": []}
        rosters.make_spans(con, asked, known_at=moment)
        write_tables(written, con, [rosters.SPANS])
        part = written.folder(rosters.SPANS).with_name(f".tmp-{written.spec.run_id}") / "part-0.parquet"
        return hashlib.sha256(part.read_bytes()).hexdigest()


def test_the_difference_of_two_months_has_its_reasons(county: StagedCounty) -> None:
    county.deliver("roster", LIST, "2026-08", *people((1, 2, 5)))
    of_two = [listed("P006"), listed("P006", "POORER")]
    county.deliver("roster", LIST, "2026-09", *people((1, 2, 3)), *of_two)
    changed = [listed("P001", town="二镇"), listed("P002", "POORER"), listed("P004"), listed("P005"), *reversed(of_two)]
    county.deliver("roster", LIST, "2026-10", *changed)
    profile.run(county.job)
    rows = county.rows("facts.roster_change", "from {table} where list_month = '2026-10' order by all")
    assert picked(rows, "person_key", "change_code", "reason_code", "field_name") == [
        ("P001", "CHANGED", "ROSTER_CHANGED", "town"),
        ("P002", "CHANGED", "ROSTER_CHANGED", "category_code"),
        ("P003", "LEFT", "ROSTER_ABSENT", ""),
        ("P004", "ADDED", "ROSTER_NEW", ""),
        ("P005", "ADDED", "ROSTER_RETURNED", ""),
    ]
    counted = county.rows("out.roster_difference", "from {table} where list_month = '2026-10' order by all")
    assert sum(row["people"] for row in counted) == 5 and "person_key" not in counted[0]


def test_a_town_that_is_gone_and_a_large_share_are_alarms_at_the_packs_line(county: StagedCounty) -> None:
    here, there = people(range(100), town="一镇"), people(range(100, 110), town="二镇")
    county.deliver("roster", LIST, "2026-09", *here, *there)
    county.deliver("roster", LIST, "2026-10", *here)
    profile.run(county.job)
    (gone,) = county.rows("out.roster_alarm")
    assert (gone["reason_code"], gone["town"], gone["people"], gone["of_people"]) == ("ROSTER_TOWN_GONE", "二镇", 10, 10)
    county.deliver("roster", "union_list", "2026-09", *people(range(100)))
    county.deliver("roster", "union_list", "2026-10", *people(range(10, 100)))
    county.later(hours=1)
    profile.run(county.job)
    assert [row["list_code"] for row in county.rows("out.roster_alarm")] == [LIST], "exactly a tenth is not more than a tenth"
    county.deliver("roster", "union_list", "2026-11", *people(range(20, 100)))
    county.later(hours=1)
    county.job = replace(county.job, month=county.job.month.shift(1))
    profile.run(county.job)
    share = county.rows("out.roster_alarm", "from {table} where reason_code = 'ROSTER_SHARE_GONE'")
    assert picked(share, "list_code", "list_month", "people", "of_people") == [("union_list", "2026-11", 10, 90)]


def test_a_start_and_an_end_set_back_into_an_assessed_month_are_flagged_and_stay(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1", person_key="P001"))
    county.deliver("roster", LIST, "2026-09", *people((1, 2)))
    county.deliver("roster", LIST, "2026-10", *people((1, 2)))
    profile.run(county.job)
    assert county.rows("facts.identity_revision") == []
    assess.run(county.job)
    county.later(days=1)
    second = county.deliver("roster", LIST, "2026-10", *people((2,)), *people((3,), valid_from=date(2026, 10, 1)))
    supersede_older(county, second)
    profile.run(county.job)
    rows = county.rows("facts.identity_revision")
    assert picked(rows, "person_key", "calendar_month", "reason_code") == [
        ("P001", "2026-10", "ROSTER_BACKDATED_END"),
        ("P003", "2026-10", "ROSTER_BACKDATED_START"),
    ]
    assert {row["found_at"] for row in rows} == {county.job.moment}
    assert {(row["reason_code"], row["people"]) for row in county.rows("out.roster_alarm")} == {
        ("ROSTER_BACKDATED_END", 1),
        ("ROSTER_BACKDATED_START", 1),
    }
    assess.run(county.job)
    county.later(days=1)
    profile.run(county.job)
    assert county.rows("facts.identity_revision") == rows, "what was found once stays visible, and is not found twice"


def supersede_older(county: StagedCounty, newer: str) -> None:
    """The delivery is the second version of its month."""
    with county.job.ledger.begin() as connection:
        connection.exec_driver_sql(f"update delivery set version = 2 where delivery_id = '{newer}'")
        connection.exec_driver_sql(
            "update delivery set state = 'SUPERSEDED' where list_code = 'bureau_list' and partition = '2026-10' and version = 1"
        )


def test_a_list_not_due_yet_is_awaited_and_not_late(county: StagedCounty) -> None:
    county.deliver("roster", LIST, "2026-09", *people((1,)))
    county.later(days=-4)
    asked = profile.run(county.job).counts
    assert (asked["lists_late"], asked["lists_awaited"]) == (0, 2)


def test_equal_moments_are_ordered_by_partition_and_version(county: StagedCounty) -> None:
    for setl, partition in (("later", "2026-10"), ("earlier", "2026-09")):
        county.deliver("settlement", "settlement", partition, settlement("S1", inscp_scp_amt=1_000 if setl == "later" else 2_000))
    with county.job.ledger.begin() as connection:
        connection.exec_driver_sql("update delivery set received_at = 'same'")
    profile.run(county.job)
    with compute() as con:
        files = county.job.lake.current("facts.care_event", county_code=county.job.county_code)
        (row,) = fetched(con, f"select inscp_scp_amt from read_parquet({files}, hive_partitioning=false)")
    assert row["inscp_scp_amt"] == 1_000


def test_a_delivery_taken_back_leaves_its_predecessor_standing_again_and_the_time_between_as_it_was(county: StagedCounty) -> None:
    first = county.deliver("roster", LIST, "2026-10", *people((1,)))
    profile.run(county.job)
    county.later(days=1)
    second = county.deliver("roster", LIST, "2026-10", *people((2,)))
    supersede_older(county, second)
    profile.run(county.job)
    county.later(days=1)
    take_back(county, second, first)
    profile.run(county.job)
    known = span_digests(county)
    moments = sorted(known)
    assert known[moments[0]] == known[moments[2]] != known[moments[1]]
    assert {moment: rebuilt(county, moment) for moment in moments} == known
    stood = [(row["delivery_id"], row["superseded_at"] is None) for row in county.rows("facts.roster_snapshot")]
    assert sorted(stood) == [(first, False), (first, True), (second, False)]


def take_back(county: StagedCounty, newer: str, older: str) -> None:
    """A person withdraws the newer version."""
    act = {"delivery_id": newer, "act_no": 1, "act": "withdrawn", "acted_at": county.job.moment, "actor": "a", "reason": "r"}
    with county.job.ledger.begin() as connection:
        connection.execute(insert(DELIVERY_ACT).values(**act))
        connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == newer).values(state="WITHDRAWN", rows_accepted=1))
        connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == older).values(state="ACCEPTED"))
