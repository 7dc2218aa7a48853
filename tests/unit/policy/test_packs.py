"""Shipped packs: they load for any day, say what they are, and hold together."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.contract import Feed
from mianshen.core.days import parse_month
from mianshen.core.errors import MianshenError
from mianshen.core.plan import EventKind, MafCounting, Status
from mianshen.policy.packs import POLICIES, load_pack, pack_names

ON = date(2026, 10, 31)
XINJIN_DEPARTMENTS = ["medical_security", "civil_affairs", "veterans", "disabled", "agriculture", "union", "organisation"]
CLOCKS = {"trigger_relief", "pay_relief", "approve_relief", "roster_due"}


@pytest.mark.parametrize("name", pack_names())
@pytest.mark.parametrize("on", [date(2021, 1, 1), date(2023, 12, 31), date(2024, 2, 29), ON, date(2031, 7, 1)])
def test_a_pack_loads_for_any_day(name: str, on: date) -> None:
    pack = load_pack(name, on=on)
    assert pack.plan.in_force_on == on
    assert pack.plan.pack == pack.name == name
    assert len(pack.plan.policy_hash) == 64


@pytest.mark.parametrize("name", pack_names())
def test_every_amount_names_a_clause_that_exists(name: str) -> None:
    plan = load_pack(name, on=ON).plan
    for benefit in plan.benefits:
        assert [rate.category_code for rate in benefit.rates] == sorted({rate.category_code for rate in benefit.rates})
        for rate in benefit.rates:
            assert plan.clause(rate.clause_id).text_zh
    assert {"term", "base", "maf_counts_as"} <= {one.clause_id for one in plan.clauses}


@pytest.mark.parametrize("name", pack_names())
def test_every_watched_clock_has_its_time_limit(name: str) -> None:
    """R001-10: relief is triggered within three days of the data."""
    pack = load_pack(name, on=ON)
    assert {one.code for one in pack.time_limits} >= CLOCKS
    assert pack.time_limit("trigger_relief").amount == 3
    expected = {one.due_day for one in pack.lists}
    assert expected == {pack.time_limit("roster_due").amount}


@pytest.mark.parametrize("name", pack_names())
def test_the_hash_is_that_of_the_content(name: str, tmp_path: Path) -> None:
    for folder in (name, "national"):
        shutil.copytree(POLICIES / folder, tmp_path / folder)
    here, there = load_pack(name, on=ON), load_pack(name, on=date(2025, 1, 1), root=tmp_path)
    assert here.plan.policy_hash == there.plan.policy_hash
    page = tmp_path / name / "policy.yaml"
    page.write_text("# a remark changes nothing\n" + page.read_text("utf-8"), "utf-8")
    assert load_pack(name, on=ON, root=tmp_path).plan.policy_hash == here.plan.policy_hash
    funds = tmp_path / name / "funds.yaml"
    funds.write_text(funds.read_text("utf-8").replace("name_en: ", "name_en: The ", 1), "utf-8")
    assert load_pack(name, on=ON, root=tmp_path).plan.policy_hash != here.plan.policy_hash


@pytest.mark.parametrize("name", ["999999_nowhere", "../etc", "national", "", "510118_xinjin/"])
def test_a_pack_nobody_wrote_is_unknown(name: str) -> None:
    with pytest.raises(MianshenError) as refused:
        load_pack(name, on=ON)
    assert refused.value.code == "POLICY_UNKNOWN"
    assert "510118_xinjin" in refused.value.where


def test_xinjin_has_three_tiers_twelve_categories_and_seven_departments_in_order() -> None:
    """R001-02, R001-04: twelve categories, six of them named in the document; three stages."""
    pack = load_pack("510118_xinjin", on=ON)
    plan = pack.plan
    assert [one.code for one in plan.tiers] == ["tier1_enrolment", "tier2_special", "tier3_district"]
    assert len(plan.categories) == 12
    assert [one.code for one in plan.categories if one.status is Status.QUOTED] == [
        "DIBAO",
        "KUNJING_ERTONG",
        "KUNNAN_DANGYUAN",
        "KUNNAN_ZHIGONG",
        "ZHONGDIAN_YOUFU",
        "ZHONGDU_CANJI",
    ]
    special = [one for one in plan.benefits if one.tier_code == "tier2_special"]
    assert [one.department_code for one in special[:7]] == XINJIN_DEPARTMENTS
    assert len(plan.benefits) == 12, "twelve policies of seven departments"
    assert {one.department_code for one in pack.routing} == set(XINJIN_DEPARTMENTS)
    assert {rate.category_code for one in plan.benefits if one.tier_code == "tier3_district" for rate in one.rates} == {
        one.code for one in plan.categories
    }
    assert plan.maf_counts_as is MafCounting.SAME_BENEFIT
    assert [one.code for one in plan.benefits if one.counts_window_relief] == ["special_medical_security"]
    assert [one.event_kind for one in plan.benefits].count(EventKind.ENROLMENT) == 1
    assert any(len(rate.brackets) > 1 for one in plan.benefits for rate in one.rates)
    assert plan.is_illustrative
    assert pack.area_aliases == ("510132",)


def test_xinjin_expects_eight_lists_from_seven_departments() -> None:
    """R001-03: seven departments deliver."""
    pack = load_pack("510118_xinjin", on=ON)
    rosters = [one for one in pack.contracts if one.feed is Feed.ROSTER]
    assert len(rosters) == len(pack.lists) == 8
    assert {one.department_code for one in rosters} == set(XINJIN_DEPARTMENTS)
    assert pack.list_due_on(pack.lists[0], parse_month("2026-10")) == date(2026, 11, 5)
    assert pack.list_due_on(pack.lists[0], parse_month("2026-08")) == date(2026, 9, 7), "the 5th is a Saturday"


def test_donations_are_a_fund_apart_from_public_money() -> None:
    """R001-05: city and district money in the public account, donations with the charity federation."""
    pack = load_pack("510118_xinjin", on=ON)
    assert [one.code for one in pack.funds] == ["municipal_relief", "district_relief", "charity"]
    drawn = {one.code for one in pack.plan.benefits if one.fund_code == "charity"}
    assert drawn == {"special_outpatient"}, "one benefit alone comes out of donations"


def test_nobody_is_asked_for_a_paper_to_be_paid_relief() -> None:
    """R001-07: 14 kinds of papers to none; the application is made for the person."""
    approval = next(one for one in load_pack("510118_xinjin", on=ON).processes if one.is_of_awards)
    assert {step.code: step.papers for step in approval.steps if step.papers} == {}


def test_every_category_can_come_in_by_a_list() -> None:
    for name in ("510118_xinjin", "320902_tinghu"):
        pack = load_pack(name, on=ON)
        listed = {code for one in pack.contracts if one.feed is not Feed.NOTICE for code in one.told}
        assert listed == {one.code for one in pack.plan.categories}, name
        for contract in pack.contracts:
            for code in contract.category_words.values() if contract.feed is not Feed.NOTICE else ():
                category = next(one for one in pack.plan.categories if one.code == code)
                assert category.department_code == contract.department_code


def test_tinghu_expires_by_itself_and_the_overlay_extends_it_with_a_banner() -> None:
    printed = load_pack("320902_tinghu", on=ON)
    benefit = printed.plan.benefits[0]
    assert (benefit.valid_since, benefit.valid_until) == (date(2022, 1, 1), date(2024, 1, 1))
    assert printed.plan.clause("term").status is Status.ILLUSTRATIVE, "the first day is not printed"
    rows = [one.status for one in printed.plan.clauses if one.clause_id.startswith("tinghu_special.") and "表" in one.article]
    assert [str(one) for one in rows] == "official inferred official inferred official".split(), "blank cells are inferred"
    extended = load_pack("320902_tinghu", on=ON, overlays=("extend_trial",))
    assert extended.plan.benefits[0].valid_until == date(2029, 1, 1)
    assert extended.plan.policy_hash != printed.plan.policy_hash
    assert extended.plan.is_illustrative
    banner = next(one for one in extended.notes if one.kind == "overlay")
    assert "不得用于实际发放" in banner.zh and "never pay" in banner.en
    assert extended.plan.clause("overlay.extend_trial").text_zh == banner.zh


def test_printed_rules_that_no_number_carries_are_shown_and_change_nothing() -> None:
    pack = load_pack("320902_tinghu", on=ON)
    codes = {one.code for one in pack.notes if one.kind == "cannot_express"}
    assert codes == {"last_resort_civil_affairs"}
    assert all(one.zh and one.en for one in pack.notes)


@pytest.mark.parametrize("overlay", ["../policy", "none", "Extend"])
def test_an_overlay_nobody_wrote_is_refused(overlay: str) -> None:
    with pytest.raises(MianshenError) as refused:
        load_pack("320902_tinghu", on=ON, overlays=(overlay,))
    assert refused.value.code in ("POLICY_UNKNOWN", "POLICY_DAMAGED")
    assert overlay in refused.value.found + refused.value.where


def test_values_of_an_earlier_year_are_had_with_a_day_of_that_year() -> None:
    old, new = (load_pack("_example", on=on).plan.benefits[1] for on in (date(2024, 5, 1), ON))
    assert [rate.brackets[0].ratio_ppm for rate in old.rates if rate.category_code == "POOR"] == [400_000]
    assert [rate.brackets[0].ratio_ppm for rate in new.rates if rate.category_code == "POOR"] == [500_000]
    assert (old.valid_since, old.valid_until) == (date(2024, 1, 1), date(2025, 1, 1))
    assert (new.valid_since, new.valid_until) == (date(2025, 1, 1), date(2028, 1, 1))


def test_a_benefit_may_end_before_its_policy() -> None:
    union = load_pack("_example", on=ON).plan.benefits[2]
    assert (union.code, union.valid_since, union.valid_until) == ("union_relief", date(2025, 1, 1), date(2027, 1, 1))
