"""approve: the rule decides what is clear, departments decide the rest; the first recorded decision on an item wins.

A department answers a whole batch at once (同意 / 退回补正 / 不予救助), naming the items that fare otherwise. A reply is judged
as a whole before anything is written. What a department wrote goes into the audit chain word for word: it can be replayed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mianshen.core.days import local
from mianshen.core.decisions import Outcome, Reply, Ruling, Rulings, read_reply, reply_from
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.routing import BY_RULE
from mianshen.documents.approval_view import BatchView, batch_view
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import approvals, audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.clock_store import Subject, clock_id, record_events

STAGE = "approve"
RULE = "rule"
"""Who decides by rule."""
REPLY = "reply.recorded"
"""Action of the audit row that keeps a department's reply."""
_PAYER = "medical_security"

Row = Mapping[str, Any]


def run(job: Job) -> StageReport:
    """Decide every waiting item on the rule's route, by batch; a second run decides nothing."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        items = approvals.undecided(connection, county_code=job.county_code, route="rule")
        rows = [
            _decision(item, Ruling(Outcome.AGREE, BY_RULE, is_named=False), by=RULE, at=job.moment, how="rule") for item in items
        ]
        approvals.write_decisions(connection, rows)
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
    """Record a department's reply {chosen, refusals, returns, decided_by, decided_at} to one batch, whole or not at all.

    MianshenError DECISION_INVALID names what cannot be read or an item that the batch does not leave to a person;
    DECISION_RECORDED names who decided before, and when; MAKER_IS_CHECKER when the batch's maker replies. The same reply again
    changes nothing.
    """
    where = f"approval_batch {batch_id}"
    answer = reply_from(reply, where=where)
    rulings = read_reply(answer, where=where)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        items = _items_for_person(job, connection, batch_id, answer)
        rows = _decisions(items, rulings, answer, where)
        if rows:
            approvals.write_decisions(connection, rows)
            audit.append(connection, _reply_entries(batch_id, answer, rows), at=_moment(answer), actor=answer.decided_by)
        _close_clocks(job, connection)
    outcomes = [row["outcome"] for row in rows]
    counts = {"recorded": len(rows), **{one.value: outcomes.count(one.value) for one in Outcome}}
    return StageReport(STAGE, None, counts)


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


def _items_for_person(job: Job, connection: Connection, batch_id: str, answer: Reply) -> Sequence[Row]:
    batch = {row["approval_batch_id"]: row for row in approvals.batches(connection, county_code=job.county_code)}.get(batch_id)
    if batch is None:
        raise MianshenError("ITEM_NOT_OPEN", found=batch_id, where="approval_batch")
    if answer.decided_by == batch["maker"]:
        raise MianshenError("MAKER_IS_CHECKER", found=answer.decided_by, where=f"approval_batch {batch_id}")
    return [dict(row) for row in approvals.items_of(connection, batch_id)]


def _decisions(items: Sequence[Row], rulings: Rulings, answer: Reply, where: str) -> list[dict[str, str]]:
    """Rows to write; empty when the same reply stands already."""
    by_number = {item["item_no"]: item for item in items if item["route"] == "person"}
    for number in sorted(rulings.named.keys() - by_number.keys()):
        wrong = "由规则审核 decided by rule" if number in {item["item_no"] for item in items} else "批次中没有 not in the batch"
        raise MianshenError("DECISION_INVALID", found=f"{number}:{wrong}", where=where)
    rows = []
    is_known = False
    for _, item in sorted(by_number.items()):
        row = _ruled(item, rulings, answer)
        is_known = is_known or _is_same(item, row)
        if item["outcome"] is None:
            rows.append(row)
        elif row["how"] == "person" and not _is_same(item, row):
            raise _recorded(item, where)
    if by_number and not rows and not is_known:
        raise _recorded(min(by_number.items())[1], where)
    return rows


def _ruled(item: Row, rulings: Rulings, answer: Reply) -> dict[str, str]:
    ruling = rulings.named.get(item["item_no"], rulings.others)
    return _decision(item, ruling, by=answer.decided_by, at=_moment(answer), how="person" if ruling.is_named else "bulk")


def _decision(item: Row, ruling: Ruling, *, by: str, at: str, how: str) -> dict[str, str]:
    return approvals.decision_row(
        item["approval_item_id"],
        outcome=ruling.outcome.value,
        reason_code=ruling.reason_code,
        decided_by=by,
        decided_at=at,
        how=how,
    )


def _is_same(item: Row, row: Row) -> bool:
    return all(item[name] == row[name] for name in ("outcome", "reason_code", "decided_by", "decided_at"))


def _recorded(item: Row, where: str) -> MianshenError:
    found = f"{item['item_no']}:{Outcome(item['outcome']).name_zh} {item['decided_by']} {item['decided_at']}"
    return MianshenError("DECISION_RECORDED", found=found, where=where)


def _rule_entries(items: Sequence[Row], rows: Sequence[Row]) -> list[Entry]:
    batches: dict[str, list[Row]] = {}
    for item, row in zip(items, rows, strict=True):
        batches.setdefault(item["approval_batch_id"], []).append(row)
    return [Entry("decision.rule", batch, _digest_of(own)) for batch, own in sorted(batches.items())]


def _reply_entries(batch_id: str, answer: Reply, rows: Sequence[Row]) -> list[Entry]:
    reply = {
        "chosen": answer.chosen,
        "refusals": answer.refusals,
        "returns": answer.returns,
        "decided_by": answer.decided_by,
        "decided_at": _moment(answer),
    }
    return [Entry(REPLY, batch_id, {"reply": reply, **_digest_of(rows)})]


def _digest_of(rows: Sequence[Row]) -> dict[str, Any]:
    lines = [[row["approval_item_id"], row["outcome"], row["reason_code"], row["how"]] for row in rows]
    return {"items": len(lines), "content_sha256": sha256_hex(canonical_json(sorted(lines)))}


def _close_clocks(job: Job, connection: Connection) -> None:
    """End the clocks of batches that are wholly decided, and of applications on which nothing will be paid."""
    departments = {
        row["approval_batch_id"]: row["department_code"] for row in approvals.batches(connection, county_code=job.county_code)
    }
    decided = approvals.wholly_decided(connection, county_code=job.county_code)
    refused = approvals.wholly_refused(connection, county_code=job.county_code)
    clocks = [clock_id(Subject(job.county_code, "batch", one, departments[one]), "approve_relief") for one in decided]
    clocks += [clock_id(Subject(job.county_code, "application", one, _PAYER), "pay_relief") for one in refused]
    record_events(connection, clocks, event="closed", at=job.as_of)


def _moment(answer: Reply) -> str:
    return local(answer.decided_at).isoformat(timespec="seconds")


def _fen(items: Sequence[Row]) -> int:
    return sum(item["amount_fen"] for item in items)
