"""The yearly calendar of Zhanggong as its document prints it: lists, calls, decisions, print and post, each on its day."""

from __future__ import annotations

from datetime import date

import pytest
from tests.policy.procedure import ON, Walk, begun, process, refused

from mianshen.policy.packs import load_pack

ZHANGGONG = "360702_zhanggong"


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
