"""apply posts differences, files applications, freezes batches, and does nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from tests.stages.money_county import County, Line, make_county

from mianshen.stages import apply
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_BATCH, APPROVAL_ITEM, AUDIT, AWARD_POSTING, CLOCK


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", ["甲", "乙", "丙"])


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def postings(county: County) -> dict[tuple[str, str, int], int]:
    names = {key: name for name, key in county.people.items()}
    return {
        (names[row["person_key"]], row["event_id"], row["posting_no"]): row["amount_fen"] for row in rows(county, AWARD_POSTING)
    }


def test_entitlements_become_postings_applications_items_and_a_batch_a_department(county: County) -> None:
    county.assess([Line("甲", "e1", 5000), Line("甲", "e1", 700, "district_last_resort"), Line("乙", "e2", 900)])
    report = apply.run(county.job)
    assert (report.counts["postings"], report.counts["applications"], report.counts["items"]) == (3, 2, 3)
    assert {row["receipt_no"] for row in rows(county, APPLICATION)} == {"510118-20261103-000001", "510118-20261103-000002"}
    batches = {row["department_code"]: row for row in rows(county, APPROVAL_BATCH)}
    assert {name: (row["items"], row["amount_fen"]) for name, row in batches.items()} == {
        "civil_affairs": (2, 5900),
        "medical_security": (1, 700),
    }
    assert all(row["approval_item_id"] for row in rows(county, AWARD_POSTING))
    clocks = {(row["time_limit_code"], row["subject_kind"]) for row in rows(county, CLOCK)}
    assert clocks == {("pay_relief", "application"), ("approve_relief", "batch")}


def test_a_second_run_posts_nothing_and_writes_no_audit_row(county: County) -> None:
    county.assess([Line("甲", "e1", 5000)])
    apply.run(county.job)
    before = [rows(county, table) for table in (AWARD_POSTING, APPLICATION, APPROVAL_ITEM, AUDIT)]
    county.later(days=1)
    assert apply.run(county.job).counts["postings"] == 0
    assert [rows(county, table) for table in (AWARD_POSTING, APPLICATION, APPROVAL_ITEM, AUDIT)] == before


def test_without_an_assessment_nothing_happens(county: County) -> None:
    assert apply.run(county.job).counts == {"postings": 0, "applications": 0, "items": 0}


def test_what_was_paid_before_go_live_is_posted_as_opening_and_asks_nobody(county: County) -> None:
    county.assess([Line("甲", "old", 5000, on=date(2026, 9, 30)), Line("甲", "new", 100, on=date(2026, 10, 1))])
    report = apply.run(county.job)
    kinds = {row["event_id"]: (row["kind"], row["approval_item_id"] is None) for row in rows(county, AWARD_POSTING)}
    assert kinds == {"old": ("opening", True), "new": ("award", False)}
    assert report.counts["opening_fen"] == 5000
    assert [row["amount_fen"] for row in rows(county, APPLICATION)] == [100]


def test_held_amounts_are_left_as_they_stand(county: County) -> None:
    county.assess([Line("甲", "e1", 5000), Line("乙", "e2", 800), Line("丙", "e3", 10)])
    apply.run(county.job)
    county.assess([Line("甲", "e1", 9000, is_held=True), Line("丙", "e3", 10)], held=["e2"])
    assert apply.run(county.job).counts["postings"] == 0


def test_less_entitlement_takes_back_the_newest_posting_first(county: County) -> None:
    for fen in (100, 160, 130, 90):
        county.assess([Line("甲", "e1", fen)])
        apply.run(county.job)
    assert postings(county) == {
        ("甲", "e1", 1): 100,
        ("甲", "e1", 2): 60,
        ("甲", "e1", 3): -30,
        ("甲", "e1", 4): -30,
        ("甲", "e1", 5): -10,
    }
    by_no = {row["posting_no"]: row for row in rows(county, AWARD_POSTING)}
    assert [by_no[number]["reverses_award_id"] for number in (3, 4, 5)] == [
        by_no[2]["award_id"], by_no[2]["award_id"], by_no[1]["award_id"],
    ]  # fmt: skip


def test_an_event_that_gives_nothing_any_more_is_taken_back_whole(county: County) -> None:
    county.assess([Line("甲", "e1", 100), Line("甲", "e2", 50)])
    apply.run(county.job)
    county.assess([Line("甲", "e2", 50)])
    report = apply.run(county.job)
    assert (report.counts["postings"], report.counts["applications"]) == (1, 0)
    assert postings(county)["甲", "e1", 2] == -100


def test_new_money_waits_for_its_item_even_beside_a_reversal_that_is_still_open(county: County) -> None:
    county.assess([Line("甲", "e1", 100)])
    apply.run(county.job)
    county.assess([Line("甲", "e2", 120)])
    assert apply.run(county.job).counts["items_fen"] == 120


def test_a_shift_between_agreed_events_asks_only_for_the_new_money(county: County, agree_all: Callable[[County], None]) -> None:
    county.assess([Line("甲", "e2", 1000)])
    apply.run(county.job)
    agree_all(county)
    county.assess([Line("甲", "e1", 820), Line("甲", "e2", 200)])
    report = apply.run(county.job)
    assert (report.counts["items"], report.counts["items_fen"]) == (1, 20)
    assert postings(county) == {("甲", "e2", 1): 1000, ("甲", "e2", 2): -800, ("甲", "e1", 1): 800, ("甲", "e1", 2): 20}


def test_a_whole_change_not_above_zero_opens_no_item_across_departments(
    county: County, agree_all: Callable[[County], None]
) -> None:
    county.assess([Line("甲", "e1", 1000)])
    apply.run(county.job)
    agree_all(county)
    county.assess([Line("甲", "e1", 400), Line("甲", "e1", 600, "district_last_resort")])
    report = apply.run(county.job)
    assert (report.counts["postings"], report.counts["items"], report.counts["award_fen"]) == (2, 0, 0)


def test_the_audit_chain_holds_after_several_runs(county: County) -> None:
    for fen in (100, 300, 50):
        county.assess([Line("甲", "e1", fen), Line("乙", "e2", fen * 2)])
        apply.run(county.job)
    with county.job.ledger.connect() as connection:
        verdict = verify(rows_of(connection))
    assert verdict.problem == "ok"
    assert verdict.count > 0


def test_window_relief_above_the_benefit_offsets_the_same_benefit_and_nothing_else(county: County) -> None:
    window = Line("甲", "e1", -50, "district_last_resort", date(2026, 10, 3))
    county.assess([window, Line("甲", "e1", 30)])
    assert apply.run(county.job).counts["award_fen"] == 30
    county.assess([window, Line("甲", "e1", 30), Line("甲", "e2", 200, "district_last_resort")])
    report = apply.run(county.job)
    assert (report.counts["award_fen"], report.counts["items_fen"]) == (150, 150)
    county.assess([window, Line("甲", "e1", 30), Line("甲", "e2", 20, "district_last_resort")])
    apply.run(county.job)
    assert sum(row["amount_fen"] for row in rows(county, AWARD_POSTING)) == 30


def test_the_sound_line_of_an_event_that_is_held_in_part_is_posted(county: County) -> None:
    county.assess([Line("甲", "e1", 500, is_held=True), Line("甲", "e1", 30, "district_last_resort")], held=["e1"])
    assert apply.run(county.job).counts["award_fen"] == 30
