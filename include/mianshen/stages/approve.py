"""approve: the rule decides what is clear, departments decide the rest; the first recorded decision on an item wins.

A department answers a whole batch at once (同意 / 退回补正 / 不予救助), naming the items that fare otherwise. A reply is judged
as a whole before anything is written. What a department wrote goes into the audit chain word for word: it can be replayed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mianshen.core.approving import Decided, Signed, Turn, answered, decided, turn_act, waits_for
from mianshen.core.cases import Happening
from mianshen.core.days import local
from mianshen.core.decisions import Outcome, Reply, Ruling, read_reply, reply_from
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.documents.approval_view import BatchView, batch_view, item_view
from mianshen.documents.decision_answer import check_page, reply_of
from mianshen.documents.decision_sheet import BATCH, HOLDER, SHEET, SheetBatch, decision_sheet
from mianshen.documents.filled import open_sheet
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import approvals, audit, case_moves
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_moves import Moved
from mianshen.warehouse.clock_store import Subject, clock_id, record_events
from mianshen.warehouse.paid_out import close_paid

STAGE = "approve"
RULE = "rule"
"""Who decides by rule."""
REPLY = "reply.recorded"
"""Action of the audit row that keeps a department's reply."""

Row = Mapping[str, Any]


def run(job: Job) -> StageReport:
    """Decide every waiting item on the rule's route, by batch; a second run decides nothing."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        waiting = approvals.undecided(connection, county_code=job.county_code, route="rule")
        items = [item for item in waiting if not item["is_turned"]]
        rows = [
            decided(item, Ruling(Outcome.AGREE, item["route_reason"], is_opened=False), Signed(RULE, job.as_of, "rule"))
            for item in items
        ]
        _decide(job, connection, rows)
        audit.append(connection, _rule_entries(items, rows), at=job.moment, actor=RULE)
        _close_clocks(job, connection)
        waiting = approvals.undecided(connection, county_code=job.county_code, route="person")
    counts = {"by_rule": len(rows), "by_rule_fen": _fen(items), "waiting_for_person": len(waiting), "waiting_fen": _fen(waiting)}
    return StageReport(STAGE, None, counts)


def open_batch_view(job: Job, department_code: str) -> BatchView | None:
    """The department's oldest batch with items that wait for a person, as its approver reads it; None when there is none."""
    with job.ledger.connect() as connection:
        for batch in approvals.batches(connection, county_code=job.county_code):
            if batch["department_code"] != department_code:
                continue
            view = batch_view(batch, approvals.items_of(connection, batch["approval_batch_id"]), pack=job.pack)
            if view.items:
                return view
    return None


def record_replies(job: Job, batch_id: str, reply: Mapping[str, str]) -> StageReport:
    """Record a department's reply {chosen, refusals, returns, agrees, department_code, asks_for, decided_by, decided_at} to a
    batch, whole or not at all.

    MianshenError DECISION_INVALID names what cannot be read or an item that the batch does not leave to the department;
    DECISION_RECORDED names who decided before, and when; MAKER_IS_CHECKER when the batch's maker replies. The same reply again
    changes nothing.
    """
    where = f"approval_batch {batch_id}"
    answer = reply_from(reply, where=where)
    rulings = read_reply(answer, where=where)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        batch = approvals.batch_of(connection, batch_id, county_code=job.county_code)
        if answer.decided_by == batch["maker"]:
            raise MianshenError("MAKER_IS_CHECKER", found=answer.decided_by, where=where)
        holder = answer.department_code or batch["department_code"]
        rows = answered(approvals.items_of(connection, batch_id), rulings, answer, holder=holder, where=where)
        news = _decide(job, connection, rows).news
        rows = [row for row in rows if row.case_id in news]
        if rows:
            audit.append(connection, _reply_entries(batch_id, answer, rows), at=_moment(answer), actor=answer.decided_by)
        _close_clocks(job, connection)
    outcomes = [row.act.outcome_code for row in rows]
    counts = {"recorded": len(rows), **{one.value: outcomes.count(one.value) for one in Outcome}}
    return StageReport(STAGE, None, counts)


def make_sheet(job: Job, batch_id: str, *, holder: str | None = None) -> bytes:
    """The workbook of the batch's items that wait for the department (its own, when none is named); equal state, equal bytes.

    MianshenError ITEM_NOT_OPEN when there is no such batch or nothing in it waits for that department.
    """
    with job.ledger.connect() as connection:
        batch = approvals.batch_of(connection, batch_id, county_code=job.county_code)
        department = holder or batch["department_code"]
        rows = [row for row in approvals.items_of(connection, batch_id) if row["outcome"] is None and waits_for(row, department)]
    if not rows:
        raise MianshenError("ITEM_NOT_OPEN", found=batch_id, where=f"approval_batch, {department}")
    about = SheetBatch(batch, department, datetime.fromisoformat(batch["opened_at"]))
    return decision_sheet(about, [item_view(row) for row in rows], pack=job.pack)


def take_sheet(job: Job, content: bytes, *, by: str, where: str) -> StageReport:
    """Record what a sheet that came back says, whole or not at all, at the job's moment; the same again changes nothing.

    MianshenError SHEET_UNREADABLE, SHEET_FOREIGN, SHEET_CHANGED or SHEET_INVALID says what is wrong, with every cell and its
    remedy; else as `record_replies`.
    """
    page = open_sheet(content, title=SHEET, where=where)
    batch_id = page[BATCH]
    with job.ledger.connect() as connection:
        known = {row["approval_batch_id"]: row for row in approvals.batches(connection, county_code=job.county_code)}
        if batch_id not in known or page[HOLDER] not in {one.code for one in job.pack.departments}:
            raise MianshenError("SHEET_FOREIGN", found=batch_id[:40] or "?", where=where)
        items = [item_view(row) for row in approvals.items_of(connection, batch_id) if row["route"] == "person"]
    categories = {one.code: one.name_zh for one in job.pack.plan.categories}
    check_page(page, known[batch_id], items, categories, where=where)
    return record_replies(job, batch_id, reply_of(page, by=by, at=job.moment, where=where))


def turn_items(job: Job, batch_id: str, numbers: Sequence[int], wanted: Turn) -> StageReport:
    """Delegate, pause or resume these items of a batch, all of them or none; the audit chain keeps who did it and why.

    To resume an item that was sent back says that its papers have come: it waits for the department again.

    MianshenError DECISION_INVALID names a number that the batch has not; STEP_NOT_YOURS, STEP_PAUSED, PAUSE_UNKNOWN or
    STEP_NOT_OPEN says what cannot be.
    """
    where = f"approval_batch {batch_id}"
    if wanted.happening is Happening.DELEGATED and wanted.to_department not in {one.code for one in job.pack.departments}:
        raise MianshenError("STEP_NOT_YOURS", found=wanted.to_department or "?", where="departments.yaml")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        batch = approvals.batch_of(connection, batch_id, county_code=job.county_code)
        items = {row["item_no"]: row for row in approvals.items_of(connection, batch_id)}
        for number in numbers:
            if number not in items:
                raise MianshenError("DECISION_INVALID", found=f"{number}:批次中没有 not in the batch", where=where)
        found = _move(job, connection, [(items[one]["application_id"], turn_act(items[one], wanted)) for one in numbers])
        if found.news:
            said = {"items": list(numbers), "happening": wanted.happening.value, "reason_code": wanted.reason_code}
            detail = {**said, "to_department": wanted.to_department, **case_moves.digest_of(found.news)}
            audit.append(
                connection, [Entry("approval.turned", batch["approval_batch_id"], detail)], at=job.moment, actor=wanted.by
            )
        _close_clocks(job, connection)
    return StageReport(STAGE, None, {"turned": len(found.news), "stood": len(found.stood)})


def export_decisions(job: Job, path: Path) -> int:
    """Write every reply of the county's departments to a file, one JSON object a line, as they came; returns how many."""
    with job.ledger.connect() as connection:
        own = {batch["approval_batch_id"] for batch in approvals.batches(connection, county_code=job.county_code)}
        rows = [row for row in audit.rows_of(connection) if row["action"] == REPLY and row["subject"] in own]
    lines = [json.dumps({"batch_id": row["subject"], **json.loads(row["detail"])["reply"]}, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def replay_decisions(job: Job, path: Path) -> StageReport:
    """Record the replies of an exported file that are addressed to this ledger's batches; the others are counted as unknown."""
    with job.ledger.connect() as connection:
        known = {batch["approval_batch_id"] for batch in approvals.batches(connection, county_code=job.county_code)}
    counts = {"replies": 0, "unknown": 0, "recorded": 0}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        reply = _logged(line, where=f"{path.name}:{number}")
        if reply["batch_id"] not in known:
            counts["unknown"] += 1
            continue
        counts["replies"] += 1
        counts["recorded"] += record_replies(job, reply["batch_id"], reply).counts["recorded"]
    return StageReport(STAGE, None, counts)


def _logged(line: str, *, where: str) -> dict[str, str]:
    try:
        reply = json.loads(line)
    except ValueError as cause:
        raise MianshenError("DECISION_INVALID", found="JSON ?", where=where) from cause
    if not isinstance(reply, dict) or not isinstance(reply.get("batch_id"), str):
        raise MianshenError("DECISION_INVALID", found="batch_id = ?", where=where)
    return reply


def _decide(job: Job, connection: Connection, rows: Sequence[Decided]) -> Moved:
    """Move the cases, all of them or none: MianshenError of the first that cannot be."""
    return _move(job, connection, [(row.case_id, row.act) for row in rows])


def _move(job: Job, connection: Connection, acts: Sequence[tuple[str, Act]]) -> Moved:
    found = case_moves.move(connection, job.pack, acts)
    if found.refused:
        raise found.refused[0].error
    return found


def _rule_entries(items: Sequence[Row], rows: Sequence[Decided]) -> list[Entry]:
    batches: dict[str, list[Decided]] = {}
    for item, row in zip(items, rows, strict=True):
        batches.setdefault(item["approval_batch_id"], []).append(row)
    return [Entry("decision.rule", batch, _digest_of(own)) for batch, own in sorted(batches.items())]


def _reply_entries(batch_id: str, answer: Reply, rows: Sequence[Decided]) -> list[Entry]:
    reply = {
        "chosen": answer.chosen,
        "refusals": answer.refusals,
        "returns": answer.returns,
        "decided_by": answer.decided_by,
        "decided_at": _moment(answer),
        **{name: said for name in ("agrees", "department_code", "sheet_sha256", "asks_for") if (said := getattr(answer, name))},
    }
    return [Entry(REPLY, batch_id, {"reply": reply, **_digest_of(rows)})]


def _digest_of(rows: Sequence[Decided]) -> dict[str, Any]:
    lines = [[row.item_id, row.act.outcome_code, row.act.reason_code, row.act.how] for row in rows]
    return {"items": len(lines), "content_sha256": sha256_hex(canonical_json(sorted(lines)))}


def _close_clocks(job: Job, connection: Connection) -> None:
    """End the clocks of batches that are wholly decided, and of applications on which nothing will be paid."""
    departments = {
        row["approval_batch_id"]: row["department_code"] for row in approvals.batches(connection, county_code=job.county_code)
    }
    decided = approvals.done_with(connection, county_code=job.county_code)
    clocks = [clock_id(Subject(job.county_code, "batch", one, departments[one]), "approve_relief") for one in decided]
    record_events(connection, clocks, event="closed", at=job.as_of)
    close_paid(connection, job.pack)


def _moment(answer: Reply) -> str:
    return local(answer.decided_at).isoformat(timespec="seconds")


def _fen(items: Sequence[Row]) -> int:
    return sum(item["amount_fen"] for item in items)
