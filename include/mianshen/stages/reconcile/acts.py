"""What a clerk does to payments after they left: pay again, recall, note a payment by hand, cancel a batch, clear suspense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.redaction import redact
from mianshen.documents.bank_put import file_stem
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, bank_loop, payments, suspense
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.paid_out import close_paid

Row = dict[str, Any]
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


def reissue(job: Job, payment_id: str, *, keeps_account: bool) -> None:
    """Claim a returned payment to be paid again with the next batch; MianshenError PAYMENT_STEP when it does not stand returned.

    `keeps_account`: the account was found to be right and is paid to again; otherwise another own account is needed.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        own = {row["payment_id"] for row in bank_loop.returned(connection, county_code=job.county_code)}
        won = payment_id in own and bank_loop.claim(
            connection, payment_id, reason_code="RETURNED", keeps_account=keeps_account, by=job.actor, at=job.moment
        )
        if not won:
            raise MianshenError("PAYMENT_STEP", found=payment_id, where="payment.state = returned")
        _tell(job, connection, "payment.reissued", payment_id, {"keeps_account": keeps_account})


def record_by_hand(job: Job, payment_id: str, *, outcome: str, happened_on: date, paper_sha256: str) -> None:
    """A clerk `paid` a payment that the bank file could not carry, or it came back to him (`returned`), by this paper's hash.

    MianshenError PAYMENT_STEP when no such payment waits, PAPER_HASH for what is no SHA-256.
    """
    _require_hash(paper_sha256, "payment_by_hand")
    values = {
        "payment_id": payment_id,
        "outcome": outcome,
        "happened_on": happened_on.isoformat(),
        "paper_sha256": paper_sha256,
        "recorded_by": job.actor,
        "recorded_at": job.moment,
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        bank_loop.record_by_hand(connection, values, county_code=job.county_code)
        _tell(job, connection, f"payment.{outcome}_by_hand", payment_id, {"paper_sha256": paper_sha256})
        close_paid(connection, job.pack)


def ask_recall(job: Job, batch_id: str, *, reason: str) -> int:
    """Note that the bank was asked to give a sent file back; returns how many payments of it are open. They stay sent."""
    if not reason.strip():
        raise MianshenError("CASE_REASON", found="reason = ?", where="payment_recall")
    values = {"payment_batch_id": batch_id, "reason": redact(reason), "asked_by": job.actor, "asked_at": job.moment}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        count = bank_loop.ask_recall(connection, values, county_code=job.county_code)
        _tell(job, connection, "payment_batch.recall_asked", batch_id, {"payments": count})
    return count


def answer_recall(job: Job, batch_id: str, *, outcome: str, paper_sha256: str) -> Row:
    """Record the bank's written answer, `recalled` or `refused`; what it gave back is cancelled and payable again."""
    _require_hash(paper_sha256, "payment_recall_answer")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        found = bank_loop.answer_recall(
            connection, batch_id, outcome=outcome, paper_sha256=paper_sha256, by=job.actor, at=job.moment
        )
        _tell(job, connection, f"payment_batch.{outcome}", batch_id, {**found, "paper_sha256": paper_sha256})
    return found


def cancel_batch(job: Job, batch_id: str) -> Row:
    """Cancel a batch that was not sent; its postings go into the next one.

    MianshenError PAYMENT_STEP when it was sent; PAYMENT_FILE_STANDS when its file lies in the outbox already, where the bank may
    have taken it: then it is sent first and recalled.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        waiting = payments.batches_in(connection, county_code=job.county_code, states=("drafted", "approved"))
        batch = {row["payment_batch_id"]: row for row in waiting}.get(batch_id)
        if batch is None:
            raise MianshenError("PAYMENT_STEP", found=batch_id, where="payment_batch.state = drafted, approved")
        lying = sorted(path.name for path in job.home.outbox(job.pack.name).glob(f"{file_stem(batch)}*"))
        if lying:
            raise MianshenError("PAYMENT_FILE_STANDS", found=lying[0], where="outbox")
        found = bank_loop.cancel_batch(connection, batch_id, county_code=job.county_code)
        _tell(job, connection, "payment_batch.cancelled", batch_id, found)
    return found


def record_suspense(job: Job, *, amount_fen: int, paper_sha256: str) -> str:
    """Money came back that a bank's paper tells of and no return; returns its id. The same paper and amount stand once."""
    _require_hash(paper_sha256, "suspense")
    suspense_id = short_id("U", paper_sha256, amount_fen)
    row = {
        "suspense_id": suspense_id,
        "county_code": job.county_code,
        "amount_fen": amount_fen,
        "reason_code": "INSTRUCTION_UNKNOWN",
        "paper_sha256": paper_sha256,
        "recorded_by": job.actor,
        "recorded_at": job.moment,
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if suspense.record(connection, row):
            _tell(job, connection, "suspense.recorded", suspense_id, {"amount_fen": amount_fen})
    return suspense_id


def clear_suspense(job: Job, suspense_id: str, *, payment_id: str | None, paper_sha256: str) -> Row:
    """Lay money in suspense to the paid payment that it came back from, or to nobody (sent back to its sender); returns it."""
    _require_hash(paper_sha256, "suspense_clearing")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        found = suspense.clear(
            connection,
            suspense_id,
            county_code=job.county_code,
            payment_id=payment_id,
            paper_sha256=paper_sha256,
            by=job.actor,
            at=job.moment,
        )
        _tell(job, connection, "suspense.cleared", suspense_id, {"payment_id": payment_id, "paper_sha256": paper_sha256})
    return found


def _require_hash(written: str, where: str) -> None:
    if not _SHA256.match(written):
        raise MianshenError("PAPER_HASH", found="SHA-256 ?", where=where)


def _tell(job: Job, connection: Connection, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    audit.append(connection, [Entry(action, subject, detail)], at=job.moment, actor=job.actor)
