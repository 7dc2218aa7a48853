"""A case goes where its process says: beside each other, back and anew, to an end; what cannot be changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.core.case_clocks import clocks_of
from mianshen.core.cases import SYSTEM, Event, Happening, state_of
from mianshen.core.clocks import Counting
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act, moved, opening
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.core.yearly import Quota
from mianshen.policy.packs import load_pack

START = datetime(2026, 11, 2, 9, tzinfo=ZONE)
PAPERS = ("application", "discharge")


@cache
def pack() -> Pack:
    return load_pack("_example", on=date(2026, 11, 2))


class Matter:
    """A case of the fictional county, one hour a move."""

    def __init__(self, process: str = "certification", at: datetime = START) -> None:
        self.process: Process = pack().process(process)
        self.at = at
        self.events: list[Event] = list(opening(self.process, at=at, actor="window"))

    def act(self, step: str, outcome: str = "", *, happening: Happening = Happening.DECIDED, **said: Any) -> Sequence[Event]:
        self.at += timedelta(hours=1)
        department = said.pop("department", self.process.step(step).department_code)
        act = Act(happening, step, said.pop("actor", f"clerk_{step}"), department, said.pop("at", self.at), outcome, **said)
        return self.do(act)

    def do(self, act: Act) -> Sequence[Event]:
        new = moved(self.process, self.events, act, where="case K1", benefit_year=2027, calendar=pack().calendar)
        self.events += new
        return new

    def refused(self, step: str, outcome: str = "", **said: Any) -> MianshenError:
        before = list(self.events)
        with pytest.raises(MianshenError) as caught:
            self.act(step, outcome, **said)
        assert self.events == before
        return caught.value

    @property
    def open(self) -> set[str]:
        return set(state_of(self.events).open)

    @property
    def end(self) -> str | None:
        return state_of(self.events).end_code


def reviewed() -> Matter:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    matter.act("intake", "accept")
    matter.act("review", "agree")
    matter.act("list_match", "agree")
    return matter


def test_a_matter_goes_from_intake_to_its_end() -> None:
    matter = reviewed()
    assert matter.open == {"recheck"}
    matter.act("recheck", "agree")
    matter.act("notice", "passed", actor=SYSTEM)
    assert (matter.open, matter.end) == ({"entry"}, None)
    matter.act("entry", "done")
    assert (matter.open, matter.end) == (set(), "certified")
    assert matter.refused("entry", "done").code == "CASE_ENDED"


def test_departments_decide_beside_each_other_and_a_join_waits_for_all() -> None:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    matter.act("intake", "accept")
    assert matter.open == {"review", "list_match"}
    matter.act("list_match", "agree")
    assert matter.open == {"review"}, "the recheck waits for the experts"
    assert matter.refused("recheck", "agree").code == "STEP_NOT_OPEN"
    matter.act("review", "agree")
    assert matter.open == {"recheck"}


def test_any_refusal_ends_the_matter_and_the_others_need_not_decide() -> None:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    matter.act("intake", "accept")
    matter.act("list_match", "refuse", reason_code="IDENTITY_NOT_CONFIRMED")
    assert (matter.open, matter.end) == (set(), "refused")
    assert [one.step_code for one in matter.events if one.happening is Happening.CANCELLED] == ["review"]


def test_missing_papers_are_told_all_at_once_and_only_once() -> None:
    matter = Matter()
    refusal = matter.refused("intake", "accept")
    assert (refusal.code, refusal.found) == ("PAPERS_MISSING", "申请表、出院记录")
    matter.act("intake", happening=Happening.PAPERS, papers=("application",))
    matter.act("intake", "supplement")
    assert matter.open == {"intake"}
    assert matter.refused("intake", "accept").found == "出院记录", "what came stays"
    assert matter.refused("intake", "supplement").code == "OUTCOME_USED_UP"
    assert matter.refused("intake", happening=Happening.PAPERS, papers=("passport",)).code == "PAPER_UNKNOWN"


def test_an_objection_returns_to_the_review_and_the_notice_begins_anew() -> None:
    matter = reviewed()
    matter.act("recheck", "agree")
    matter.act("notice", "objection", reason_code="NOTICE_OBJECTED")
    assert matter.open == {"review"}
    matter.act("review", "agree", actor="clerk_other")
    assert matter.open == {"recheck"}, "the match with the list stands"
    matter.act("recheck", "agree")
    rounds = {one.round_no for one in matter.events if one.step_code == "notice" and one.happening is Happening.STEP_OPENED}
    assert rounds == {1, 2}


def test_who_reviewed_does_not_recheck() -> None:
    matter = reviewed()
    assert matter.refused("recheck", "agree", actor="clerk_review").code == "MAKER_IS_CHECKER"
    matter.act("recheck", "agree", actor="clerk_other")


def test_a_step_is_its_departments_until_it_is_delegated() -> None:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    assert matter.refused("intake", "accept", department="bureau").code == "STEP_NOT_YOURS"
    matter.act("intake", happening=Happening.DELEGATED, department="bureau", to_department="bureau", actor="head")
    assert matter.refused("intake", "accept", department="union").code == "STEP_NOT_YOURS"
    matter.act("intake", "accept", department="bureau")
    assert matter.open == {"review", "list_match"}


def test_a_pause_needs_a_reason_of_the_process_and_nothing_is_decided_in_it() -> None:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    assert matter.refused("intake", happening=Happening.PAUSED, reason_code="WAITS_FOR_FINDING").code == "PAUSE_UNKNOWN"
    assert matter.refused("intake", happening=Happening.RESUMED).code == "STEP_PAUSED"
    matter.act("intake", happening=Happening.PAUSED, reason_code="WAITS_FOR_PAPERS")
    assert matter.refused("intake", "accept").code == "STEP_PAUSED"
    matter.act("intake", happening=Happening.RESUMED)
    matter.act("intake", "accept")


def test_the_first_decision_stands_and_the_same_again_changes_nothing() -> None:
    matter = Matter()
    matter.act("intake", happening=Happening.PAPERS, papers=PAPERS)
    matter.act("intake", "accept", actor="first", at=START + timedelta(hours=5))
    again = Act(Happening.DECIDED, "intake", "first", "union", START + timedelta(hours=5), "accept")
    assert matter.do(again) == ()
    refusal = matter.refused("intake", "withdraw", actor="second", reason_code="APPLICANT_WITHDREW")
    assert refusal.code == "STEP_NOT_OPEN"
    assert "first 2026-11-02T14:00+08:00 accept" in refusal.found


def test_a_decision_needs_its_reason_and_is_one_of_the_step() -> None:
    matter = reviewed()
    assert matter.refused("recheck", "return").code == "CASE_REASON"
    refusal = matter.refused("recheck", "maybe")
    assert refusal.code == "OUTCOME_UNKNOWN"
    assert "agree 同意 / return 退回评审" in refusal.found
    assert matter.refused("recheck", "agree", at=START - timedelta(days=1)).code == "STEP_EARLY"


def test_a_yearly_step_waits_for_its_day() -> None:
    matter = Matter("yearly_list", at=datetime(2026, 12, 15, 9, tzinfo=ZONE))
    assert matter.refused("call", "wants").code == "STEP_EARLY"
    matter.at = datetime(2026, 12, 16, 9, tzinfo=ZONE)
    matter.act("call", "unreachable")
    matter.act("visit", "unreachable")
    assert matter.open == {"visit"}, "who is not reached is never closed as declined"
    matter.act("visit", "wants")
    assert matter.refused("decide", "agree").code == "STEP_EARLY"
    matter.act("decide", "agree", at=datetime(2026, 12, 17, 9, tzinfo=ZONE))
    assert matter.end == "confirmed"


def test_windows_shift_as_the_page_says() -> None:
    call, decide = (pack().process("yearly_list").step(one).window for one in ("call", "decide"))
    assert call is not None
    assert decide is not None
    calendar = pack().calendar
    assert call.closes.on(2026, calendar) == date(2025, 12, 19), "20 December 2025 is a Saturday: the workday before"
    assert decide.closes.on(2026, calendar) == date(2025, 12, 26), "28 December 2025 is a Sunday: the workday before"
    assert decide.opens.on(2026, calendar) == date(2025, 12, 17)


@pytest.mark.parametrize(
    ("waiting", "days_left", "pace"),
    [(480, 8, 60), (481, 8, 61), (540, 9, 60), (30, 5, 30), (0, 5, 0), (700, 1, 700), (700, 0, 700)],
)
def test_the_pace_that_a_quota_asks_for(waiting: int, days_left: int, pace: int) -> None:
    """R000-15: min(open, max(60, ceil(open / days left)))."""
    assert Quota(60, Counting.WORKDAYS).required_pace(waiting=waiting, days_left=days_left) == pace


def test_the_days_of_a_quota_are_working_days_or_all_days() -> None:
    """R000-15: 17 to 28 December 2026 has eight working days and twelve days."""
    first, last = date(2026, 12, 17), date(2026, 12, 28)
    assert Quota(60, Counting.WORKDAYS).days_left(first, last, pack().calendar) == 8
    assert Quota(60, Counting.CALENDAR_DAYS).days_left(first, last, pack().calendar) == 12
    assert Quota(60, Counting.WORKDAYS).days_left(last + timedelta(days=1), last, pack().calendar) == 0


def test_a_span_runs_on_while_its_steps_are_sent_back_and_begins_anew_after_an_objection() -> None:
    matter = reviewed()
    matter.act("recheck", "return", reason_code="IDENTITY_NOT_CONFIRMED", actor="clerk_other")
    matter.act("review", "agree")
    matter.act("recheck", "agree")
    spans = [one for one in clocks_of(matter.process, matter.events) if one.code == "review..recheck"]
    assert [(one.number, one.closed_at) for one in spans] == [(1, matter.at)]
    matter.act("notice", "objection", reason_code="NOTICE_OBJECTED")
    spans = [one for one in clocks_of(matter.process, matter.events) if one.code == "review..recheck"]
    assert [(one.number, one.closed_at is None) for one in spans] == [(1, False), (2, True)]


WORDS = st.sampled_from(
    ["accept", "supplement", "withdraw", "agree", "refuse", "return", "passed", "objection", "done", "wants", "unreachable"]
)
ACTS = st.builds(
    lambda happening, step, outcome, actor, hours, reason, papers: (happening, step, outcome, actor, hours, reason, papers),
    st.sampled_from([Happening.DECIDED] * 5 + [Happening.PAPERS, Happening.DELEGATED, Happening.PAUSED, Happening.RESUMED]),
    st.sampled_from(["intake", "review", "list_match", "recheck", "notice", "entry"]),
    WORDS,
    st.sampled_from(["one", "two", SYSTEM]),
    st.integers(0, 30),
    st.sampled_from([None, "IDENTITY_NOT_CONFIRMED", "NOTICE_OBJECTED", "APPLICANT_WITHDREW", "WAITS_FOR_PAPERS"]),
    st.sampled_from([(), ("application",), PAPERS]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, max_size=40))
def test_whatever_is_tried_a_case_is_whole(tries: list[Any]) -> None:
    """Steps open once, an ended case has none, what is refused changes nothing, every act again changes nothing."""
    matter, done = Matter(), []
    for happening, step, outcome, actor, hours, reason, papers in tries:
        matter.at += timedelta(hours=hours)
        department = state_of(matter.events).open[step].department_code if step in matter.open else "union"
        act = Act(happening, step, actor, department, matter.at, outcome, reason, papers, "bureau")
        before = list(matter.events)
        try:
            matter.do(act)
        except MianshenError:
            assert matter.events == before
            continue
        done.append(act)
        state = state_of(matter.events)
        assert (state.end_code is not None) == (not state.open)
        assert not state.open.keys() & state.passed.keys()
    assert [one for one in done if matter.do(one)] == []
    opened = [(one.step_code, one.round_no) for one in matter.events if one.happening is Happening.STEP_OPENED]
    assert len(set(opened)) == len(opened)
    running = {one.code for one in clocks_of(matter.process, matter.events) if one.closed_at is None}
    timed = {one for one in matter.open if matter.process.step(one).limit_code}
    assert {one for one in running if ".." not in one} == timed
