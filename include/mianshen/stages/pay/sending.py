"""Sending: the file of an approved batch is put into the outbox, then the batch is marked as sent, unless somebody stopped it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mianshen.core.bank import BankField, BankProfile
from mianshen.core.shares import RELATIONS_ZH, RelationKind
from mianshen.documents.bank_lines import BankBatch, Pay, refusal
from mianshen.documents.bank_put import Put, file_stem, leaving_files, put_files
from mianshen.policy.packs import load_bank_profile
from mianshen.stages.frame import Job
from mianshen.stages.pay.till import Row, Till, lookup_entry
from mianshen.warehouse import audit, funds, payments, stops
from mianshen.warehouse.audit import Entry


def send(till: Till) -> dict[str, int]:
    """Write the file of every approved batch into the outbox, then mark it as sent; one that is stopped, or
    whose use of funds is not signed, waits. Counts by name.

    One batch, one transaction: a second run that sends at the same time waits, and then finds the batch sent.
    """
    job = till.job
    with job.ledger.connect() as connection:
        waiting = payments.batches_in(connection, county_code=job.county_code, states=("approved",))
    counts = {"sent": 0, "sent_payments": 0, "sent_fen": 0, "manual_payments": 0, "manual_fen": 0, "stopped": 0, "unsigned": 0}
    for batch in waiting:
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            if not payments.stands_in(connection, batch["payment_batch_id"], state="approved"):
                continue
            if stops.stop_on(connection, batch["payment_batch_id"], county_code=job.county_code) is not None:
                counts["stopped"] += 1
                continue
            if funds.unsigned(connection, batch["payment_batch_id"]):
                counts["unsigned"] += 1
                continue
            profile = _profile(job, batch["bank_profile"])
            lines = payments.lines_of(connection, batch["payment_batch_id"])
            leaving = _opened(till, connection, batch, profile=profile, lines=lines)
            put = _put_files(job, batch, profile, leaving)
            _mark_sent(job, connection, batch, leaving, put)
        counts["sent"] += 1
        counts["sent_payments"] += put.count
        counts["sent_fen"] += put.amount_fen
        counts["manual_payments"] += len(leaving.by_hand)
        counts["manual_fen"] += leaving.by_hand_fen
    return counts


def _profile(job: Job, code: str) -> BankProfile:
    """The profile that the batch was drafted for, whatever the pack names today."""
    return job.pack.bank if job.pack.bank.code == code else load_bank_profile(code)


def _facts(batch: Row) -> BankBatch:
    return BankBatch(
        batch_id=batch["payment_batch_id"],
        county_code=batch["county_code"],
        month=batch["month"],
        made_at=datetime.fromisoformat(batch["created_at"]),
        purpose=f"医疗救助{batch['month']}",
    )


@dataclass(frozen=True, slots=True, repr=False)
class Leaving:
    """A batch's payments, opened."""

    by_bank: list[Pay]
    """Those that the bank file carries."""
    by_hand: list[tuple[Pay, str]]
    """Those paid by hand, with their reason codes."""

    @property
    def by_hand_fen(self) -> int:
        """What is paid by hand."""
        return sum(one.amount_fen for one, _ in self.by_hand)


def _opened(till: Till, connection: Connection, batch: Row, *, profile: BankProfile, lines: Sequence[Row]) -> Leaving:
    rows = payments.payments_of(connection, batch["payment_batch_id"])
    has_certno = profile.names(BankField.CERTNO)
    payees = [row["payee_key"] for row in rows]
    people = till.open(payees, connection, fields=(*(("certno",) if has_certno else ()), "name", "account"))
    behind = _behind(till, connection, profile, lines)
    facts, by_bank, by_hand = _facts(batch), [], []
    for row in rows:
        person = people[row["payee_key"]]
        account = {one.account_key: one.account for one in person.accounts}.get(row["account_key"] or "", "")
        certno = (person.certno or "") if has_certno else ""
        whose = behind.get(row["payment_id"], ("", ""))
        one = Pay(row["sequence_no"], row["payment_id"], account, person.name or "", row["amount_fen"], certno, *whose)
        reason = row["reason_code"] if row["state"] == "manual" else refusal(profile, one, facts)
        if reason:
            by_hand.append((one, reason))
        else:
            by_bank.append(one)
    return Leaving(by_bank, by_hand)


def _behind(till: Till, connection: Connection, profile: BankProfile, lines: Sequence[Row]) -> dict[str, tuple[str, str]]:
    """Beneficiary and relation by payment, of payees who are not the beneficiary, where the bank's file has columns for them."""
    if not (profile.names(BankField.BENEFICIARY) or profile.names(BankField.RELATION)):
        return {}
    others: dict[str, list[Row]] = {}
    for line in lines:
        if line["relation_id"] is not None:
            others.setdefault(line["payment_id"], []).append(line)
    behind = sorted({one["person_key"] for own in others.values() for one in own})
    people = till.open(behind, connection, fields=("name",)) if behind else {}
    found = {}
    for payment_id, own in others.items():
        keys = sorted({one["person_key"] for one in own})
        first = people[keys[0]].name or ""
        name = first if len(keys) == 1 else f"{first}等{len(keys)}人"
        kinds = sorted({RELATIONS_ZH[RelationKind(one["relation_kind"])] for one in own})
        found[payment_id] = (name, "、".join(kinds))
    return found


def _put_files(job: Job, batch: Row, profile: BankProfile, leaving: Leaving) -> Put:
    frozen = ("payment_batch_id", "county_code", "month", "bank_profile", "audit_head", "audit_count")
    files = leaving_files(
        profile,
        leaving.by_bank,
        leaving.by_hand,
        batch=_facts(batch),
        stem=file_stem(batch),
        frozen={name: batch[name] for name in frozen},
    )
    return put_files(job.home.outbox(job.pack.name), files)


def _mark_sent(job: Job, connection: Connection, batch: Row, leaving: Leaving, put: Put) -> None:
    batch_id = batch["payment_batch_id"]
    payments.make_manual(connection, batch_id, {one.payment_id: reason for one, reason in leaving.by_hand})
    payments.mark_sent(connection, batch_id, file_name=put.name, file_sha256=put.sha256, at=job.moment)
    opened = [one.payment_id for one in leaving.by_bank] + [one.payment_id for one, _ in leaving.by_hand]
    detail = {"payments": put.count, "amount_fen": put.amount_fen, "file_sha256": put.sha256}
    entries = [lookup_entry(batch_id, opened), Entry("payment_batch.sent", batch_id, detail)]
    audit.append(connection, entries, at=job.moment, actor=job.actor)
