"""A clock opens once, each event is kept once, a miss stays after the cure."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.ledgers import new_ledger

from mianshen.core.clocks import Counting, TimeLimit, WorkingCalendar
from mianshen.core.days import ZONE
from mianshen.warehouse.clock_store import Subject, clocks_of, open_clock, record_event, state_of
from mianshen.warehouse.connect import open_database

CALENDAR = WorkingCalendar(workdays={}, provisional_since=date(2026, 1, 1))
LIMIT = TimeLimit("trigger_relief", "触发", "trigger", 3, Counting.CALENDAR_DAYS, "arrival", "application", "001", "quoted")
START = datetime(2026, 11, 2, 9, tzinfo=ZONE)
SUBJECT = Subject("100999", "delivery", "D1", "medical_security")


@pytest.fixture
def ledger(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    new_ledger(url)
    return open_database(url)


def test_a_clock_opened_twice_is_one_clock_with_its_first_start(ledger: Engine) -> None:
    with ledger.begin() as connection:
        first = open_clock(connection, SUBJECT, limit=LIMIT, started=START, calendar=CALENDAR)
        again = open_clock(connection, SUBJECT, limit=LIMIT, started=START + timedelta(days=9), calendar=CALENDAR)
        (row,) = clocks_of(connection, "100999")
    assert first == again
    assert (row["due_on"], row["is_provisional"]) == ("2026-11-05", True)


def test_a_miss_stays_visible_after_the_cure(ledger: Engine) -> None:
    due_at = datetime(2026, 11, 6, tzinfo=ZONE)
    with ledger.begin() as connection:
        clock = open_clock(connection, SUBJECT, limit=LIMIT, started=START, calendar=CALENDAR)
        assert record_event(connection, clock, event="missed", at=due_at, cause_code="FILE_MISSING")
        assert not record_event(connection, clock, event="missed", at=due_at + timedelta(days=1))
        assert record_event(connection, clock, event="closed", at=due_at + timedelta(days=2))
        (row,) = clocks_of(connection, "100999")
    assert row["missed_at"] == due_at.isoformat()
    assert row["cause_code"] == "FILE_MISSING"
    assert row["closed_at"] > row["missed_at"]


def test_the_due_moment_itself_is_late() -> None:
    due_at = datetime(2026, 11, 6, tzinfo=ZONE)
    before, after = due_at - timedelta(seconds=1), due_at + timedelta(seconds=1)
    assert state_of(due_at=due_at, closed_at=None, as_of=before) == "open"
    assert state_of(due_at=due_at, closed_at=None, as_of=due_at) == "overdue"
    assert state_of(due_at=due_at, closed_at=before, as_of=after) == "met"
    assert state_of(due_at=due_at, closed_at=due_at, as_of=after) == "met_late"
    assert state_of(due_at=due_at, closed_at=after, as_of=due_at) == "overdue"
