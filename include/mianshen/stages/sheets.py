"""sheets: a department's filled sheet of one step is taken, whole or not at all; what it says twice stands once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.cases import Event, Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.process import Decider, Step
from mianshen.documents.filled import Faults, Page, open_sheet
from mianshen.documents.step_answer import SaidOfCase, check_listed, said_of
from mianshen.documents.step_sheet import KEY, PAGE_HASH, SHEET
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, case_moves, case_numbers, cases
from mianshen.warehouse.audit import Entry

STAGE = "sheets"
LISTED = "cases.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""
TAKEN = "cases.moved"
"""Action of the audit row behind what came back."""

Row = Mapping[str, Any]


def take_sheet(job: Job, content: bytes, *, where: str) -> StageReport:
    """Decide what the sheet says, whole or not at all, as the job's actor; the same again changes nothing.

    MianshenError SHEET_UNREADABLE, SHEET_FOREIGN, SHEET_CHANGED or SHEET_INVALID says what is wrong, with every cell and its
    remedy.
    """
    page = open_sheet(content, title=SHEET, where=where)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        process_code, step = _step_of(job, connection, page, where)
        check_listed(page, step, where=where)
        lines, faults = said_of(page, step, where=where), Faults()
        waiting = {
            row["case_id"]: row
            for row in cases.waiting(connection, county_code=job.county_code, process_code=process_code)
            if row["step_code"] == step.code
        }
        known = cases.events_of(connection, [one.case_id for one in lines])
        numbers = case_numbers.numbers_of(connection, [one.case_id for one in lines])
        fresh = [one for one in lines if _is_fresh(one, step, waiting, known.get(one.case_id, []), numbers, faults)]
        faults.refuse("SHEET_INVALID", where)
        _write(job, connection, step, [(waiting[one.case_id], one) for one in fresh], faults, sheet_sha256=page.content_sha256)
        faults.refuse("SHEET_INVALID", where)
    counts = {one.code: sum(said.outcome.code == one.code for said in fresh) for one in step.outcomes}
    return StageReport(STAGE, None, {"decided": len(fresh), "stood": len(lines) - len(fresh), **counts})


def _step_of(job: Job, connection: Connection, page: Page, where: str) -> tuple[str, Step]:
    """The step that the sheet is about; a sheet that nobody gave out is refused."""
    steps = {
        f"{process.code}|{step.code}": (process.code, step)
        for process in job.pack.processes
        for step in process.steps
        if step.decider is Decider.PERSON and not step.asks_person
    }
    if page[KEY] not in steps or not audit.stands(connection, action=LISTED, subject=page[PAGE_HASH]):
        raise MianshenError("SHEET_FOREIGN", found=page[KEY][:40] or "?", where=where)
    return steps[page[KEY]]


def _is_fresh(
    one: SaidOfCase,
    step: Step,
    waiting: Mapping[str, Row],
    events: Sequence[Event],
    numbers: Mapping[tuple[str, str, int], str],
    faults: Faults,
) -> bool:
    """Whether the line says something new; what stands differently is a fault."""
    row = waiting.get(one.case_id)
    if row is not None and row["round_no"] == one.round_no:
        return True
    place = (step.code, one.round_no)
    said = [two for two in events if two.happening is Happening.DECIDED and (two.step_code, two.round_no) == place]
    if not said:
        faults.add(f"B{one.line}", "这一次已不在待办", "重新下载办理表填写")
        return False
    before = said[-1]
    is_same = (before.outcome_code, before.reason_code) == (one.outcome.code, one.reason_code)
    if not is_same or (one.number is not None and numbers.get((one.case_id, *place)) != one.number):
        told = f"第 {one.round_no} 次已由 {before.actor} 于 {before.at:%Y-%m-%d %H:%M} 作出结论"
        faults.add(f"B{one.line}", told, "以先记录的为准")
    return False


def _write(
    job: Job, connection: Connection, step: Step, wanted: Sequence[tuple[Row, SaidOfCase]], faults: Faults, *, sheet_sha256: str
) -> None:
    """Move the cases and keep the numbers; what could not be is told at its line, and the caller takes nothing."""
    acts = [(row["case_id"], act) for row, said in wanted for act in _acts(job, step, row, said)]
    if not acts:
        return
    found = case_moves.move(connection, job.pack, acts)
    lines = {row["case_id"]: said.line for row, said in wanted}
    for one in found.refused:
        faults.add(f"B{lines[one.case_id]}", one.error.message(), "改正后再交")
    rows = [
        {
            "case_id": row["case_id"],
            "step_code": step.code,
            "round_no": said.round_no,
            "number": said.number,
            "recorded_by": job.actor,
            "recorded_at": job.moment,
        }
        for row, said in wanted
        if said.number is not None
    ]
    case_numbers.write(connection, rows)
    if found.news:
        detail = {**case_moves.digest_of(found.news), "sheet_sha256": sheet_sha256}
        audit.append(connection, [Entry(TAKEN, min(found.news), detail)], at=job.moment, actor=job.actor)


def _acts(job: Job, step: Step, row: Row, said: SaidOfCase) -> Iterator[Act]:
    """The papers that the outcome needs, then the outcome."""
    holder, at = row["department_code"], max(job.as_of, datetime.fromisoformat(row["opened_at"]))
    needed = tuple(one.code for one in step.missing(frozenset())) if said.outcome.needs_papers else ()
    if needed:
        yield Act(Happening.PAPERS, step.code, job.actor, holder, at, papers=needed)
    how = "person" if said.is_own else "bulk"
    decided = (Happening.DECIDED, step.code, job.actor, holder, at, said.outcome.code)
    yield Act(*decided, reason_code=said.reason_code, how=how)
