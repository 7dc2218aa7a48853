"""A late step of a case names who is late: its department, the drawn experts, the post, or a step before it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests.stages.money_county import County
from tests.stages.test_experts import act, applied, to_review
from tests.stages.test_experts import county as county

from mianshen.core.days import ZONE
from mianshen.stages.draw import draw as draw_experts
from mianshen.warehouse.case_causes import causes_of_steps
from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import CASE, CASE_EVENT

STARTED = datetime(2026, 1, 4, 9, tzinfo=ZONE)


def cause(county: County, step: str) -> str:
    """Why the step's clock, which nobody closed, is recorded as missed."""
    with county.job.ledger.begin() as connection:
        record_misses(connection, county.job.county_code, as_of=county.job.as_of + timedelta(days=60))
        rows = [row for row in clocks_of(connection, county.job.county_code) if f"|{step}|" in row["subject_id"]]
    return str(rows[-1]["cause_code"])


@pytest.mark.parametrize(
    ("drawn", "given", "expected"),
    [(False, False, "DECISION_PENDING"), (True, False, "EXPERT_PENDING"), (True, True, "DECISION_PENDING")],
    ids=["nobody was drawn yet", "the opinion is out", "the recheck is out"],
)
def test_a_review_that_experts_were_drawn_for_waits_for_them_and_not_for_the_office(
    county: County, drawn: bool, given: bool, expected: str
) -> None:
    (case,) = applied(county, "M001")
    to_review(county, case)
    if drawn:
        made = draw_experts(county.job, case, "review", {})
        if given:
            act(county, case, "review", "agree", actor=made.experts[0])
    assert cause(county, "review..recheck") == expected


def test_a_check_before_the_experts_is_its_office_s(county: County) -> None:
    applied(county, "M001")
    assert cause(county, "first_check") == "DECISION_PENDING"


def letter(county: County, case: str, *events: tuple[str, str, str]) -> None:
    """A case with these events: (what, step, papers)."""
    common = {"county_code": county.job.county_code, "process_code": "free_treatment", "benefit_year": 2026, "town": None}
    nothing = {"round_no": 1, "department_code": "approval_service", "outcome_code": "", "actor": "clerk", "reason_code": None}
    rows = [
        {**nothing, "case_id": case, "event_no": number, "happening": what, "step_code": step, "papers": papers, "how": None,
         "happened_at": (STARTED + timedelta(minutes=number)).isoformat()}
        for number, (what, step, papers) in enumerate(events, 1)
    ]  # fmt: skip
    with county.job.ledger.begin() as connection:
        connection.execute(insert(CASE).values(case_id=case, subject_id=case, opened_at=STARTED.isoformat(), **common))
        connection.execute(insert(CASE_EVENT), rows)


def late(case: str, step: str) -> dict[str, Any]:
    due = STARTED + timedelta(days=1)
    return {"clock_id": step, "subject_id": f"{case}|{step}|1", "started_at": STARTED.isoformat(), "due_at": due.isoformat()}


HANDED = (("papers", "handover", "tracking_number"), ("decided", "handover", ""), ("step_opened", "delivery", ""))


def test_what_the_post_has_is_the_post_s_until_something_is_decided_again(county: County) -> None:
    letter(county, "K1", *HANDED)
    letter(county, "K2", *HANDED, ("decided", "delivery", ""), ("step_opened", "redeliver", ""))
    letter(county, "K3", ("papers", "call", "address"), ("decided", "call", ""), ("step_opened", "visit", ""))
    asked = [
        late("K1", "delivery"),
        late("K2", "redeliver"),
        late("K3", "visit"),
        {**late("K1", "x..delivery"), "clock_id": "span"},
    ]
    with county.job.ledger.connect() as connection:
        found = causes_of_steps(connection, asked)
        upstream = causes_of_steps(connection, [{**late("K1", "delivery"), "due_at": STARTED.isoformat()}])
    assert found == {
        "delivery": "POST_PENDING",
        "redeliver": "DECISION_PENDING",
        "visit": "DECISION_PENDING",
        "span": "POST_PENDING",
    }
    assert upstream == {"delivery": "UPSTREAM_LATE"}, "who was reached too late is not the post's either"
