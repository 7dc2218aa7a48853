"""profile reads every accepted delivery and no other, says which lists are late, and writes the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.staged_county import StagedCounty, listed, make_staged, settlement

from mianshen.core.errors import MianshenError
from mianshen.stages import profile


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    return make_staged(tmp_path / "home")


def test_before_the_first_delivery_there_is_nothing_to_do(county: StagedCounty) -> None:
    report = profile.run(county.job)
    assert report.run_id is None
    assert county.digests("profile") == []


def test_deliveries_become_events_spans_and_a_portrait(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"), settlement("S2", person_key="P2"))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    county.deliver("roster", "union_list", "2026-10", listed("P1", "WORKER"))
    fee = {"enrol_id": "E1", "person_key": "P1", "benefit_year": 2026, "paid_on": "2026-01-09", "fee_fen": 40_000}
    county.deliver("enrolment", "enrolment", "2026-01", fee)
    report = profile.run(county.job)
    assert report.counts["facts.care_event"] == 2
    assert report.counts["facts.enrolment_event"] == 1
    assert report.counts["facts.identity_span"] == 2
    assert report.counts["lists_late"] == 0
    assert [(row["category_code"], row["people"], row["visits"]) for row in county.rows("out.category_counts")] == [
        ("ALL", 1, 1),
        ("NONE", 1, 1),
        ("POOR", 1, 1),
        ("WORKER", 1, 1),
    ]
    assert {row["failures"] for row in county.rows("checks.profile")} == {0}


def test_a_superseded_delivery_is_not_read(county: StagedCounty) -> None:
    old = county.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    county.supersede(old)
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    profile.run(county.job)
    assert [row["person_key"] for row in county.rows("facts.identity_span")] == ["P1"]


def test_a_late_essential_list_is_named_and_its_spans_are_provisional_until_it_comes(county: StagedCounty) -> None:
    county.deliver("roster", "bureau_list", "2026-09", listed("P1"))
    county.deliver("roster", "union_list", "2026-09", listed("P1", "WORKER"))
    late = profile.run(county.job)
    assert late.counts["lists_late"] == 2
    assert any("bureau_list" in note for note in late.notes)
    provisional = {(row["category_code"], row["is_provisional"]) for row in county.rows("facts.identity_span")}
    assert provisional == {("POOR", False), ("POOR", True), ("WORKER", False)}, "the union's list is not essential"
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    came = profile.run(county.job)
    assert came.run_id != late.run_id
    assert {row["is_provisional"] for row in county.rows("facts.identity_span")} == {False}


def test_the_same_deliveries_give_the_same_bytes(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", *(settlement(f"S{number}") for number in range(20)))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    first = profile.run(county.job)
    assert profile.run(county.job).run_id == first.run_id
    county.later(hours=1)
    assert profile.run(county.job).run_id != first.run_id
    one, other = county.digests("profile")
    assert one == other


def test_a_note_names_no_person(county: StagedCounty) -> None:
    county.deliver("roster", "bureau_list", "2026-09", listed("P-very-secret"))
    assert "P-very-secret" not in str(profile.run(county.job).as_dict())


def test_a_broken_conservation_publishes_nothing(county: StagedCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"), settlement("S2"))
    original = profile.make_table

    def losing(connection: object, table: str, parameters: object) -> None:
        original(connection, table, parameters)
        if table == "facts.care_event":
            connection.execute("delete from facts.care_event where event_id = 'S2'")

    monkeypatch.setattr(profile, "make_table", losing)
    with pytest.raises(MianshenError, match="CONSERVATION_BROKEN"):
        profile.run(county.job)
    assert county.digests("profile") == []
