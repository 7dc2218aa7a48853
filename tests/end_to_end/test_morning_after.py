"""The morning after a month was paid: whom a department refused is due other benefits; for the others nothing happens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.end_to_end.conftest import Worked
from tests.end_to_end.counties import IN_TIME, MISSED, House, agreeing, nobody

NOON = MISSED + timedelta(hours=3)
"""A third look at the month."""


@pytest.fixture(scope="module")
def month(worked: Worked) -> House:
    """Some are refused in the afternoon; what that changes is agreed to on the next morning; at noon there is nothing to do."""
    worked.house.carry(MISSED, clerk=agreeing)
    worked.house.carry(NOON, clerk=nobody)
    return worked.house


def test_the_morning_after_only_those_to_whom_a_department_refused_are_posted_approved_or_paid_anew(month: House) -> None:
    anew = month.ledger(
        "select person_key from award_posting where posted_at > :day union select person_key from application"
        " where applied_at > :day union select i.person_key from approval_item i join decision d"
        " on d.approval_item_id = i.approval_item_id where d.decided_at > :day union select l.payee_key from payment_line l"
        " join payment p on p.payment_id = l.payment_id join payment_batch b on b.payment_batch_id = p.payment_batch_id"
        " where b.created_at > :day",
        day=IN_TIME.isoformat(timespec="seconds"),
    )
    refused = month.ledger(
        "select distinct i.person_key from approval_item i join decision d on d.approval_item_id = i.approval_item_id"
        " where d.outcome = 'refuse'"
    )
    assert refused and sorted(anew) == sorted(refused)


def test_the_morning_after_takes_back_only_what_was_refused_and_pays_nothing_twice(month: House) -> None:
    touched = month.ledger(
        "select max(d.outcome = 'refuse'), sum(a.amount_fen), sum(case when a.posted_at > :day then a.amount_fen else 0 end),"
        " coalesce(sum(l.amount_fen), 0) from award_posting a left join payment_line l on l.award_id = a.award_id"
        " left join decision d on d.approval_item_id = a.approval_item_id where a.kind = 'award'"
        " group by a.person_key, a.benefit_code having max(a.posted_at) > :day",
        day=IN_TIME.isoformat(timespec="seconds"),
    )
    refused = [(due, paid) for is_refused, due, _, paid in touched if is_refused]
    others = [(due, more, paid) for is_refused, due, more, paid in touched if not is_refused]
    assert set(refused) == {(0, 0)}, "nothing of it is due any more, and nothing was paid"
    assert others and all(more > 0 and paid in (0, due) for due, more, paid in others), "paid once in all, or held"
    assert any(more < paid for _, more, paid in others), "part of it on the day before"
    assert month.ledger("select count(*) - count(distinct award_id) from payment_line") == [(0,)]


def test_at_noon_nothing_new_is_posted_approved_or_paid(month: House) -> None:
    moments = month.ledger(
        "select max(posted_at) from award_posting union all select max(applied_at) from application"
        " union all select max(decided_at) from decision union all select max(created_at) from payment_batch"
    )
    assert {moment for (moment,) in moments} == {MISSED.isoformat(timespec="seconds")}
