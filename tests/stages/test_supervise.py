"""supervise: a miss is recorded at its due moment with its cause, the summary counts everything and names nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select
from tests.stages.money_county import County, Line, make_county

from mianshen.stages import apply, approve, pay, supervise
from mianshen.warehouse.clock_store import Subject, open_clock_due_on
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT, DELIVERY

Agree = Callable[[County], None]
CATEGORY_LIST = "tuiyi_youfu"
REFUSED = {
    "delivery_id": "d1",
    "feed": "roster",
    "list_code": CATEGORY_LIST,
    "department_code": "veterans",
    "partition": "2026-10",
    "version": 1,
    "content_sha256": "0",
    "file_name": "f",
    "size_bytes": 1,
    "received_at": "2026-11-02T09:00:00+08:00",
    "state": "REJECTED",
    "reason_code": "HEADER_CHANGED",
}
"""A list that came and was refused."""


def rows(county: County, table: Table) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def events(county: County, event: str) -> dict[tuple[str, str], tuple[str, str | None]]:
    """(limit, holder) to (moment, cause) of the event."""
    clocks = {row["clock_id"]: (row["time_limit_code"], row["holder_department"]) for row in rows(county, CLOCK)}
    return {
        clocks[row["clock_id"]]: (row["happened_at"], row["cause_code"])
        for row in rows(county, CLOCK_EVENT)
        if row["event"] == event
    }


def figures(county: County) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((county.job.home.reports(county.job.pack.name) / "summary.json").read_text("utf-8"))
    return found


def text(county: County) -> str:
    return supervise.read_summary(county.job)


def board(county: County) -> list[tuple[str, str, int]]:
    con = compute()
    show(con, "out.clock_board", county.job.lake.current("out.clock_board", county_code=county.job.county_code))
    return con.execute("select time_limit_code, state, days_late from out.clock_board order by all").fetchall()


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Two items that wait for the civil affairs office."""
    county = make_county(tmp_path / "home", ["甲", "乙"])
    county.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    county.assess([Line("甲", "e1", 12345), Line("乙", "e2", 500)])
    apply.run(county.job)
    return county


def plant_late_list(county: County) -> None:
    limit = county.job.pack.time_limit("roster_due")
    subject = Subject(county.job.county_code, "list", f"{CATEGORY_LIST}|2026-10", "veterans")
    started = county.job.as_of - timedelta(days=3)
    with county.job.ledger.begin() as connection:
        due_on = county.job.as_of.date() - timedelta(days=1)
        calendar = county.job.pack.calendar
        open_clock_due_on(connection, subject, limit=limit, started=started, due_on=due_on, calendar=calendar)


def test_a_late_list_is_a_miss_of_its_department_with_its_cause(county: County) -> None:
    plant_late_list(county)
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    assert events(county, "missed") == {("roster_due", "veterans"): ("2026-11-03T00:00:00+08:00", "FILE_MISSING")}
    (late,) = figures(county)["late_lists"]
    assert (late["list_code"], late["holder_department"], late["days_late"]) == (CATEGORY_LIST, "veterans", 1)
    assert county.job.pack.department("veterans").name_zh in text(county)
    assert ("roster_due", "overdue", 1) in board(county)


def test_a_refused_file_is_the_cause_when_there_is_one(county: County) -> None:
    plant_late_list(county)
    with county.job.ledger.begin() as connection:
        connection.execute(insert(DELIVERY).values(**REFUSED, county_code=county.job.county_code))
    supervise.run(county.job)
    assert events(county, "missed")["roster_due", "veterans"][1] == "HEADER_CHANGED"
    assert [(one["state"], one["reason_code"]) for one in figures(county)["deliveries"]] == [("REJECTED", "HEADER_CHANGED")]


def test_warnings_come_before_the_miss_and_each_once(county: County) -> None:
    """R001-13: warned beforehand, each step once."""
    county.later(days=12)
    assert supervise.run(county.job).counts["warnings"] == 1
    assert supervise.run(county.job).counts["warnings"] == 0
    county.later(days=1)
    assert supervise.run(county.job).counts["warnings"] == 1
    county.later(days=1)
    assert supervise.run(county.job).counts["misses_recorded"] == 0, "the last day in time"
    county.later(days=1)
    assert supervise.run(county.job).counts["misses_recorded"] == 1
    assert events(county, "missed")["approve_relief", "civil_affairs"][1] == "DECISION_PENDING"
    assert set(events(county, "warned_1")) == {("approve_relief", "civil_affairs")}


def test_an_overdue_payment_says_who_holds_it_up(county: County) -> None:
    county.later(days=60)
    supervise.run(county.job)
    assert {one[1] for key, one in events(county, "missed").items() if key[0] == "pay_relief"} == {"DECISION_PENDING"}


@pytest.mark.parametrize(("pays", "cause"), [(False, "PAYMENT_NOT_MADE"), (True, "BANK_PENDING")])
def test_after_the_decision_the_cause_is_the_payer_or_the_bank(county: County, agree_all: Agree, pays: bool, cause: str) -> None:
    agree_all(county)
    if pays:
        pay.run(county.job)
    county.later(days=60)
    supervise.run(county.job)
    assert {one[1] for key, one in events(county, "missed").items() if key[0] == "pay_relief"} == {cause}


def test_the_summary_counts_approvals_payments_and_limits(county: County) -> None:
    view = approve.open_batch_view(county.job, "civil_affairs")
    assert view is not None
    largest = max(view.items, key=lambda one: one.amount_fen)
    answer = {"chosen": "不予救助", "refusals": "*=DUPLICATE_RELIEF", "decided_by": "a", "decided_at": county.job.moment}
    if largest.item_no == 1:
        smaller = next(one for one in view.items if one is not largest)
        answer |= {"chosen": "同意", "refusals": f"{smaller.item_no}=DUPLICATE_RELIEF"}
    else:
        answer |= {"chosen": "同意", "refusals": "1=DUPLICATE_RELIEF"}
    approve.record_replies(county.job, view.batch_id, answer)
    pay.run(county.job)
    supervise.run(county.job)
    found = figures(county)
    (department,) = found["approvals"]
    assert (department["items"], department["agreed"], department["refused"], department["waiting"]) == (2, 1, 1, 0)
    (batch,) = found["payments"]
    assert (batch["state"], batch["payments"], batch["amount_fen"]) == ("sent", 1, 12345)
    assert found["is_illustrative"] is True
    shown = text(county)
    measured = {one["start_code"]: (one["waiting"], one["paid"]) for one in found["award_days"]}
    assert measured == {"discharge": (0, 0), "arrival": (0, 0), "trigger": (1, 0)}, "sent, not yet confirmed by the bank"
    assert "到账用时(工作日,时限 20 limit 20)" in shown
    assert "123.45" in shown and "不作为发放依据" in shown and "已送银行" in shown
    assert found["audit"]["head"] in shown
    assert all((county.job.home.root / one["path"]).exists() for one in found["outputs"] if one["what_en"] == "bank file")


def test_the_summary_names_nobody(county: County, agree_all: Agree) -> None:
    agree_all(county)
    pay.run(county.job)
    supervise.run(county.job)
    folder = county.job.home.reports(county.job.pack.name)
    written = "".join(path.read_text("utf-8") for path in folder.iterdir())
    for name, key in county.people.items():
        assert name not in written and key not in written


def test_the_same_moment_again_gives_the_same_bytes_and_one_run(county: County) -> None:
    plant_late_list(county)
    first = supervise.run(county.job)
    before = (text(county), figures(county), board(county))
    again = supervise.run(county.job)
    assert (text(county), figures(county), board(county)) == before
    assert again.counts["misses_recorded"] == 0
    county.later(hours=1)
    assert supervise.run(county.job).run_id != first.run_id
