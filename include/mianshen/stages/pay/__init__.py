"""pay: agreed money that was not paid yet, netted per person, leaves in the bank files of a batch.

drafted -> approved (by a second login) -> sent (only after the same bytes lie in the outbox). Every step is one ledger
transaction and may be repeated: a run that was killed anywhere is finished by the next one, and nothing is paid twice.
What came back is claimed first, where a better account is known. The account is plain only inside the bank files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mianshen.core.errors import MianshenError
from mianshen.stages.frame import Job, StageReport, read_settings
from mianshen.stages.pay.drafting import draft
from mianshen.stages.pay.reissuing import reissue
from mianshen.stages.pay.sending import send
from mianshen.stages.pay.till import Till
from mianshen.warehouse import audit, funds, payments
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.paid_out import close_paid

__all__ = ["STAGE", "Till", "approve", "draft", "reissue", "run", "send", "sign"]

STAGE = "pay"
CHECKER = "finance_checker"
"""Login that approves payment batches when settings.json names no `payment_checker`; never the maker."""


def run(job: Job) -> StageReport:
    """Draft what is payable, let the checker approve, send; then the same again would find nothing to do."""
    till = Till(job)
    try:
        again = reissue(till)
        drafted = draft(till)
        checker = str(read_settings(job.home).get("payment_checker") or CHECKER)
        approved = approve(job, checker=checker)
        signed = sign(job)
        sent = send(till)
    finally:
        till.vault.dispose()
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        paid_out = close_paid(connection, job.pack)
    return StageReport(STAGE, None, {**again, **drafted, "approved": approved, **signed, **sent, "paid_out": paid_out})


def approve(job: Job, *, checker: str) -> int:
    """Approve every drafted batch as the checker; returns how many. MianshenError MAKER_IS_CHECKER when he made it."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        batches = payments.batches_in(connection, county_code=job.county_code, states=("drafted",))
        for batch in batches:
            payments.approve_batch(connection, batch["payment_batch_id"], checker=checker, at=job.moment)
            detail = {"amount_fen": batch["amount_fen"], "content_sha256": batch["content_sha256"]}
            entry = Entry("payment_batch.approved", batch["payment_batch_id"], detail)
            audit.append(connection, [entry, *_asked(job, connection, batch)], at=job.moment, actor=checker)
    return len(batches)


def sign(job: Job) -> dict[str, int]:
    """Finance's standing order: what approved batches ask of the funds is signed where every balance covers it.

    Counts by name: batches `signed`, and batches `fund_short` that wait for money. Without a signer in the settings nothing is
    signed here. MianshenError MAKER_IS_CHECKER when the signer is who asked.
    """
    counts = {"signed": 0, "fund_short": 0}
    if not (job.keeps_funds and job.funds_signer):
        return counts
    with job.ledger.connect() as connection:
        waiting = funds.waiting_for_batches(connection, county_code=job.county_code)
    for acts in waiting.values():
        try:
            with job.ledger.begin() as connection:
                audit.lock_money(connection)
                _sign(job, connection, acts)
            counts["signed"] += 1
        except MianshenError as error:
            if error.code != "FUND_SHORT":
                raise
            counts["fund_short"] += 1
    return counts


def _sign(job: Job, connection: Connection, acts: Sequence[str]) -> None:
    said = {"outcome": "agreed", "reason": "", "by": job.funds_signer, "at": job.moment}
    for act_id in acts:
        act = funds.check(connection, act_id, county_code=job.county_code, **said)
        detail = {name: act[name] for name in ("kind", "fund_code", "amount_fen", "payment_batch_id")}
        audit.append(connection, [Entry("fund.agreed", act_id, detail)], at=job.moment, actor=job.funds_signer)


def _asked(job: Job, connection: Connection, batch: Mapping[str, Any]) -> list[Entry]:
    """用款申请 of a batch from every fund that is kept here, for finance to sign; nothing where balances are kept elsewhere."""
    if not job.keeps_funds:
        return []
    asked = funds.ask_for_batch(connection, batch, by=job.actor, at=job.moment)
    return [Entry("fund.asked", act_id, {"payment_batch_id": batch["payment_batch_id"]}) for act_id in asked]
