"""退回补正: nobody is missed because papers were wanted, and nobody is blamed for the days on which they were waited for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.stages.bank_county import payments_of, rows, settle
from tests.stages.money_county import County, Line, agree_to_all, make_county
from tests.stages.test_approve import all_to_person
from tests.stages.test_pay import paid

from mianshen.core.approving import Turn
from mianshen.core.cases import Happening
from mianshen.core.clocks import due
from mianshen.core.errors import MianshenError
from mianshen.stages import apply, approve, pay
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import APPROVAL_BATCH, CLOCK_STANDING, CLOCK_TURN, DECISION

CIVIL, DISABLED = "civil_affairs", "disabled"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """One person to whom two departments owe; both decide by a person."""
    made = make_county(tmp_path / "home", ["甲"])
    all_to_person(made)
    made.assess([Line("甲", "e1", 100), Line("甲", "e2", 40, benefit="special_disabled")])
    apply.run(made.job)
    return made


def batch_of(county: County, department: str) -> str:
    (found,) = [row["approval_batch_id"] for row in rows(county, APPROVAL_BATCH) if row["department_code"] == department]
    return str(found)


def send_back(county: County) -> dict[str, int]:
    """Civil affairs wants papers."""
    reply = {"chosen": "退回补正", "returns": "1=ACCOUNT_WANTED", "decided_by": "wang", "decided_at": county.job.moment}
    return dict(approve.record_replies(county.job, batch_of(county, CIVIL), reply).counts)


def papers_come(county: County, *, by: str = CIVIL) -> dict[str, int]:
    turn = Turn(Happening.RESUMED, "li", by, county.job.as_of)
    return dict(approve.turn_items(county.job, batch_of(county, CIVIL), [1], turn).counts)


def clock(county: County) -> tuple[str, str | None, str | None]:
    """Due day (the last of all days while it stands still), closing and how, of the clock of paying."""
    (row,) = [row for row in rows(county, CLOCK_STANDING) if row["time_limit_code"] == "pay_relief"]
    return row["due_on"], row["closed_at"], row["closed_as"]


def arrived(county: County) -> None:
    pay.run(county.job)
    settle(county, {payments_of(county, "sent")["甲"][0]: "0000"})


def test_what_was_sent_back_is_decided_and_paid_once_the_papers_have_come(county: County) -> None:
    agree_to_all(county, DISABLED)
    assert send_back(county)["return"] == 1
    arrived(county)
    assert paid(county) == {"甲": 40}, "the other department's part is paid meanwhile"
    county.later(days=30)
    assert apply.run(county.job).counts["applications"] == 0, "it is one application still"
    assert papers_come(county)["turned"] == 1
    assert approve.run(county.job).counts["by_rule"] == 0
    view = approve.open_batch_view(county.job, CIVIL)
    assert view is not None and [(one.item_no, one.route_reason) for one in view.items] == [(1, "PAPERS_CAME")]
    agree_to_all(county)
    arrived(county)
    assert paid(county) == {"甲": 140}
    pay.run(county.job)
    assert paid(county) == {"甲": 140}


def test_the_clock_of_paying_stands_still_once_nothing_else_is_left_and_goes_on_with_the_papers(county: County) -> None:
    first = clock(county)[0]
    send_back(county)
    assert clock(county)[0] == first, "another department decides"
    agree_to_all(county, DISABLED)
    pay.run(county.job)
    assert clock(county)[0] == first, "the bank has the money"
    county.later(days=3)
    settle(county, {payments_of(county)["甲"][0]: "0000"})
    since = county.job.as_of
    assert clock(county) == ("9999-12-31", None, None)
    assert [row["reason_code"] for row in rows(county, CLOCK_TURN)] == ["ACCOUNT_WANTED"]
    county.later(days=60)
    with county.job.ledger.begin() as connection:
        record_misses(connection, county.job.county_code, as_of=county.job.as_of)
    (row,) = [one for one in rows(county, CLOCK_STANDING) if one["time_limit_code"] == "pay_relief"]
    assert row["missed_at"] is None
    papers_come(county)
    pack, started = county.job.pack, date(2026, 11, 3)
    pauses = ((since.date(), county.job.as_of.date()),)
    wanted = due(pack.time_limit("pay_relief"), start=since.replace(day=started.day), calendar=pack.calendar, pauses=pauses)
    assert clock(county) == (wanted.on.isoformat(), None, None) and wanted.on > date.fromisoformat(first)
    agree_to_all(county)
    arrived(county)
    assert clock(county)[2] == "met"


def test_nothing_that_waits_for_papers_is_called_refused_or_met(county: County) -> None:
    agree_to_all(county, DISABLED)
    send_back(county)
    arrived(county)
    assert clock(county)[1] is None
    assert sorted(row["outcome"] for row in rows(county, DECISION)) == ["agree", "return"]


def test_the_same_answer_and_the_same_papers_twice_change_nothing(county: County) -> None:
    """An answer of before the papers came, delivered again behind them, decides nothing anew."""
    at = county.job.moment
    send_back(county)
    county.later(hours=1)
    assert papers_come(county) == {"turned": 1, "stood": 0} and papers_come(county) == {"turned": 0, "stood": 1}
    reply = {"chosen": "退回补正", "returns": "1=ACCOUNT_WANTED", "decided_by": "wang", "decided_at": at}
    assert approve.record_replies(county.job, batch_of(county, CIVIL), reply).counts["recorded"] == 0
    assert [row["outcome"] for row in rows(county, DECISION)] == []


def test_only_the_department_and_the_one_that_leads_say_that_papers_came(county: County) -> None:
    send_back(county)
    county.later(hours=1)
    with pytest.raises(MianshenError, match="STEP_NOT_YOURS"):
        papers_come(county, by=DISABLED)
    assert papers_come(county, by="medical_security")["turned"] == 1
