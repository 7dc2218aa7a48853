"""assess pays by the policy of each claim's year, holds what rests on a late list, and keeps what it ran."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged, settlement

from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.rates import Cap
from mianshen.stages import assess, profile
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.layers import Layering, read_layers


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    return make_staged(tmp_path / "home")


def assessed(county: StagedCounty) -> dict[str, int]:
    profile.run(county.job)
    return assess.run(county.job).counts


def test_before_profile_there_is_nothing_to_do(county: StagedCounty) -> None:
    assert assess.run(county.job).run_id is None


def test_a_settlement_is_relieved_by_each_benefit_in_turn(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"), settlement("S2", person_key="P9"))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    counts = assessed(county)
    # bureau (20,000 - 3,000) x 50 % = 8,500; last resort (11,500 - 1,000) x 30 % = 3,150.
    found = [(row["benefit_code"], row["amount_fen"], row["is_held"]) for row in county.rows("out.award_line")]
    assert found == [("bureau_relief", 850_000, False), ("last_resort", 315_000, False)]
    assert (counts["claims"], counts["paid"], counts["refused"], counts["relief_fen"]) == (2, 1, 1, 1_165_000)
    reasons = {row["event_id"]: row["reason_code"] for row in county.rows("out.assessment")}
    assert reasons == {"S1": None, "S2": "NO_CATEGORY"}


def test_a_late_list_holds_the_money_and_its_arrival_frees_it(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"))
    county.deliver("roster", "bureau_list", "2026-09", listed("P1"))
    counts = assessed(county)
    assert (counts["held"], counts["held_fen"]) == (1, 1_165_000)
    assert {row["is_held"] for row in county.rows("out.award_line")} == {True}
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    counts = assessed(county)
    assert (counts["held"], counts["held_fen"], counts["paid"]) == (0, 0, 1)


def test_only_who_is_touched_is_assessed_and_the_run_is_as_if_everybody_were(tmp_path: Path) -> None:
    people = [f"P{number}" for number in range(9)]
    parts = [
        [settlement(f"S{one}", person_key=one) for one in people],
        [settlement("L1", person_key="P3"), settlement("SP5", person_key="P5", refd_setl_flag="1", medfee_sumamt=-2_500_000)],
    ]
    made = {}
    for way in ("in two months", "at once"):
        county = make_staged(tmp_path / way)
        county.job = replace(county.job, layering=Layering(fewest_rows=0, most_hidden_ppm=1_000_000))
        lists = [county.deliver("roster", "bureau_list", "2026-09", *(listed(one) for one in people))]
        counts = {}
        for place, part in enumerate(parts):
            county.deliver("settlement", "settlement", f"2026-{place + 9:02d}", *part)
            if place == 0 and way == "in two months":
                counts = assessed(county)
                assert (counts["carried"], counts["touched"]) == (0, 9)
            county.later(hours=1)
        county.deliver("roster", "bureau_list", "2026-10", *(listed(one) for one in people if one != "P7"))
        county.deliver("roster", "union_list", "2026-10")
        counts = assessed(county)
        tables = (
            "out.award_line",
            "out.assessment",
            "out.calculation_record",
            "out.relief_summary",
            "out.refusals",
            "out.funnel",
        )
        made[way] = {table: county.rows(table) for table in tables}
        if way == "in two months":
            causes = {row["person_key"]: row["causes"] for row in county.rows("out.person_touched")}
            assert counts["carried"] == 1 and lists
            assert causes["P3"] == ["claim_new", "identity_list"] and causes["P5"] == ["identity_list", "refund"]
            assert causes["P7"] == ["identity_list"], "what nobody confirmed was in doubt, not revoked"
            (path,) = county.job.lake.current("out.calculation_record", county_code=county.job.county_code)
            assert len(read_layers(path)) == 2, "the others' records lie where the first month wrote them"
            assert assessed(county)["touched"] == 0, "nothing new, nobody is assessed"
    assert made["in two months"] == made["at once"]


def test_a_person_whom_the_arriving_list_lacks_gets_nothing(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"))
    county.deliver("roster", "bureau_list", "2026-09", listed("P1"))
    assert assessed(county)["held"] == 1
    county.deliver("roster", "bureau_list", "2026-10", listed("P2"))
    assert assessed(county)["refused"] == 1
    assert county.rows("out.award_line") == []


def test_the_same_facts_give_the_same_bytes(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", *(settlement(f"S{number}") for number in range(20)))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    assessed(county)
    county.later(hours=1)
    assessed(county)
    one, other = county.digests("assess")
    assert one.pop("checks.assess_basis") != other.pop("checks.assess_basis"), "the second says beside which run it stands"
    assert one == other


def test_a_refund_that_arrives_later_takes_the_relief_back(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10-12", settlement("S1"))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    assert assessed(county)["relief_fen"] == 1_165_000
    refund = settlement("S1R", refd_setl_flag="1", init_setl_id="S1", medfee_sumamt=-2_500_000, inscp_scp_amt=-2_000_000)
    county.deliver("settlement", "settlement", "2026-10-13", refund)
    assert assessed(county)["relief_fen"] == 0
    assert [row["reason_code"] for row in county.rows("out.assessment")] == ["REFUND_STRUCK"]


def test_claims_of_the_year_before_meet_the_policy_of_that_year(tmp_path: Path) -> None:
    january = make_staged(tmp_path / "home", month=Month(2026, 12), as_of=datetime(2027, 1, 20, 9, tzinfo=ZONE))
    assert january.job.plan_of(2026).in_force_on == date(2026, 12, 31)
    assert january.job.plan_of(2027).in_force_on == date(2027, 1, 20)
    assert january.job.plan_of(2028).in_force_on == date(2028, 1, 1)
    cancer = {"dise_code": "C34.900", "person_key": "P1"}
    old = settlement("old", on=date(2026, 12, 20), **cancer)
    january.deliver("settlement", "settlement", "2027-01", old, settlement("new", on=date(2027, 1, 5), **cancer))
    january.deliver("roster", "union_list", "2026-12", listed("P1", "WORKER"))
    assessed(january)
    # The union's benefit ends with 2026: (20,000 - 100) x 33.3333 % = 6,633.33, capped at 2,000.
    union = [row for row in january.rows("out.award_line") if row["benefit_code"] == "union_relief"]
    assert [(row["event_id"], row["amount_fen"]) for row in union] == [("old", 200_000)]


def test_what_ran_is_kept_and_gives_the_same_lines_again(county: StagedCounty) -> None:
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"), settlement("S2", maf_pay=100))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1", "ILL"))
    assessed(county)
    con = compute()
    for table in (*assess.READ, *assess.DECIDED):
        show(con, table, county.job.lake.current(table, county_code=county.job.county_code))
    con.execute("create schema if not exists out")
    for row in sorted(county.rows("checks.assess_sql"), key=lambda one: one["statement_no"]):
        if "record" in row["table_name"]:
            continue
        bound = json.loads(row["parameters"]) | ({"years": row["years"]} if "$years" in row["sql_text"] else {})
        con.execute(f"create table {row['table_name']} as {row['sql_text']}", bound)
    again = con.execute("select event_id, benefit_code, amount_fen from out.award_line order by all").fetchall()
    assert again == [(row["event_id"], row["benefit_code"], row["amount_fen"]) for row in county.rows("out.award_line")] != []


def test_people_assessed_in_parts_leave_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = []
    for parts in (1, 3):
        monkeypatch.setattr(assess, "parts_for", lambda *_, with_records, parts=parts: parts)
        county = make_staged(tmp_path / str(parts))
        bills = [settlement(f"S{place:02}", person_key=f"P{place % 5}", maf_pay=place % 2) for place in range(12)]
        county.deliver("settlement", "settlement", "2026-10", *bills)
        county.deliver("roster", "bureau_list", "2026-10", *(listed(f"P{place}") for place in range(3)))
        county.deliver("roster", "bureau_list", "2026-09", listed("P3", "ILL"))
        assert assessed(county)["paid"]
        lake = county.job.lake.root
        left.append({table: county.rows(table) for table in assess.WRITTEN})
    assert left[0] == left[1]
    assert len({row["event_id"] for row in left[0]["out.calculation_record"]}) == 12
    assert not list(lake.glob(".tmp-*"))


def test_a_failed_check_publishes_nothing(county: StagedCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    """R001-19: a funnel or sum that does not hold stops the run."""
    county.deliver("settlement", "settlement", "2026-10", settlement("S1"))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1"))
    original = assess.make_table

    def adding(connection: object, table: str, parameters: object) -> None:
        if table == "checks.assess":
            connection.execute("update out.award_line set amount_fen = amount_fen + 1")
        original(connection, table, parameters)

    monkeypatch.setattr(assess, "make_table", adding)
    with pytest.raises(MianshenError, match="CONSERVATION_BROKEN"):
        assessed(county)
    assert county.digests("assess") == []


def test_a_fee_that_is_paid_before_its_year_meets_the_values_of_its_year(tmp_path: Path) -> None:
    county = make_staged(tmp_path / "home")
    pack = example_pack(county.job.as_of.date(), "enrolment")
    county.job = replace(county.job, pack=pack, overlays=("enrolment",))
    county.deliver("roster", "bureau_list", "2026-10", listed("P1", "ILL"))
    county.deliver("roster", "union_list", "2026-10")
    fee = {"person_key": "P1", "paid_on": date(2026, 10, 20), "fee_fen": 40_000}
    rows = ({**fee, "enrol_id": "E26", "benefit_year": 2026}, {**fee, "enrol_id": "E27", "benefit_year": 2027})
    county.deliver("enrolment", "enrolment", "2026-10", *rows)
    assessed(county)
    assert {row["event_id"]: row["relief_fen"] for row in county.rows("out.assessment")} == {"E26": 26_000, "E27": 30_000}


def test_edited_pages_touch_those_alone_for_whose_years_they_say_something_else(tmp_path: Path) -> None:
    people = ["P1", "P2", "P3"]
    claims = [settlement("S1"), settlement("S2", person_key="P2"), settlement("OLD", on=date(2025, 11, 3), person_key="P3")]
    made = {}
    for way in ("in turn", "at once"):
        county = make_staged(tmp_path / way)
        county.job = replace(county.job, layering=Layering(fewest_rows=0, most_hidden_ppm=1_000_000))
        county.deliver("settlement", "settlement", "2026-10", *claims)
        for month in ("2025-11", "2026-10"):
            county.deliver("roster", "bureau_list", month, *(listed(one) for one in people))
        county.deliver("roster", "union_list", "2026-10")
        printed = county.job.pack
        spread = replace(printed.plan, policy_hash="a" * 64)
        capped = [replace(one, rates=tuple(replace(rate, caps=(Cap(1_000),)) for rate in one.rates)) for one in spread.benefits]
        lower = replace(spread, policy_hash="b" * 64, benefits=tuple(capped))
        before = {"relief_fen": 0}
        if way == "in turn":
            before = assessed(county)
            assert before["touched"] == 3
            county.later(hours=1)
            county.job = replace(county.job, pack=replace(printed, plan=spread))
            counts = assessed(county)
            assert (counts["carried"], counts["touched"]) == (1, 0), "what was edited says nothing about any amount"
        county.later(hours=1)
        county.job = replace(county.job, pack=replace(printed, plan=lower))
        counts = assessed(county)
        if way == "in turn":
            causes = {row["person_key"]: row["causes"] for row in county.rows("out.person_touched")}
            assert counts["carried"] == 1 and counts["relief_fen"] < before["relief_fen"]
            assert causes == {"P1": ["policy"], "P2": ["policy"]}, "the year before is as it was"
            assert {row["cause"] for row in county.rows("checks.assess_basis")} == {None}
        made[way] = {table: county.rows(table) for table in ("out.award_line", "out.assessment", "out.calculation_record")}
    assert made["in turn"] == made["at once"]
    assert {row["event_id"] for row in made["in turn"]["out.award_line"]} == {"S1", "S2", "OLD"}
