"""The 20 working days end when the money is in the account, not before and not never (R001-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.stages.bank_county import PAPER, payments_of, rows, settle
from tests.stages.money_county import County, Line, agree_to_all, make_county
from tests.stages.test_approve import all_to_person

from mianshen.stages import apply, approve, pay
from mianshen.stages.reconcile import acts
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_BATCH, CLOCK_STANDING

CIVIL, DISABLED = "special_civil_affairs", "special_disabled"


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "home", ["甲", "乙"])


def clocks(county: County) -> dict[str, tuple[str | None, str | None]]:
    """(closed_at, closed_as) of the clock of each person's newest application."""
    names = {key: name for name, key in county.people.items()}
    clock = CLOCK_STANDING.c
    with county.job.ledger.connect() as connection:
        query = (
            select(APPLICATION.c.person_key, clock.closed_at, clock.closed_as)
            .join(CLOCK_STANDING, clock.subject_id == APPLICATION.c.application_id)
            .where(clock.time_limit_code == "pay_relief")
            .order_by(APPLICATION.c.applied_at)
        )
        return {names[row.person_key]: (row.closed_at, row.closed_as) for row in connection.execute(query)}


def filed(county: County, *lines: Line) -> None:
    county.assess(lines)
    apply.run(county.job)


def at(county: County) -> str:
    return county.job.moment


def test_r001_12_the_clock_ends_when_the_bank_says_that_the_money_arrived(county: County) -> None:
    filed(county, Line("甲", "e1", 100), Line("乙", "e2", 50))
    agree_to_all(county)
    pay.run(county.job)
    assert clocks(county) == {"甲": (None, None), "乙": (None, None)}, "sent is not received"
    county.later(days=2)
    settle(county, {payments_of(county)["甲"][0]: "0000", payments_of(county)["乙"][0]: "1002"})
    assert clocks(county) == {"甲": (at(county), "met"), "乙": (None, None)}, "what came back was not received"
    acts.reissue(county.job, payments_of(county)["乙"][0], keeps_account=True)
    county.later(days=60)
    pay.run(county.job)
    assert clocks(county)["乙"] == (None, None)
    settle(county, {payments_of(county, "sent")["乙"][0]: "0000"})
    assert clocks(county)["乙"] == (at(county), "met_late")
    with county.job.ledger.begin() as connection:
        record_misses(connection, county.job.county_code, as_of=county.job.as_of)
    missed = [row for row in rows(county, CLOCK_STANDING) if row["missed_at"] and row["time_limit_code"] == "pay_relief"]
    assert [row["closed_at"] for row in missed] == [at(county)], "of the two who were paid, the one whose money came late"


def test_where_the_county_counts_to_the_sending_the_file_ends_it(county: County) -> None:
    county.with_pack(
        lambda pack: replace(pack, time_limits=tuple(replace(one, ends_at="money_sent") for one in pack.time_limits))
    )
    filed(county, Line("甲", "e1", 100))
    agree_to_all(county)
    county.later(hours=3)
    pay.run(county.job)
    assert clocks(county) == {"甲": (at(county), "met")}


def test_every_department_has_decided_before_anything_ends(county: County, agree_all: Callable[..., None]) -> None:
    filed(county, Line("甲", "e1", 100), Line("甲", "e1", 40, benefit=DISABLED))
    agree_all(county, "civil_affairs")
    county.later(days=20)
    pay.run(county.job)
    settle(county, {payments_of(county)["甲"][0]: "0000"})
    assert clocks(county) == {"甲": (None, None)}, "the other department is silent"
    agree_all(county)
    pay.run(county.job)
    county.later(days=20)
    settle(county, {payments_of(county, "sent")["甲"][0]: "0000"})
    assert clocks(county) == {"甲": (at(county), "met_late")}


def test_nothing_is_waited_for_where_nothing_will_be_paid(county: County) -> None:
    all_to_person(county)
    filed(county, Line("甲", "e1", 100))
    (batch,) = rows(county, APPROVAL_BATCH)
    decided = "2026-11-04T10:00:00+08:00"
    reply = {"chosen": "不予救助", "refusals": "*=IDENTITY_NOT_CONFIRMED", "decided_by": "wang", "decided_at": decided}
    county.later(days=3)
    approve.record_replies(county.job, batch["approval_batch_id"], reply)
    assert clocks(county) == {"甲": (decided, "met")}


def test_what_was_taken_back_before_it_was_paid_is_not_waited_for(county: County) -> None:
    filed(county, Line("甲", "e1", 100), Line("乙", "e2", 50))
    agree_to_all(county)
    county.later(days=1)
    filed(county, Line("乙", "e2", 50))
    taken_back = at(county)
    county.later(hours=1)
    pay.run(county.job)
    assert "甲" not in payments_of(county)
    assert clocks(county) == {"甲": (taken_back, "met"), "乙": (None, None)}


def test_a_payment_by_hand_ends_it_when_its_receipt_is_recorded(tmp_path: Path) -> None:
    county = make_county(tmp_path / "home", ["䶮晓明"])
    county.with_pack(lambda pack: replace(pack, bank=replace(pack.bank, encoding="gbk")))
    filed(county, Line("䶮晓明", "e1", 100))
    agree_to_all(county)
    pay.run(county.job)
    assert clocks(county) == {"䶮晓明": (None, None)}
    county.later(days=1)
    (payment,) = payments_of(county)["䶮晓明"]
    acts.record_by_hand(county.job, payment, outcome="paid", happened_on=date(2026, 11, 4), paper_sha256=PAPER)
    assert clocks(county) == {"䶮晓明": (at(county), "met")}
