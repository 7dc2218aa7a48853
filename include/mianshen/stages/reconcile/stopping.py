"""一键停发 and its end: a named person stops a batch, a fund or the county, another one resumes; both are in the audit chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.redaction import redact
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, payments, stops
from mianshen.warehouse.audit import Entry

Row = dict[str, Any]


def stop(job: Job, *, scope: str, subject_id: str, reason: str) -> Row:
    """Stop a `batch`, a `fund` or the `county` from now on; returns the stop, with the one that stands when there is one.

    Nothing is sent while it stands: the database refuses it. The people touched are listed with it. MianshenError STOP_SUBJECT
    when there is no such batch that waits or no such fund, CASE_REASON without a reason.
    """
    if not reason.strip():
        raise MianshenError("CASE_REASON", found="reason = ?", where="payment_stop")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        _require_subject(job, connection, scope, subject_id)
        now = stops.standing(connection, county_code=job.county_code)
        known = [row for row in now if (row["scope"], row["subject_id"]) == (scope, subject_id)]
        return known[0] if known else put_stop(job, connection, scope=scope, subject_id=subject_id, reason=reason, by=job.actor)


def resume(job: Job, stop_id: str, *, reason: str) -> Row:
    """End a stop; returns it. MianshenError STOP_UNKNOWN when it does not stand, MAKER_IS_CHECKER for who put it, CASE_REASON."""
    if not reason.strip():
        raise MianshenError("CASE_REASON", found="reason = ?", where="payment_resume")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        found = stops.write_resume(
            connection, stop_id, county_code=job.county_code, by=job.actor, reason=redact(reason), at=job.moment
        )
        detail = {"scope": found["scope"], "subject_id": found["subject_id"], "reason": redact(reason)}
        audit.append(connection, [Entry("payment.resumed", stop_id, detail)], at=job.moment, actor=job.actor)
    return found


def put_stop(job: Job, connection: Connection, *, scope: str, subject_id: str, reason: str, by: str) -> Row:
    """Write the stop with the people that it touches, and its audit row, in this transaction; returns the stop."""
    people = stops.touched(connection, county_code=job.county_code, scope=scope, subject_id=subject_id)
    said = redact(reason)
    row = {
        "stop_id": short_id("S", job.county_code, scope, subject_id, by, job.moment),
        "county_code": job.county_code,
        "scope": scope,
        "subject_id": subject_id,
        "reason": said,
        "stopped_by": by,
        "stopped_at": job.moment,
    }
    stops.write_stop(connection, row, people)
    totals = {"persons": len(people), "amount_fen": sum(people.values())}
    detail = {"scope": scope, "subject_id": subject_id, "reason": said, **totals}
    audit.append(connection, [Entry("payment.stopped", row["stop_id"], detail)], at=job.moment, actor=by)
    return {**row, **totals}


def _require_subject(job: Job, connection: Connection, scope: str, subject_id: str) -> None:
    waiting = payments.batches_in(connection, county_code=job.county_code, states=stops.UNSENT)
    known = {
        "batch": {row["payment_batch_id"] for row in waiting},
        "fund": {one.code for one in job.pack.funds},
        "county": {job.county_code},
    }
    if subject_id not in known.get(scope, set()):
        raise MianshenError("STOP_SUBJECT", found=f"{scope} {subject_id}", where="payment_batch, funds.yaml")
