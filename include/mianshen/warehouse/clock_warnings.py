"""Warnings ahead of a due day: recorded once a clock and step, while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection

from mianshen.core.clocks import TimeLimit
from mianshen.core.days import local
from mianshen.warehouse.clock_store import clocks_of, record_events

STEPS = (2, 1)
"""Days ahead that the clock store keeps a warning for."""


def record_warnings(connection: Connection, county_code: str, *, limits: Iterable[TimeLimit], as_of: datetime) -> int:
    """Warn of every running clock that is at most two days, or one day, from its due day; returns how many warnings are new."""
    asked = {limit.code: limit.warn_days for limit in limits}
    today, moment = local(as_of).date(), local(as_of).isoformat(timespec="seconds")
    running = [row for row in clocks_of(connection, county_code) if row["closed_at"] is None and moment < row["due_at"]]
    made = 0
    for step in STEPS:
        near = [
            str(row["clock_id"])
            for row in running
            if step in asked.get(row["time_limit_code"], ()) and (date.fromisoformat(row["due_on"]) - today).days <= step
        ]
        made += record_events(connection, near, event=f"warned_{step}", at=as_of)
    return made
