"""The procedures of the counties as their documents print them: who does what by when, and what every outcome leads to."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.policy.procedure import ON, Walk, at, begun

from mianshen.core.errors import MianshenError
from mianshen.core.process import Process
from mianshen.policy.packs import POLICIES, county_names, load_pack
from mianshen.policy.walks import reachable

ZHANGGONG, DAYE, TINGHU, FENGCHENG = "360702_zhanggong", "420281_daye", "320902_tinghu", "360981_fengcheng"


def refused(walk: Walk, step: str, outcome: str, on: str, **more: Any) -> str:
    with pytest.raises(MianshenError) as error:
        walk.act(step, outcome, on, **more)
    return error.value.code


def process(name: str, code: str) -> Process:
    return load_pack(name, on=ON).process(code)


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


# 000 章贡


@pytest.mark.parametrize(
    ("year", "due"), [(2023, "2022-12-15"), (2024, "2023-12-15"), (2025, "2024-12-13"), (2026, "2025-12-15")]
)
def test_r000_04_lists_are_due_on_15_december_or_the_working_day_before(year: int, due: str) -> None:
    walk = begun(ZHANGGONG, "yearly_lists", f"{year - 1}-12-01", year=year)
    assert {walk.due(step).on.isoformat() for step in walk.waits} == {due}
    assert walk.process.step("civil_affairs_lists").papers[0].name_zh == "低保名单"
    assert refused(walk, "civil_affairs_lists", "delivered", f"{year - 1}-12-10") == "PAPERS_MISSING"


def test_r000_05_a_late_list_is_the_miss_of_its_own_department() -> None:
    walk = begun(ZHANGGONG, "yearly_lists", "2025-12-01", year=2026)
    walk.every_paper("civil_affairs_lists", "2025-12-15").act("civil_affairs_lists", "delivered", "2025-12-15")
    walk.every_paper("agriculture_lists", "2025-12-16").act("agriculture_lists", "delivered", "2025-12-16")
    late = {
        walk.clock(step).holder
        for step in ("civil_affairs_lists", "agriculture_lists")
        if walk.clock(step).closed_at >= walk.due(step).at  # type: ignore[operator]
    }
    assert late == {"agriculture"}


def test_r000_07_the_list_of_those_who_need_not_apply_follows_both_lists_on_16_december() -> None:
    walk = begun(ZHANGGONG, "yearly_lists", "2025-12-01", year=2026)
    walk.every_paper("civil_affairs_lists", "2025-12-15").act("civil_affairs_lists", "delivered", "2025-12-15")
    assert walk.waits == {"agriculture_lists"}
    walk.every_paper("agriculture_lists", "2025-12-15").act("agriculture_lists", "delivered", "2025-12-15")
    assert walk.waits == {"match"}
    assert walk.due("match").on == date(2025, 12, 16)
    assert walk.process.step("match").outputs == (
        '符合重大疾病免费救治"免申即享"的人员名单',
        "往年救治对象本年不符合名单",
    )


def called(outcome: str = "wants") -> Walk:
    return begun(ZHANGGONG, "free_treatment", "2025-12-16", year=2026).act("call", outcome, "2025-12-16")


def test_r000_08_calls_end_as_wants_declines_or_unreachable_and_are_tried_again() -> None:
    outcomes = {one.code for one in process(ZHANGGONG, "free_treatment").step("call").outcomes}
    assert outcomes == {"wants", "declines", "no_answer", "unreachable"}
    walk = called("no_answer").act("call", "no_answer", "2025-12-16", hour=11)
    assert refused(walk, "call", "no_answer", "2025-12-16", hour=12) == "OUTCOME_USED_UP"
    assert called("declines").state.end_code == "declined"


def test_r000_09_and_10_who_wants_it_is_applied_for_by_itself() -> None:
    assert called().waits == {"civil_affairs", "agriculture", "health", "medical_security"}
    assert "人员名单" in process(ZHANGGONG, "free_treatment").step("call").outputs[0]


def test_r000_11_nobody_who_was_not_reached_is_closed_as_declined() -> None:
    walk = called("unreachable")
    assert walk.waits == {"visit"}
    assert walk.due("visit").on == date(2025, 12, 26), "28 December 2025 is a Sunday"
    walk.act("visit", "unreachable", "2025-12-18")
    assert walk.waits == {"ordinary_notice"}
    assert walk.act("ordinary_notice", "posted", "2025-12-19").state.end_code == "ordinary_route"


def test_r000_12_and_13_four_decide_beside_each_other_and_any_refusal_stops_with_a_reason() -> None:
    walk = called()
    deciders = {code: walk.process.step(code).decider.value for code in sorted(walk.waits)}
    assert deciders == {"agriculture": "list", "civil_affairs": "list", "health": "rule", "medical_security": "person"}
    assert refused(walk, "health", "agree", "2025-12-16", hour=12) == "STEP_EARLY"
    assert refused(walk, "health", "refuse", "2025-12-17") == "CASE_REASON"
    walk.act("civil_affairs", "elsewhere", "2025-12-17").act("agriculture", "agree", "2025-12-17")
    walk.act("health", "refuse", "2025-12-17", reason="NOT_CONFIRMED_BEFORE")
    assert (walk.state.end_code, walk.waits) == ("refused", set())


@pytest.mark.parametrize(
    ("year", "decided", "days"),
    [(2023, "2022-12-28", 8), (2024, "2023-12-28", 9), (2025, "2024-12-27", 9), (2026, "2025-12-26", 8)],
)
def test_r000_14_and_15_all_are_decided_by_28_december_sixty_a_working_day(year: int, decided: str, days: int) -> None:
    free = process(ZHANGGONG, "free_treatment")
    step, calendar = free.step("medical_security"), load_pack(ZHANGGONG, on=ON).calendar
    assert step.window is not None and step.quota is not None
    first, last = step.window.opens.on(year, calendar), step.window.closes.on(year, calendar)
    assert (first.isoformat(), last.isoformat()) == (f"{year - 1}-12-17", decided)
    left = step.quota.days_left(first, last, calendar)
    assert left == days
    assert step.quota.required_pace(waiting=60 * days, days_left=left) == 60
    assert step.quota.required_pace(waiting=60 * days + 1, days_left=left) == 61
    assert step.quota.required_pace(waiting=30, days_left=left) == 30


def agreed() -> Walk:
    walk = called()
    for code in sorted(walk.waits):
        walk.act(code, "agree", "2025-12-22")
    return walk


def test_r000_16_forms_are_printed_29_to_31_december_for_the_approved_only() -> None:
    walk = agreed()
    assert walk.waits == {"print"}
    assert walk.process.step("print").forms == ("approval_form",)
    assert walk.due("print").on == date(2025, 12, 31)
    assert refused(walk, "print", "printed", "2025-12-28") == "STEP_EARLY"
    assert walk.act("print", "printed", "2025-12-29").waits == {"handover"}


def test_r000_17_post_takes_them_with_a_number_and_what_came_back_is_told_by_5_january() -> None:
    walk = agreed().act("print", "printed", "2025-12-29")
    assert walk.due("handover").on == date(2026, 1, 4), "1 to 3 January 2026 are days off, Sunday the 4th is worked"
    assert refused(walk, "handover", "handed", "2026-01-04") == "PAPERS_MISSING"
    walk.papers("handover", "2026-01-04", "tracking_number").act("handover", "handed", "2026-01-04")
    assert walk.due("delivery").on == date(2026, 1, 5)
    walk.act("delivery", "returned", "2026-01-05")
    assert walk.waits == {"redeliver"}
    assert walk.state.open["redeliver"].department_code == "health"
    assert walk.act("redeliver", "delivered", "2026-01-08").state.end_code == "served"


@pytest.mark.parametrize(
    ("step", "dues"),
    [
        ("call", ["2022-12-16", "2023-12-18", "2024-12-16", "2025-12-16"]),
        ("visit", ["2022-12-28", "2023-12-28", "2024-12-27", "2025-12-26"]),
        ("print", ["2022-12-30", "2023-12-29", "2024-12-31", "2025-12-31"]),
        ("handover", ["2023-01-03", "2024-01-03", "2025-01-03", "2026-01-04"]),
        ("delivery", ["2023-01-05", "2024-01-05", "2025-01-06", "2026-01-05"]),
    ],
)
def test_r000_18_fixed_days_on_holidays_follow_the_stated_shift(step: str, dues: list[str]) -> None:
    window = process(ZHANGGONG, "free_treatment").step(step).window
    calendar = load_pack(ZHANGGONG, on=ON).calendar
    assert window is not None
    assert [window.closes.on(year, calendar).isoformat() for year in (2023, 2024, 2025, 2026)] == dues


def test_who_left_the_lists_is_told_by_28_december() -> None:
    walk = begun(ZHANGGONG, "left_lists", "2025-12-16", year=2026).act("contact", "unreachable", "2025-12-17")
    assert (walk.waits, walk.due("visit").on) == ({"visit"}, date(2025, 12, 26))
    assert walk.act("visit", "told", "2025-12-20").state.end_code == "told"


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


# 004 丰城


def of_place(place: str) -> list[Process]:
    return [one for one in load_pack(FENGCHENG, on=ON).processes if one.code.startswith(f"{place}_")]


def codes_of(place: str) -> set[str]:
    return {one.code.rsplit("_", 1)[1] for one in of_place(place)}


def test_r004_01_sixteen_town_and_twelve_village_items_each_with_its_papers() -> None:
    assert (len(of_place("town")), len(of_place("village"))) == (16, 12)
    assert codes_of("town") - codes_of("village") == {"002036002002", "002036005001", "002036008001", "002036008002"}
    assert codes_of("village") < codes_of("town")
    papers = {one.code: len(one.step(one.starts[0]).papers) for one in of_place("town")}
    assert list(papers.values()) == [1, 1, 1, 1, 4, 4, 4, 2, 8, 4, 5, 5, 5, 5, 2, 2]


@pytest.mark.parametrize("place", ["town", "village"])
def test_r004_02_items_at_once_are_late_after_the_day_on_which_they_came(place: str) -> None:
    items = [one for one in of_place(place) if "_at_once_" in one.code]
    assert len(items) == {"town": 8, "village": 7}[place]
    for one in items:
        walk = begun(FENGCHENG, one.code, "2026-03-06").every_paper("serve", "2026-03-06")
        assert walk.due("serve").at == at("2026-03-07", 0)
        assert walk.act("serve", "done", "2026-03-06").state.end_code == "done"


def test_r004_02_accident_care_waits_for_the_finding_and_is_then_checked_at_once() -> None:
    walk = begun(FENGCHENG, "town_accident_002036005001", "2026-03-06").every_paper("register", "2026-03-06")
    walk.act("register", "registered", "2026-03-06")
    assert walk.waits == {"finding"}
    walk.act("finding", "payable", "2026-04-20")
    assert walk.due("check").on == date(2026, 4, 20)


def test_r004_05_one_of_two_proofs_of_residence_is_enough() -> None:
    walk = begun(FENGCHENG, "village_at_once_002036004001", "2026-03-06").papers("serve", "2026-03-06", "form", "id_copy")
    with pytest.raises(MianshenError, match="长期安置地工作或学习证明"):
        walk.act("serve", "done", "2026-03-06")
    walk.papers("serve", "2026-03-06", "home_proof")
    assert walk.act("serve", "done", "2026-03-06").state.end_code == "done"


SUMS = [
    ("R004-03", "reimburse", ["002036006001", "002036006002"], 30, (20, 5, 5)),
    ("R004-04", "maternity", ["002036007001", "002036007002", "002036007003"], 20, (12, 5, 3)),
    ("R004-05", "subsidy", ["002036008001"], 15, (10, 3, 2)),
    ("R004-06", "relief", ["002036008002"], 30, (12, 15, 3)),
]


@pytest.mark.parametrize(("requirement", "kind", "items", "total", "parts"), SUMS, ids=[one[0] for one in SUMS])
def test_r004_03_to_06_each_step_has_its_days_and_they_add_up(
    requirement: str, kind: str, items: list[str], total: int, parts: tuple[int, ...]
) -> None:
    pack = load_pack(FENGCHENG, on=ON)
    assert [pack.time_limit(f"{kind}_{part}").amount for part in ("first", "city", "pay")] == list(parts)
    assert pack.time_limit(f"{kind}_total").amount == total == sum(parts), requirement
    assert {one.code for one in of_place("town") if f"_{kind}_" in one.code} == {f"town_{kind}_{item}" for item in items}
    walk = begun(FENGCHENG, f"town_{kind}_{items[0]}", "2026-03-02").every_paper("intake", "2026-03-02")
    walk.act("intake", "accept", "2026-03-02")
    days = [day for day in sorted(pack.calendar.workdays) if day > date(2026, 3, 2) and pack.calendar.is_workday(day)]
    assert walk.due("town_check").on == days[parts[0] - 1]
    assert walk.due("town_check..pay").on == days[total - 1]
    walk.act("town_check", "agree", "2026-03-03").act("city_review", "agree", "2026-03-04")
    assert walk.act("pay", "paid", "2026-03-05").state.end_code == "paid"


def test_r004_03_village_and_town_share_the_first_twenty_days() -> None:
    walk = begun(FENGCHENG, "village_reimburse_002036006001", "2026-03-02").every_paper("intake", "2026-03-02")
    walk.act("intake", "accept", "2026-03-02")
    first = walk.due("village_check..town_check").on
    walk.act("village_check", "agree", "2026-03-20")
    assert walk.due("village_check..town_check").on == first == date(2026, 3, 30)
    assert walk.due("village_check..pay").on == date(2026, 4, 14), "Qingming is a day off"


@pytest.mark.parametrize(("old", "new"), [("amount: 15,", "amount: 14,"), ("amount: 20, counting", "amount: 21, counting")])
def test_steps_that_do_not_add_up_are_refused_with_file_and_line(old: str, new: str, tmp_path: Path) -> None:
    for name in (FENGCHENG, "national"):
        shutil.copytree(POLICIES / name, tmp_path / name)
    path = tmp_path / FENGCHENG / "time_limits.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(MianshenError, match="POLICY_DAMAGED") as error:
        load_pack(FENGCHENG, on=ON, root=tmp_path)
    assert f"{FENGCHENG}/process.yaml:" in error.value.where
    assert "不符" in error.value.found


def test_r004_07_missing_papers_are_told_once_in_full_and_a_receipt_given_at_once() -> None:
    walk = begun(FENGCHENG, "town_reimburse_002036006002", "2026-03-02").papers("intake", "2026-03-02", "invoice_original")
    with pytest.raises(MianshenError, match=r"医保电子凭证.*、费用清单.*、出院记录.*、疾病证明书"):
        walk.act("intake", "accept", "2026-03-02")
    walk.act("intake", "supplement", "2026-03-02").act("papers", "brought", "2026-03-09")
    assert refused(walk, "intake", "supplement", "2026-03-09") == "OUTCOME_USED_UP"
    assert walk.due("intake", 2).on == date(2026, 3, 9)
    assert {"acceptance", "missing_papers"} == set(walk.process.step("intake").forms)


@pytest.mark.parametrize("name", [ZHANGGONG, DAYE, TINGHU, FENGCHENG])
def test_every_course_of_every_process_comes_to_one_of_its_ends(name: str) -> None:
    for one in load_pack(name, on=ON).processes:
        found = reachable(one)
        assert (found.is_complete, found.stuck) == (True, None)
        assert found.ends == {end.code for end in one.ends}, one.code


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('code: "002036008002"', 'code: "002036008009"', "目录 town 中没有 002036008009"),
        ("items_of: village", "items_of: hamlet", "没有目录 hamlet"),
        (
            "article: 附件1 3\n        status: official\n",
            "article: 附件1 3\n        status: official\n"
            + '      - {code: "002036002002", papers: [], source: fengcheng_plan, article: 附件1 3, status: official}\n',
            "写了两次",
        ),
        ("sum_of: [reimburse_first, reimburse_city", "sum_of: [reimburse_first, relief_city", "没有 relief_city"),
        (
            "source: fengcheng_plan\n        article: 附件2 12",
            "source: nowhere\n        article: 附件2 12",
            "documents 中没有 nowhere",
        ),
    ],
)
def test_items_that_go_no_way_two_ways_or_without_a_source_are_refused(old: str, new: str, told: str, tmp_path: Path) -> None:
    for name in (FENGCHENG, "national"):
        shutil.copytree(POLICIES / name, tmp_path / name)
    path = tmp_path / FENGCHENG / "process.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(MianshenError, match="POLICY_DAMAGED") as error:
        load_pack(FENGCHENG, on=ON, root=tmp_path)
    assert told in error.value.found
    assert f"{FENGCHENG}/process.yaml:" in error.value.where
