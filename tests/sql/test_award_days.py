"""R001-12: working days until relief was paid, from discharge settlement, arrival and trigger, by the dated calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from tests.conftest import ROOT
from tests.sql.given import Row, given, made

from mianshen.core.clocks import Counting, TimeLimit, due
from mianshen.core.days import ZONE
from mianshen.policy.workdays import load_calendar
from mianshen.warehouse.award_days import show_workdays

CALENDAR = load_calendar(ROOT / "include" / "policies" / "national" / "workdays")
AS_OF = date(2026, 11, 20)
POSTED = {"kind": "award", "benefit_code": "basic", "department_code": "bureau", "approval_item_id": "I1", "amount_fen": 1000}
LEDGER: dict[str, list[Row]] = {
    "award_posting": [{"award_id": "W1", "application_id": "A1", "event_id": "E1", **POSTED}],
    "application": [{"application_id": "A1", "applied_at": "2026-10-08T09:00:00+08:00"}],
    "decision": [{"approval_item_id": "I1", "outcome": "agree"}],
    "delivery": [
        {"delivery_id": "D1", "received_at": "2026-09-30T23:59:00+08:00"},
        {"delivery_id": "D2", "received_at": "2026-10-20T09:00:00+08:00"},
    ],
    "payment": [{"payment_id": "P1", "state": "paid"}],
    "payment_line": [{"award_id": "W1", "payment_id": "P1", "amount_fen": 1000, "is_live": True}],
    "bank_result": [{"payment_id": "P1", "state": "LOAD", "outcome": "PAID", "received_at": "2026-10-12T09:00:00+08:00"}],
    "payment_by_hand": [],
}
"""An award whose settlement came on the eve of the holiday of 2026-10-01 to 07 and was paid on the first Monday after it."""
SETTLED = [
    {"setl_id": "E1", "delivery_id": one, "setl_time": "2026-09-25 10:00"} for one in ("D1", "D2", "a file that was refused")
]


def ledger_table(con: duckdb.DuckDBPyConnection, name: str, rows: list[Row]) -> None:
    """A table of the ledger with the columns that the text asks for; what a row leaves out is null."""
    kinds = {"amount_fen": "bigint", "is_live": "boolean"}
    names = sorted({one for row in (*rows, *LEDGER[name], *EXTRA.get(name, ())) for one in row})
    con.execute("create schema if not exists ledger")
    listed = ", ".join(f"{one} {kinds.get(one, 'varchar')}" for one in names)
    con.execute(f"create or replace table ledger.{name} ({listed})")
    for row in rows:
        con.execute(f"insert into ledger.{name} values ({', '.join('?' for _ in names)})", [row.get(one) for one in names])


EXTRA: dict[str, list[Row]] = {
    "award_posting": [{"reverses_award_id": "W1"}],
    "payment_by_hand": [{"payment_id": "P1", "outcome": "paid", "happened_on": "2026-10-13"}],
}


def days(*, as_of: date = AS_OF, settled: list[dict[str, Any]] = SETTLED, **changed: list[Row]) -> list[dict[str, Any]]:
    con = duckdb.connect(":memory:")
    given(con, "staging.settlement", *settled)
    given(con, "staging.enrolment")
    for name, rows in (LEDGER | changed).items():
        ledger_table(con, name, rows)
    show_workdays(con, CALENDAR, until=as_of)
    return made(con, "out.award_days", as_of=as_of.isoformat(), deliveries=["D1", "D2"])


def test_the_days_are_counted_from_each_of_the_three_starts() -> None:
    """R001-12: settled on Friday 09-25, here on 09-30, triggered on 10-08, paid on 10-12; no work from 10-01 to 07."""
    (row,) = days()
    assert (row["settled_on"], row["arrived_on"], row["triggered_on"]) == (
        date(2026, 9, 25),
        date(2026, 9, 30),
        date(2026, 10, 8),
    )
    assert row["paid_on"] == date(2026, 10, 12)
    assert (row["discharge_workdays"], row["arrival_workdays"], row["trigger_workdays"]) == (
        sum(CALENDAR.is_workday(date(2026, 9, 25) + timedelta(days=one)) for one in range(1, 18)),
        sum(CALENDAR.is_workday(date(2026, 9, 30) + timedelta(days=one)) for one in range(1, 13)),
        3,
    )


@pytest.mark.parametrize("amount", [1, 5, 20])
def test_a_day_in_time_by_the_clock_is_within_as_many_days(amount: int) -> None:
    """The table and the clocks count alike: paid on the last day in time is so many working days."""
    limit = TimeLimit("pay", "", "", amount, Counting.WORKDAYS, "trigger", "money_received", "", "")
    last = due(limit, start=datetime(2026, 9, 29, 15, tzinfo=ZONE), calendar=CALENDAR).on
    told = [{**LEDGER["bank_result"][0], "received_at": f"{last}T23:00:00+08:00"}]
    (row,) = days(application=[{"application_id": "A1", "applied_at": "2026-09-29T15:00:00+08:00"}], bank_result=told)
    assert row["trigger_workdays"] == amount


def test_what_is_not_paid_in_full_runs_on() -> None:
    short = [{**LEDGER["payment_line"][0], "amount_fen": 999}]
    for changed in ({"payment_line": short}, {"bank_result": []}, {"payment": [{"payment_id": "P1", "state": "returned"}]}):
        (row,) = days(**changed)
        assert row["paid_on"] is None
        assert row["trigger_workdays"] == sum(
            CALENDAR.is_workday(date(2026, 10, 8) + timedelta(days=one)) for one in range(1, (AS_OF - date(2026, 10, 8)).days + 1)
        )


def test_who_was_paid_by_hand_is_paid_on_the_day_of_the_receipt() -> None:
    (row,) = days(bank_result=[], payment=[{"payment_id": "P1", "state": "manual"}], payment_by_hand=EXTRA["payment_by_hand"])
    assert row["paid_on"] == date(2026, 10, 13)


def test_refused_and_wholly_taken_back_awards_are_not_measured() -> None:
    assert days(decision=[{"approval_item_id": "I1", "outcome": "refuse"}]) == []
    back = {"award_id": "W2", "application_id": "A1", "event_id": "E1", **POSTED, "amount_fen": -1000, "reverses_award_id": "W1"}
    assert days(award_posting=[*LEDGER["award_posting"], back]) == []


def test_a_settlement_before_the_calendar_is_not_counted_from() -> None:
    old = [{"setl_id": "E1", "delivery_id": "D1", "setl_time": "2020-01-02 10:00"}]
    (row,) = days(settled=old)
    assert (row["settled_on"], row["discharge_workdays"], row["arrival_workdays"] is None) == (date(2020, 1, 2), None, False)


def test_the_summary_counts_who_is_late_from_which_start() -> None:
    """Three awards of 21, 20 and 3 days from discharge, of which one is not paid."""
    con = duckdb.connect(":memory:")
    rows = [
        {"award_id": f"W{number}", "department_code": "bureau", "paid_on": paid, "discharge_workdays": own, "trigger_workdays": 3}
        for number, (own, paid) in enumerate([(21, AS_OF), (20, AS_OF), (21, None)])
    ]
    given(con, "out.award_days", *rows)
    found = {row["start_code"]: row for row in made(con, "out.award_days_summary", limit_workdays=20)}
    of = found["discharge"]
    assert (of["paid"], of["paid_late"], of["median_workdays"], of["most_workdays"]) == (2, 1, 20, 21)
    assert (of["waiting"], of["waiting_late"], of["not_measured"]) == (1, 1, 0)
    assert (found["arrival"]["not_measured"], found["trigger"]["paid_late"]) == (3, 0)
