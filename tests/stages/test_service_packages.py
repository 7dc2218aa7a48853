"""Service packages from assessment to what clinics are due, posted to no person; the list of those left with costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged, settlement
from tests.stages.test_reviews_and_withdrawals import computed

from mianshen.warehouse.ledger import AWARD_POSTING


def assessed(notice_id: str, person_key: str, clinic_code: str, **changes: Any) -> Mapping[str, Any]:
    """A package that passed: checked and signed."""
    row = {
        "list_code": "service_assessment",
        "notice_id": notice_id,
        "notice_code": "SERVICE_PASSED",
        "person_key": person_key,
        "benefit_year": 2026,
        "happened_on": date(2026, 10, 9),
        "clinic_code": clinic_code,
        "is_checked": True,
        "is_signed": True,
    }
    return row | changes


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    made = make_staged(tmp_path / "home")
    pack = example_pack(made.job.as_of.date(), "service_package")
    made.job = replace(made.job, pack=pack, overlays=("service_package",))
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"), listed("P3"))
    made.deliver("roster", "union_list", "2026-10", listed("P4", "WORKER"))
    return made


def due(county: StagedCounty) -> list[tuple[Any, ...]]:
    names = ("clinic_code", "benefit_code", "people", "passed", "checked", "signed", "amount_fen")
    rows = county.rows("out.clinic_due")
    return sorted((tuple(row[name] for name in names) for row in rows), key=repr)


def test_each_clinic_is_due_its_packages_and_its_coverage_is_counted(county: StagedCounty) -> None:
    """R003-11: each clinic its packages, with the coverage of check-ups and contracts."""
    rows = (
        assessed("A1", "P1", "JC01"),
        assessed("A2", "P2", "JC01", notice_code="SERVICE_FAILED", is_signed=False),
        assessed("A3", "P4", "JC01", is_checked=None),
        assessed("A4", "P1", "JC02", happened_on=date(2026, 10, 20)),
        assessed("A5", "P9", "JC02"),
    )
    county.deliver("notice", "service_assessment", "2026-10", *rows)
    computed(county)
    assert due(county) == [
        ("JC01", "package_by_category", 2, 2, 1, 2, 18_000),
        ("JC01", None, 1, 0, 1, 0, 0),
        ("JC02", None, 2, 2, 2, 2, 0),
    ]
    reasons = {row["event_id"]: row["reason_code"] for row in county.rows("out.assessment")}
    assert reasons == {
        "service|service_assessment|A1": None,
        "service|service_assessment|A2": "SERVICE_NOT_PASSED",
        "service|service_assessment|A3": None,
        "service|service_assessment|A4": "CAP_REACHED",
        "service|service_assessment|A5": "NO_CATEGORY",
    }
    told = {row["event_id"]: row["sentence_zh"] for row in county.rows("out.calculation_record")}
    assert "120.00 × 100% = 120.00 元" in told["service|service_assessment|A1"]


def test_what_a_clinic_is_due_is_posted_to_no_person(county: StagedCounty) -> None:
    county.deliver("notice", "service_assessment", "2026-10", assessed("A1", "P1", "JC01"))
    computed(county)
    with county.job.ledger.connect() as connection:
        assert connection.execute(select(AWARD_POSTING.c.award_id)).all() == []


def test_an_assessment_that_is_delivered_anew_stands_in_the_place_of_the_old_one(county: StagedCounty) -> None:
    county.deliver("notice", "service_assessment", "2026-10", assessed("A1", "P1", "JC01", notice_code="SERVICE_FAILED"))
    county.deliver("notice", "service_assessment", "2026-11", assessed("A1", "P1", "JC01"))
    computed(county)
    assert due(county) == [("JC01", "package_by_category", 1, 1, 1, 1, 12_000)]


@pytest.mark.parametrize("department", [None, "bureau"])
def test_who_is_left_with_costs_is_listed_where_the_policy_says_who_helps_further(tmp_path: Path, department: str | None) -> None:
    """R003-10: the list for civil affairs."""
    county = make_staged(tmp_path / "home")
    county.job = replace(county.job, pack=replace(county.job.pack, last_resort_department=department))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    county.deliver("roster", "union_list", "2026-10")
    county.deliver("settlement", "settlement", "2026-10-01", settlement("S1"), settlement("S2", person_key="P2"))
    computed(county)
    (claim,) = (row for row in county.rows("out.assessment") if row["event_id"] == "S1")
    assert claim["relief_fen"] > 0 < claim["left_fen"]
    names = ("person_key", "department_code", "relief_fen", "left_fen")
    found = [tuple(row[name] for name in names) for row in county.rows("out.last_resort")]
    assert found == ([] if department is None else [("P1", department, claim["relief_fen"], claim["left_fen"])])
