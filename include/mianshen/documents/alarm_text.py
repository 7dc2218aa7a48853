"""The digest of alarms that goes out by mail and to work groups: Chinese first, counts and departments, never a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from mianshen.core.codes import REASONS

KINDS = {"missed": "已逾期 missed", "warned_1": "一日内到期 due within a day", "warned_2": "两日内到期 due within two days"}
"""What each kind of alarm is called, the gravest first."""


class Told(Protocol):
    """What the digest says of an alarm."""

    @property
    def event(self) -> str:
        """missed | warned_1 | warned_2."""

    @property
    def time_limit_code(self) -> str:
        """The limit."""

    @property
    def holder_department(self) -> str:
        """Who holds the clock."""

    @property
    def due_on(self) -> str:
        """Its last day."""

    @property
    def cause_code(self) -> str | None:
        """Why it is late."""

    @property
    def officers(self) -> tuple[str, ...]:
        """Logins of who answers for it."""


def subject_line(alarms: Sequence[Told], *, county: str) -> str:
    """Such as `【办理时限】成都市新津区:已逾期 3 项`."""
    counts = Counter(one.event for one in alarms)
    said = ",".join(f"{zh.split()[0]} {counts[kind]} 项" for kind, zh in KINDS.items() if counts[kind])
    return f"【办理时限】{county}:{said}"


def digest_lines(alarms: Sequence[Told], *, limits: Mapping[str, str], departments: Mapping[str, str]) -> list[str]:
    """A line a kind, limit, department, day, cause and officers, with how many; what is missed first, then by day."""
    groups = Counter(
        (one.event, one.due_on, one.time_limit_code, one.holder_department, one.cause_code or "", one.officers) for one in alarms
    )
    order, lines = list(KINDS), []
    told = sorted(groups.items(), key=lambda one: (order.index(one[0][0]), one[0]))
    for (event, due_on, limit, department, cause, officers), count in told:
        why = f",原因 {REASONS[cause].zh}" if cause in REASONS else ""
        who = f",专员 officers {'、'.join(officers)}" if officers else ""
        lines.append(
            f"{KINDS[event]}: {limits.get(limit, limit)},{departments.get(department, department)},"
            f"应于 due {due_on} 前办结,{count} 项{why}{who}"
        )
    return lines
