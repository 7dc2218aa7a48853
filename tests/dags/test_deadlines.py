"""Airflow's deadlines are computed by core.clocks.due with the pack's calendar, and say what our clocks say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.serialization.decoders import decode_deadline_alert
from airflow.serialization.encoders import encode_deadline_alert
from airflow.serialization.serialized_objects import BaseSerialization
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE

from mianshen.core.clocks import due
from mianshen.core.days import ZONE
from mianshen.policy.packs import load_pack
from mianshen.warehouse.clock_store import Subject, clocks_of, open_clock
from mianshen_airflow.deadlines import WatchedDeadline, WorkingDayDeadline, alert, on_missed

PACK = "510118_xinjin"
STARTS = [
    datetime(2026, 9, 30, 23, 59, tzinfo=ZONE),
    datetime(2026, 10, 1, 0, 0, tzinfo=ZONE),
    datetime(2026, 10, 9, 12, 0, tzinfo=ZONE),
    datetime(2026, 12, 4, 8, 0, tzinfo=ZONE),
]
"""Before and in a holiday week, an ordinary day, and one from which twenty working days end in the next year."""


def evaluated(reference: Any, answer: Any) -> datetime | None:
    """What the scheduler stores for a run of which its database says this, with the reference as it reads it back."""
    encoded = encode_deadline_alert(alert(reference, name="时限", county_code=COUNTY))
    read = decode_deadline_alert({"__var": encoded, "__type": "deadline_alert"}).reference
    session = SimpleNamespace(scalar=lambda query: answer)
    moment: datetime | None = read.evaluate_with(session=session, interval=timedelta(0), dag_id="d", run_id="r")
    return moment


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("code", ["trigger_relief", "approve_relief", "pay_relief"])
def test_a_step_is_due_when_core_clocks_says_so(code: str, start: datetime) -> None:
    pack = load_pack(PACK, on=start.date())
    expected = due(pack.time_limit(code), start=start, calendar=pack.calendar).at
    assert evaluated(WorkingDayDeadline(PACK, code), start) == expected


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_airflow_and_our_clock_name_the_same_moment(ledger: Engine, start: datetime) -> None:
    pack = load_pack(PACK, on=start.date())
    subject = Subject(COUNTY, "delivery", "D1", "medical_security")
    with ledger.begin() as connection:
        open_clock(connection, subject, limit=pack.time_limit("trigger_relief"), started=start, calendar=pack.calendar)
        (row,) = clocks_of(connection, COUNTY)
    native = evaluated(WorkingDayDeadline(PACK, "trigger_relief"), start)
    assert native == datetime.fromisoformat(row["due_at"])


def test_no_native_deadline_where_the_policy_cannot_be_read() -> None:
    assert evaluated(WorkingDayDeadline("999999_nowhere", "trigger_relief"), STARTS[0]) is None
    assert evaluated(WorkingDayDeadline(PACK, "no_such_limit"), STARTS[0]) is None
    assert evaluated(WorkingDayDeadline(PACK, "trigger_relief"), None) is None


def test_a_watch_is_due_when_its_clocks_are_and_shows_under_its_own_name_only() -> None:
    conf = {"time_limit_code": "roster_due", "subject_id": "canlian_zhongdu|2026-10", "due_at": DUE.isoformat()}
    assert evaluated(WatchedDeadline("roster_due", "canlian_zhongdu"), conf) == DUE
    assert evaluated(WatchedDeadline("roster_due", "tuiyi_youfu"), conf) is None
    assert evaluated(WatchedDeadline("pay_relief"), conf) is None
    assert evaluated(WatchedDeadline("pay_relief"), None) is None


def test_the_callback_travels_and_records_into_our_clock_store(
    ledger: Engine, clock: str, at: Callable[[datetime], None]
) -> None:
    made = alert(WorkingDayDeadline(PACK, "trigger_relief"), name="三日", county_code=COUNTY)
    assert made.callback.path == "mianshen_airflow.deadlines.on_missed"
    assert BaseSerialization.serialize(made.callback.kwargs)
    at(DUE)
    asyncio.run(on_missed(context={}, **made.callback.kwargs))
    with ledger.connect() as connection:
        (row,) = clocks_of(connection, COUNTY)
    assert row["missed_at"] == DUE.isoformat()


def test_a_holiday_rolls_the_three_days() -> None:
    native = evaluated(WorkingDayDeadline(PACK, "trigger_relief"), datetime(2026, 9, 29, 10, tzinfo=ZONE))
    assert native is not None
    assert (native - timedelta(seconds=1)).date() == date(2026, 10, 8), "2 October lies in the holiday week, 8 October does not"
