"""handle: cases of a county's processes are opened and moved; what happens is appended, clocks follow, the audit chain keeps it.

Acts are judged one by one and written together: a bulk act of thousands of cases is one transaction and one audit row, and an act
that cannot be leaves its case alone and is told with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.case_clocks import clocks_of, due_of
from mianshen.core.cases import SYSTEM, Event, Happening, state_of
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act, moved, opening
from mianshen.core.process import Decider, Process
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, cases, notices
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_clocks import keep_clocks, limit_of
from mianshen.warehouse.cases import Matter

STAGE = "handle"


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that could not be."""

    case_id: str
    """In which case."""
    error: MianshenError
    """Why."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of some acts."""

    done: tuple[str, ...]
    """Cases in which something new happened."""
    stood: tuple[str, ...]
    """Cases in which the very act stood already."""
    refused: tuple[Refused, ...]
    """Acts that could not be; their cases are as they were."""


def open_cases(job: Job, process_code: str, matters: Sequence[Matter]) -> list[str]:
    """Open a case for each matter that has none in the process and benefit year; returns the ids of the new ones.

    MianshenError PROCESS_UNKNOWN when the pack has no such process.
    """
    process = _process(job, process_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        fresh = cases.write_cases(connection, job.county_code, process_code, matters, opened_at=job.as_of)
        events = opening(process, at=job.as_of, actor=job.actor)
        years = {cases.case_id(job.county_code, process_code, one): one.benefit_year for one in matters}
        cases.append(connection, dict.fromkeys(fresh, events), known=dict.fromkeys(fresh, 0))
        for key in fresh:
            keep_clocks(connection, job.pack, process, case_id=key, year=years[key], events=events)
        if fresh:
            _tell(job, connection, "cases.opened", dict.fromkeys(fresh, events))
    return fresh


def act(job: Job, case_id: str, wanted: Act) -> Handled:
    """Do one act in one case; MianshenError says why it cannot be, CASE_UNKNOWN when there is no such case."""
    handled = act_on_many(job, {case_id: wanted})
    if handled.refused:
        raise handled.refused[0].error
    return handled


def act_on_many(job: Job, acts: Mapping[str, Act]) -> Handled:
    """Do an act in each of these cases, in one transaction; each is judged by itself.

    MianshenError CASE_UNKNOWN when one of the cases is not there: then nothing is done.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        rows = {row["case_id"]: row for row in cases.cases_of(connection, acts) if row["county_code"] == job.county_code}
        unknown = sorted(acts.keys() - rows.keys())
        if unknown:
            raise MianshenError("CASE_UNKNOWN", found=", ".join(unknown[:3]), where="case")
        return _handle(job, connection, rows, acts)


def _handle(job: Job, connection: Connection, rows: Mapping[str, Mapping[str, Any]], acts: Mapping[str, Act]) -> Handled:
    known = cases.events_of(connection, acts)
    news: dict[str, tuple[Event, ...]] = {}
    refused = []
    for key, wanted in acts.items():
        process, year = _process(job, rows[key]["process_code"]), rows[key]["benefit_year"]
        try:
            news[key] = moved(process, known[key], wanted, where=f"case {key}", benefit_year=year, calendar=job.pack.calendar)
        except MianshenError as error:
            refused.append(Refused(key, error))
    fresh = {key: events for key, events in news.items() if events}
    cases.append(connection, fresh, known={key: len(known[key]) for key in fresh})
    for key, events in fresh.items():
        process = _process(job, rows[key]["process_code"])
        year = rows[key]["benefit_year"]
        keep_clocks(connection, job.pack, process, case_id=key, year=year, events=[*known[key], *events])
    if fresh:
        _tell(job, connection, "cases.moved", fresh)
    return Handled(tuple(fresh), tuple(key for key, events in news.items() if not events), tuple(refused))


def objecting(job: Job, case_id: str) -> tuple[str, str]:
    """The open step of the case that publishes a notice, and its outcome that sends the case back.

    MianshenError CASE_UNKNOWN, or STEP_NOT_OPEN when the case stands on no notice.
    """
    with job.ledger.connect() as connection:
        row = cases.case_of(connection, case_id, county_code=job.county_code)
        state = state_of(cases.events_of(connection, [case_id])[case_id])
    process = _process(job, row["process_code"])
    for step in (process.step(code) for code in state.open):
        back = next((one for one in step.outcomes if one.again), None)
        if FormCode.PUBLIC_NOTICE in step.forms and back is not None:
            return step.code, back.code
    raise MianshenError("STEP_NOT_OPEN", found=FormCode.PUBLIC_NOTICE.value, where=f"case {case_id}")


def run(job: Job) -> StageReport:
    """Pass every step that time decides and whose period is over at the moment; the others wait. A second run passes nothing."""
    passed = 0
    while acts := _over(job):
        handled = act_on_many(job, acts)
        for one in handled.refused:
            raise one.error
        passed += len(handled.done)
    with job.ledger.connect() as connection:
        left = cases.waiting(connection, county_code=job.county_code)
    return StageReport(STAGE, None, {"waiting": len(left), "passed_by_time": passed})


def _over(job: Job) -> dict[str, Act]:
    """One act a case in which time decides an open step and its period is over."""
    with job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=job.county_code)
        timed = [row for row in rows if _process(job, row["process_code"]).step(row["step_code"]).decider is Decider.TIME]
        known = cases.events_of(connection, [row["case_id"] for row in timed])
        posted = notices.published(connection)
    found = {}
    for row in timed:
        on_notice = posted.get((row["case_id"], row["round_no"]))
        wanted = _passing(job, row, known[row["case_id"]], published_at=on_notice.at if on_notice else None)
        if wanted is not None:
            found[row["case_id"]] = wanted
    return found


def _passing(job: Job, row: Mapping[str, Any], events: Sequence[Event], *, published_at: str | None) -> Act | None:
    """The act that passes the step at its due moment; None while its period runs or stands still.

    A step that publishes runs from the moment of its notice: without one nothing passes, however many days went by.
    """
    process = _process(job, row["process_code"])
    step = process.step(row["step_code"])
    clock = next(one for one in reversed(clocks_of(process, events)) if one.code == step.code)
    limit = limit_of(job.pack, process, clock)
    if FormCode.PUBLIC_NOTICE in step.forms:
        if published_at is None:
            return None
        clock.started_at = max(clock.started_at, datetime.fromisoformat(published_at))
    until = due_of(clock, process, limit=limit, year=row["benefit_year"], calendar=job.pack.calendar)
    if until is None or job.as_of < until.at:
        return None
    return Act(Happening.DECIDED, step.code, SYSTEM, step.department_code, until.at, outcome_code=step.outcomes[0].code)


def _process(job: Job, code: str) -> Process:
    known = {one.code: one for one in job.pack.processes}
    if code not in known:
        raise MianshenError("PROCESS_UNKNOWN", found=code, where=f"{job.pack.name}/process.yaml")
    return known[code]


def _tell(job: Job, connection: Connection, action: str, news: Mapping[str, Sequence[Event]]) -> None:
    """One row of the audit chain for everything that was written: how many cases, and the digest of every event."""
    lines = [
        [key, one.happening.value, one.step_code, one.round_no, one.outcome_code, one.reason_code or "", one.actor]
        for key, events in sorted(news.items())
        for one in events
    ]
    first = min(news)
    detail = {"cases": len(news), "events": len(lines), "content_sha256": sha256_hex(canonical_json(lines))}
    audit.append(connection, [Entry(action, first, detail)], at=job.moment, actor=job.actor)
