"""复核 on request: the national page's process and limits, a county's own page in their place. Nothing here changes an amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mianshen.core.clocks import TimeLimit
from mianshen.core.process import Process
from mianshen.policy.parts import limit_of_page
from mianshen.policy.processes import processes_of
from mianshen.policy.shapes import Row

SENDER = "sender"
"""Stands on the page for the department that delivers the settlements: it takes a recheck in and may delegate it."""
_TITLES = {"house": "本系统示例"}


@dataclass(frozen=True, slots=True)
class Rechecks:
    """How a county looks at a decision again."""

    processes: tuple[Process, ...]
    """At most one."""
    limits: tuple[TimeLimit, ...]
    """Of its steps."""


def rechecks_of(pages: Sequence[Row], *, sender: str, departments: frozenset[str]) -> Rechecks:
    """What the last of the pages says, for the county whose settlements `sender` delivers; `departments` are those it has.

    MianshenError POLICY_DAMAGED with file and line for a name that nothing bears, a dead end, and a process of another kind.
    """
    if not pages:
        return Rechecks((), ())
    page = pages[-1]
    limits = tuple(limit_of_page(one, starts_at="step", ends_at="step") for one in page["limits"])
    for row in page["processes"]:
        if row["concerns"] != "rechecks":
            row.at("concerns").refuse("本页只写复核流程(concerns: rechecks)", "this page holds a process of rechecks")
    if len(page["processes"]) > 1:
        page["processes"][1].spot.refuse("复核只有一个流程", "rechecks go through one process")
    made = processes_of(page["processes"], departments=departments | {SENDER}, limits=limits, titles=_TITLES)
    return Rechecks(tuple(_held(one, sender) for one in made), limits)


def _held(process: Process, sender: str) -> Process:
    steps = (replace(one, department_code=sender) if one.department_code == SENDER else one for one in process.steps)
    return replace(
        process, lead_department=sender if process.lead_department == SENDER else process.lead_department, steps=tuple(steps)
    )
