"""Alarms that people are told of: misses and warnings of the clock store, each told once a channel.

What was told stands in the audit chain, by clock and event: a second telling finds nothing left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from mianshen.core.digest import sha256_hex
from mianshen.core.officers import told_of
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.ledger import AUDIT, CLOCK_EVENT, CLOCK_STANDING
from mianshen.warehouse.officers import standing

TOLD = "alarms.told"
"""Action of the audit row behind a digest."""
EVENTS = ("missed", "warned_1", "warned_2")
"""What people are told of."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An event of a clock that somebody should hear of; it names no person."""

    alarm_id: str
    """Clock and event: told once a channel."""
    event: str
    """missed | warned_1 | warned_2."""
    time_limit_code: str
    """The limit."""
    holder_department: str
    """Who holds the clock."""
    due_on: str
    """Its last day."""
    cause_code: str | None
    """Why it is late."""
    officers: tuple[str, ...] = ()
    """Logins of who answers for it: the holder's officers and those of the matter's town, else the head of the group; none
    where the county named nobody."""


def untold(connection: Connection, county_code: str, *, channel: str) -> list[Alarm]:
    """Alarms of the county that the channel was not told, by due day; a warning of a clock that closed meanwhile is none."""
    clock, event = CLOCK_STANDING.c, CLOCK_EVENT.c
    told = (clock.time_limit_code, clock.holder_department, clock.town, clock.due_on, clock.closed_at, clock.missed_at)
    query = (
        select(CLOCK_EVENT, *told)
        .join(CLOCK_STANDING, clock.clock_id == event.clock_id)
        .where(clock.county_code == county_code, event.event.in_(EVENTS))
        .order_by(clock.due_on, event.clock_id, event.event)
    )
    known = _told(connection, channel)
    named = standing(connection, county_code=county_code)
    found = []
    for row in connection.execute(query).mappings():
        alarm_id = f"{row['clock_id']}|{row['event']}"
        is_over = row["event"] != "missed" and (row["closed_at"] is not None or row["missed_at"] is not None)
        if alarm_id not in known and not is_over:
            found.append(
                Alarm(
                    alarm_id,
                    row["event"],
                    row["time_limit_code"],
                    row["holder_department"],
                    row["due_on"],
                    row["cause_code"],
                    tuple(told_of(named, department=row["holder_department"], town=row["town"])),
                )
            )
    return found


def digest_id(alarms: Iterable[Alarm]) -> str:
    """The id of a digest of these alarms: the same alarms, the same message."""
    return sha256_hex("\n".join(sorted(one.alarm_id for one in alarms)).encode())[:32]


def record_told(connection: Connection, county_code: str, alarms: Sequence[Alarm], *, channel: str, at: str) -> None:
    """The channel was told of these; nothing when they are none."""
    if alarms:
        detail = {"channel": channel, "alarms": [one.alarm_id for one in alarms]}
        entry = Entry(TOLD, f"{county_code}|{channel}|{digest_id(alarms)}", detail)
        audit.append(connection, [entry], at=at, actor="system")


def _told(connection: Connection, channel: str) -> set[str]:
    query = select(AUDIT.c.detail).where(AUDIT.c.action == TOLD)
    details = (json.loads(row.detail) for row in connection.execute(query))
    return {alarm for detail in details if detail["channel"] == channel for alarm in detail["alarms"]}
