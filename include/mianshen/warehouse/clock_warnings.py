"""Warnings ahead of a due day: recorded once a clock and step, while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from mianshen.core.clocks import TimeLimit
from mianshen.core.days import local
from mianshen.warehouse.clock_store import record_events
from mianshen.warehouse.ledger import CLOCK_STANDING

STEPS = (2, 1)
"""Days ahead that the clock store keeps a warning for."""


def record_warnings(connection: Connection, county_code: str, *, limits: Iterable[TimeLimit], as_of: datetime) -> int:
    """Warn of every running clock that is at most two days, or one day, from its due day; returns how many warnings are new."""
    asked = {limit.code: limit.warn_days for limit in limits}
    today, moment = local(as_of).date(), local(as_of).isoformat(timespec="seconds")
    clock, last = CLOCK_STANDING.c, (today + timedelta(days=max(STEPS))).isoformat()
    query = select(CLOCK_STANDING).where(clock.county_code == county_code, clock.closed_at.is_(None))
    near_due = query.where(clock.due_at > moment, clock.due_on <= last).order_by(clock.due_at, clock.clock_id)
    running = connection.execute(near_due).mappings().all()
    made = 0
    for step in STEPS:
        near = [
            str(row["clock_id"])
            for row in running
            if step in asked.get(row["time_limit_code"], ()) and (date.fromisoformat(row["due_on"]) - today).days <= step
        ]
        made += record_events(connection, near, event=f"warned_{step}", at=as_of)
    return made
