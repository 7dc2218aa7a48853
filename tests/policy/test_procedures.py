"""The procedures of the counties as their documents print them: who does what by when, and what every outcome leads to."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.policy.procedure import ON, Walk, at, begun, refused

from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES, county_names, load_pack, pack_names
from mianshen.policy.walks import reachable

ZHANGGONG, DAYE, TINGHU, FENGCHENG = "360702_zhanggong", "420281_daye", "320902_tinghu", "360981_fengcheng"


@pytest.mark.parametrize("name", county_names())
def test_every_step_has_an_owner_a_document_and_a_lead_department_that_sees_it(name: str) -> None:
    pack = load_pack(name, on=ON)
    known = {one.code for one in pack.departments}
    assert pack.processes
    for one in pack.processes:
        assert one.lead_department in known
        for step in one.steps:
            assert step.department_code in known
            assert step.article and step.status in ("official", "quoted", "inferred", "illustrative")


@pytest.mark.parametrize("name", [ZHANGGONG, DAYE, TINGHU, FENGCHENG])
def test_every_course_of_every_process_comes_to_one_of_its_ends(name: str) -> None:
    for one in load_pack(name, on=ON).processes:
        found = reachable(one)
        assert (found.is_complete, found.stuck) == (True, None)
        assert found.ends == {end.code for end in one.ends}, one.code


@pytest.mark.parametrize("name", pack_names())
def test_every_county_that_pays_relief_looks_at_it_again_on_request(name: str) -> None:
    walk = begun(name, "relief_recheck", "2026-03-02")
    assert walk.due("recheck").on == date(2026, 3, 23) and walk.process.is_of_rechecks
    walk.act("recheck", "changed", "2026-03-09")
    assert walk.waits == {"mend"}
    assert walk.act("mend", "mended", "2026-03-10").act("tell", "told", "2026-03-11").state.end_code == "answered"
    upheld = begun(name, "relief_recheck", "2026-03-02").act("recheck", "upheld", "2026-03-09")
    assert upheld.waits == {"tell"}, "who is not right is told too"


def test_a_county_may_write_its_own_recheck_and_a_page_of_another_kind_is_refused(tmp_path: Path) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    page = (POLICIES / "national" / "rechecks.yaml").read_text("utf-8")
    own = tmp_path / "policies" / "_example" / "rechecks.yaml"
    own.write_text(page.replace("department: sender", "department: union").replace("amount: 15", "amount: 7"), "utf-8")
    pack, before = load_pack("_example", on=ON, root=tmp_path / "policies"), load_pack("_example", on=ON)
    assert pack.recheck_process is not None and pack.recheck_process.step("recheck").department_code == "union"
    assert pack.time_limit("recheck_days").amount == 7
    assert pack.plan.policy_hash == before.plan.policy_hash, "it changes no amount"
    own.write_text(page.replace("concerns: rechecks", "concerns: county"), "utf-8")
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*_example/rechecks.yaml"):
        load_pack("_example", on=ON, root=tmp_path / "policies")


# 002 大冶


def checked() -> Walk:
    walk = begun(DAYE, "chronic_disease", "2026-03-02").every_paper("first_check", "2026-03-03")
    return walk.act("first_check", "accept", "2026-03-03")


def test_r002_03_an_application_is_complete_or_hears_of_everything_that_is_missing_once() -> None:
    walk = begun(DAYE, "chronic_disease", "2026-03-02").papers("first_check", "2026-03-02", "id_or_card")
    with pytest.raises(MianshenError, match=r"慢性病评审鉴定表、近三年.*、检查报告单"):
        walk.act("first_check", "accept", "2026-03-03")
    walk.act("first_check", "supplement", "2026-03-03")
    assert walk.waits == {"papers"}
    walk.act("papers", "brought", "2026-04-20")
    assert walk.due("first_check", 2).on == date(2026, 4, 27), "its five days begin anew when the papers came"
    assert refused(walk, "first_check", "supplement", "2026-04-21") == "OUTCOME_USED_UP"


def test_r002_07_review_and_recheck_share_ten_working_days_whatever_is_sent_back() -> None:
    walk = checked()
    assert walk.due("review..recheck").on == date(2026, 3, 17)
    walk.act("review", "agree", "2026-03-10").act("recheck", "return", "2026-03-11", reason="EVIDENCE_NOT_ACCEPTED")
    assert walk.due("review..recheck").on == date(2026, 3, 17)
    walk.act("review", "agree", "2026-03-16")
    assert refused(walk, "recheck", "agree", "2026-03-17", actor="clerk_review") == "MAKER_IS_CHECKER"
    walk.act("recheck", "agree", "2026-03-17")
    assert walk.clock("review..recheck").closed_at == at("2026-03-17")


def noticed() -> Walk:
    return checked().act("review", "agree", "2026-03-09").act("recheck", "agree", "2026-03-10")


def test_r002_08_and_09_the_recheck_comes_before_seven_days_of_notice() -> None:
    walk = noticed()
    assert walk.waits == {"notice"}
    assert walk.due("notice").on == date(2026, 3, 17)
    assert refused(walk, "entry", "entered", "2026-03-12") == "STEP_NOT_OPEN"


def test_r002_10_and_11_benefits_begin_with_the_entry_and_do_not_wait_for_a_card() -> None:
    walk = noticed().act("notice", "passed", "2026-03-18", hour=0)
    assert walk.waits == {"entry", "card"}
    assert (walk.due("entry").on, walk.due("card").on) == (date(2026, 3, 19), date(2026, 4, 9)), "Qingming is a day off"
    walk.act("entry", "entered", "2026-03-18")
    assert walk.state.end_code is None
    assert walk.act("card", "not_wanted", "2026-05-01").state.end_code == "certified"


def test_r002_14_an_objection_goes_back_to_review_and_the_notice_runs_anew() -> None:
    walk = noticed().act("notice", "objection", "2026-03-12", reason="NOTICE_OBJECTED")
    assert walk.waits == {"review"}
    assert walk.due("review..recheck", 2).on == date(2026, 3, 26), "ten new working days"
    walk.act("review", "agree", "2026-03-16").act("recheck", "agree", "2026-03-16")
    assert walk.due("notice", 2).on == date(2026, 3, 23)


def test_r002_05_a_disease_is_refused_by_itself_with_a_reason_after_a_second_look() -> None:
    walk = checked()
    assert refused(walk, "review", "refuse", "2026-03-09") == "CASE_REASON"
    walk.act("review", "refuse", "2026-03-09", reason="CRITERIA_NOT_MET")
    walk.act("recheck_refusal", "agree", "2026-03-10", reason="CRITERIA_NOT_MET")
    assert walk.state.end_code == "refused"
    assert walk.clock("review..recheck").closed_at == at("2026-03-10")
    assert noticed().state.end_code is None, "another disease of the same application goes on"


# 003 亭湖


def test_r003_12_relief_is_decided_within_thirty_working_days() -> None:
    walk = begun(TINGHU, "relief_approval", "2026-03-02")
    limit = walk.pack.time_limit("approve_relief")
    assert (limit.amount, limit.counting.value, limit.status) == (30, "workdays", "official")
    assert walk.process.step("health").limit_code == "approve_relief"


@pytest.mark.parametrize(
    ("year", "due"), [(2022, "2022-12-12"), (2023, "2023-12-11"), (2024, "2024-12-10"), (2025, "2025-12-10")]
)
def test_r003_14_accounts_are_settled_on_10_december_or_the_next_working_day(year: int, due: str) -> None:
    walk = begun(TINGHU, "yearly_settlement", f"{year}-12-01", year=year)
    assert walk.due("settle").on.isoformat() == due == walk.pack.advances_settled_on(year).isoformat()
    assert walk.state.open["settle"].department_code == "finance"


def test_r003_14_advances_are_rolled_up_reviewed_jointly_and_topped_up() -> None:
    walk = begun(TINGHU, "monthly_top_up", "2026-03-02").act("roll_up", "done", "2026-03-03")
    assert refused(walk, "joint_review", "agree", "2026-03-04", actor="clerk_roll_up") == "MAKER_IS_CHECKER"
    walk.act("joint_review", "agree", "2026-03-04")
    assert walk.state.open["top_up"].department_code == "finance"
    assert walk.act("top_up", "paid", "2026-03-05").state.end_code == "topped_up"


def test_r003_16_whether_the_trial_goes_on_is_decided_a_month_before_it_ends_by_itself() -> None:
    walk = begun(TINGHU, "trial_review", "2022-01-01", year=2022)
    assert walk.due("decide").on == date(2023, 12, 1)
    policy = (POLICIES / TINGHU / "policy.yaml").read_text("utf-8")
    assert "until: 2024-01-01" in policy, "costs after the term are refused without anybody's decision"
    assert walk.act("decide", "extend", "2023-11-20").state.end_code == "extended"
