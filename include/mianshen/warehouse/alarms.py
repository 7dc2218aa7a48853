"""Alarms that people are told of: misses and warnings of the clock store, each told at most once a channel.

A digest is claimed in the audit chain before it is sent; its outcome follows: taken, or not taken, which sets its alarms free.
A claim without an outcome is one whose sender died or heard no answer. Nobody sends it again by himself: it is shown until a
person has looked and said whether it arrived.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.officers import told_of
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry, lock_money
from mianshen.warehouse.ledger import AUDIT, CLOCK_EVENT, CLOCK_STANDING
from mianshen.warehouse.officers import standing

SENDING, TOLD, NOT_TAKEN = "alarms.sending", "alarms.told", "alarms.not_taken"
"""Actions of the audit rows behind a digest: the claim, then what came of it."""
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
    known = _claimed(connection, channel)
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


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A digest that was claimed and of which nobody knows whether it arrived."""

    digest_id: str
    """Its id; in a mail it is the Message-ID."""
    channel: str
    """Kind and digest of the channel, without any key."""
    alarms: int
    """How many it tells of."""
    since: str
    """When it was claimed."""


def claim(connection: Connection, county_code: str, *, channel: str, at: str) -> list[Alarm]:
    """What the channel has not heard yet, written down as being sent; to be committed before anything is sent.

    Two senders at once claim each alarm once.
    """
    lock_money(connection)
    alarms = untold(connection, county_code, channel=channel)
    if alarms:
        _append(connection, SENDING, county_code, alarms, channel=channel, at=at)
    return alarms


def record_outcome(
    connection: Connection, county_code: str, alarms: Sequence[Alarm], *, channel: str, is_taken: bool, at: str
) -> None:
    """The channel took the claimed digest, or certainly did not: then its alarms are told with the next one."""
    _append(connection, TOLD if is_taken else NOT_TAKEN, county_code, alarms, channel=channel, at=at)


def unsettled(connection: Connection, county_code: str) -> list[Unsettled]:
    """Digests of the county that were claimed and have no outcome, the oldest first; one that is being sent now is among them."""
    found = []
    for subject, (action, detail, at) in _last(connection).items():
        if action == SENDING and subject.startswith(f"{county_code}|"):
            found.append(Unsettled(subject.rsplit("|", 1)[1], detail["channel"], len(detail["alarms"]), at))
    return found


def settle(connection: Connection, county_code: str, digest: str, *, was_taken: bool, actor: str, at: str) -> None:
    """A person looked whether the digest arrived and says so; MianshenError DIGEST_UNKNOWN when none of this id waits."""
    lock_money(connection)
    for subject, (action, detail, _) in _last(connection).items():
        if action == SENDING and subject.startswith(f"{county_code}|") and subject.endswith(f"|{digest}"):
            audit.append(connection, [Entry(TOLD if was_taken else NOT_TAKEN, subject, detail)], at=at, actor=actor)
            return
    raise MianshenError("DIGEST_UNKNOWN", found=digest, where="audit")


def _append(connection: Connection, action: str, county_code: str, alarms: Sequence[Alarm], *, channel: str, at: str) -> None:
    detail = {"channel": channel, "alarms": [one.alarm_id for one in alarms]}
    audit.append(connection, [Entry(action, f"{county_code}|{channel}|{digest_id(alarms)}", detail)], at=at, actor="system")


def _last(connection: Connection) -> dict[str, tuple[str, dict[str, Any], str]]:
    """(last action, detail, moment) of every digest, in the order in which they were first claimed."""
    query = select(AUDIT.c.subject, AUDIT.c.action, AUDIT.c.detail, AUDIT.c.at).where(
        AUDIT.c.action.in_((SENDING, TOLD, NOT_TAKEN))
    )
    rows = connection.execute(query.order_by(AUDIT.c.audit_no))
    return {row.subject: (row.action, json.loads(row.detail), row.at) for row in rows}


def _claimed(connection: Connection, channel: str) -> set[str]:
    """Alarms of digests that the channel took or may have taken."""
    kept = [detail for action, detail, _ in _last(connection).values() if action != NOT_TAKEN]
    return {alarm for detail in kept if detail["channel"] == channel for alarm in detail["alarms"]}
