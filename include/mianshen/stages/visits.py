"""visits: what came of asking people is recorded, one by one or by a town's sheet, whole or not at all; cases follow.

A visit and the event that it decides are written together. Who was not reached is asked again; silence is never a no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.cases import Happening
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.process import Step
from mianshen.core.visits import Visit, faults_of
from mianshen.documents.filled import Faults, Page, open_sheet
from mianshen.documents.visit_answer import Said, add_fault, check_listed, said_of
from mianshen.documents.visit_sheet import KEY, PAGE_HASH, SHEET
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, case_moves, visits
from mianshen.warehouse.audit import Entry

STAGE = "visits"
LISTED = "visits.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""
RECORDED = "visits.recorded"
"""Action of the audit row behind what came back."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the ledger says of the cases at hand."""

    waiting: Mapping[str, Row]
    """The asking step that waits, by case."""
    known: Mapping[tuple[str, str, int], Row]
    """Visits by case, step and round."""


def record(job: Job, case_id: str, visit: Visit) -> bool:
    """Record one visit of the step that waits in the case, as the job's actor; whether it is new.

    MianshenError VISIT_INVALID says what is wrong with it, STEP_NOT_OPEN that nobody waits to be asked.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        standing = _standing(connection, job, [case_id])
        last = max((one for one in standing.known.values()), key=lambda one: one["recorded_at"], default=None)
        if last is not None and _says(last, visit) and last["recorded_by"] == job.actor and last["recorded_at"] == job.moment:
            return False
        row = standing.waiting.get(case_id)
        if row is None:
            raise MianshenError("STEP_NOT_OPEN", found=case_id, where=f"case {case_id}")
        outcome = _step(job, row).outcome(visit.outcome_code)
        if outcome is not None and outcome.needs_address:
            said = f"{outcome.name_zh}:须登记邮寄地址,用走访表登记"
            raise MianshenError("VISIT_INVALID", found=said, where=f"case {case_id}")
        found = faults_of(_step(job, row), visit, opened_on=_opened_on(row), today=job.as_of.date())
        if found:
            said = "；".join(f"{one.part}:{one.zh},{one.remedy_zh}" for one in found)
            raise MianshenError("VISIT_INVALID", found=said, where=f"case {case_id}")
        refused = _write(job, connection, [(row, visit)], sheet_sha256=None)
        if refused:
            raise refused[0].error
    return True


def take_sheet(job: Job, content: bytes, *, where: str) -> StageReport:
    """Record what a town's sheet says, whole or not at all, as the job's actor; the same again changes nothing.

    MianshenError SHEET_UNREADABLE, SHEET_FOREIGN, SHEET_CHANGED or SHEET_INVALID says what is wrong, with every cell and its
    remedy.
    """
    page = open_sheet(content, title=SHEET, where=where)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        step = _step_of(job, connection, page, where)
        check_listed(page, step, where=where)
        lines = said_of(page, step, where=where)
        standing, faults = _standing(connection, job, [one.case_id for one in lines]), Faults()
        fresh = [(row, one) for one in lines if (row := _judged(job, one, step, standing, faults)) is not None]
        faults.refuse("SHEET_INVALID", where)
        for one in _write(job, connection, [(row, said.visit) for row, said in fresh], sheet_sha256=page.content_sha256):
            line = next(said.line for row, said in fresh if row["case_id"] == one.case_id)
            faults.add(f"I{line}", one.error.message(), "重新下载填写")
        faults.refuse("SHEET_INVALID", where)
    counts = {outcome.code: sum(said.visit.outcome_code == outcome.code for _, said in fresh) for outcome in step.outcomes}
    return StageReport(STAGE, None, {"recorded": len(fresh), "stood": len(lines) - len(fresh), **counts})


def _step_of(job: Job, connection: Connection, page: Page, where: str) -> Step:
    """The asking step that the sheet is about; a sheet that nobody gave out is refused."""
    steps = {f"{process.code}|{step.code}": step for process in job.pack.processes for step in process.steps if step.asks_person}
    if page[KEY] not in steps or not audit.stands(connection, action=LISTED, subject=page[PAGE_HASH]):
        raise MianshenError("SHEET_FOREIGN", found=page[KEY][:40] or "?", where=where)
    return steps[page[KEY]]


def _judged(job: Job, said: Said, step: Step, standing: _Standing, faults: Faults) -> Row | None:
    """The waiting step that the line decides; None when it stands already, or cannot be and was told so."""
    before = standing.known.get((said.case_id, step.code, said.round_no))
    if before is not None:
        if not _says(before, said.visit):
            told = f"第 {said.round_no} 次已由 {before['recorded_by']} 于 {before['recorded_at'][:16]} 登记为别的结果"
            faults.add(f"I{said.line}", told, "以先登记的为准;要改的另行说明")
        return None
    row = standing.waiting.get(said.case_id)
    if row is None or (row["step_code"], row["round_no"]) != (step.code, said.round_no):
        faults.add(f"B{said.line}", "这一次已不在待访", "重新下载走访表填写")
        return None
    for fault in faults_of(step, said.visit, opened_on=_opened_on(row), today=job.as_of.date()):
        add_fault(faults, said, fault)
    return row


def _write(
    job: Job, connection: Connection, wanted: Sequence[tuple[Row, Visit]], *, sheet_sha256: str | None
) -> tuple[case_moves.Refused, ...]:
    """Move the cases and add the visits; what could not be is given back, and the caller takes nothing."""
    acts = [(row["case_id"], _act(job, row, visit)) for row, visit in wanted]
    found = case_moves.move(connection, job.pack, acts)
    if found.refused or not acts:
        return found.refused
    rows = [
        {
            **{name: row[name] for name in ("case_id", "step_code", "round_no")},
            **visits.columns_of(visit),
            "recorded_by": job.actor,
            "recorded_at": job.moment,
            "sheet_sha256": sheet_sha256,
        }
        for row, visit in wanted
    ]
    visits.write(connection, rows)
    detail = {**case_moves.digest_of(found.news), "visits_sha256": sha256_hex(canonical_json(rows)), "sheet_sha256": sheet_sha256}
    audit.append(connection, [Entry(RECORDED, min(found.news), detail)], at=job.moment, actor=job.actor)
    return ()


def _act(job: Job, row: Row, visit: Visit) -> Act:
    decided = (Happening.DECIDED, row["step_code"], job.actor, row["department_code"], job.as_of)
    return Act(*decided, outcome_code=visit.outcome_code, how="person")


def _standing(connection: Connection, job: Job, case_ids: Sequence[str]) -> _Standing:
    wanted = set(case_ids)
    waiting = {row["case_id"]: row for row in visits.waiting(connection, job.pack) if row["case_id"] in wanted}
    known = {(one["case_id"], one["step_code"], one["round_no"]): one for one in visits.recorded(connection, wanted)}
    return _Standing(waiting, known)


def _says(row: Row, visit: Visit) -> bool:
    return all(row[name] == value for name, value in visits.columns_of(visit).items())


def _step(job: Job, row: Row) -> Step:
    return job.pack.process(row["process_code"]).step(row["step_code"])


def _opened_on(row: Row) -> Any:
    return datetime.fromisoformat(row["opened_at"]).date()
