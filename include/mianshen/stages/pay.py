"""pay: agreed money that was not paid yet, netted per person, leaves in the bank files of a batch.

drafted -> approved (by a second login) -> sent (only after the same bytes lie in the outbox). Every step is one ledger
transaction and may be repeated: a run that was killed anywhere is finished by the next one, and nothing is paid twice.
The account is plain only inside the bank files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine

from mianshen.core.bank import BankField, BankProfile
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.documents.bank_lines import BankBatch, Pay, refusal
from mianshen.documents.bank_put import Put, file_stem, leaving_files, put_files
from mianshen.policy.packs import load_bank_profile
from mianshen.stages.frame import Job, StageReport, read_settings
from mianshen.vault.accounts import shared_accounts
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.warehouse import audit, deaths, payments
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.payment_draft import Payee, make_draft, netted

STAGE = "pay"
CHECKER = "finance_checker"
"""Login that approves payment batches when settings.json names no `payment_checker`; never the maker."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Till:
    """The job with the vault open beside it."""

    job: Job
    """What is worked on."""

    @cached_property
    def vault(self) -> Engine:
        """The vault's database."""
        return open_database(self.job.vault_url)

    @cached_property
    def register(self) -> Register:
        """The register of persons."""
        return Register(self.vault, open_keyring(self.job.home.keyring))

    def open(self, payees: Sequence[str], *, fields: tuple[str, ...] = ("name", "account")) -> dict[str, Person]:
        """These fields of the payees, names and accounts at least; the vault logs the look-up."""
        return self.register.open_persons(
            payees,
            fields=fields,
            purpose=f"payment {self.job.month}",
            recipient=f"bank {self.job.pack.bank.code}",
            actor=self.job.actor,
            at=self.job.as_of,
        )


def run(job: Job) -> StageReport:
    """Draft what is payable, let the checker approve, send; then the same again would find nothing to do."""
    till = Till(job)
    try:
        drafted = draft(till)
        checker = str(read_settings(job.home).get("payment_checker") or CHECKER)
        approved = approve(job, checker=checker)
        sent = send(till)
    finally:
        till.vault.dispose()
    return StageReport(STAGE, None, {**drafted, "approved": approved, **sent})


def draft(till: Till) -> dict[str, int]:
    """Draft one batch of everything payable; holds say why the rest stays. Counts by name."""
    job = till.job
    gone = deaths.dead(job.lake, county_code=job.county_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        nets = netted(payments.payable(connection, county_code=job.county_code))
        waiting = payments.waiting_for_departments(connection, county_code=job.county_code, at=job.moment)
        holds = {(one.payee_key, "NET_NOT_POSITIVE"): one.amount_fen for one in nets if one.amount_fen < 0}
        holds |= {
            (one.payee_key, "DEPARTMENT_WAITING"): one.amount_fen
            for one in nets
            if one.amount_fen > 0 and one.payee_key in waiting
        }
        due = [one for one in nets if one.amount_fen > 0 and one.payee_key not in waiting]
        living = [one for one in due if one.payee_key not in gone]
        judged = [_with_account(job, one, person, shared) for one, person, shared in _opened_payees(till, living)]
        holds |= {(one.payee_key, "PAYEE_DEAD"): one.amount_fen for one in due if one.payee_key in gone}
        holds |= {(one.payee_key, one.held_for): one.amount_fen for one in judged if one.held_for}
        paid = [one for one in judged if not one.held_for]
        payments.set_holds(connection, holds, county_code=job.county_code, at=job.moment)
        if paid:
            _write_draft(job, connection, paid)
    held = sum(fen for fen in holds.values() if fen > 0)
    return {"drafted": len(paid), "drafted_fen": sum(one.amount_fen for one in paid), "held": len(holds), "held_fen": held}


def approve(job: Job, *, checker: str) -> int:
    """Approve every drafted batch as the checker; returns how many. MianshenError MAKER_IS_CHECKER when he made it."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        batches = payments.batches_in(connection, county_code=job.county_code, states=("drafted",))
        for batch in batches:
            payments.approve_batch(connection, batch["payment_batch_id"], checker=checker, at=job.moment)
            detail = {"amount_fen": batch["amount_fen"], "content_sha256": batch["content_sha256"]}
            entry = Entry("payment_batch.approved", batch["payment_batch_id"], detail)
            audit.append(connection, [entry], at=job.moment, actor=checker)
    return len(batches)


def send(till: Till) -> dict[str, int]:
    """Write the file of every approved batch into the outbox, then mark it as sent. Counts by name.

    One batch, one transaction: a second run that sends at the same time waits, and then finds the batch sent.
    """
    job = till.job
    with job.ledger.connect() as connection:
        waiting = payments.batches_in(connection, county_code=job.county_code, states=("approved",))
    counts = {"sent": 0, "sent_payments": 0, "sent_fen": 0, "manual_payments": 0, "manual_fen": 0}
    for batch in waiting:
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            if not payments.stands_in(connection, batch["payment_batch_id"], state="approved"):
                continue
            profile = _profile(job, batch["bank_profile"])
            leaving = _opened(till, batch, profile, payments.payments_of(connection, batch["payment_batch_id"]))
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


def _refused(job: Job, one: Pay) -> str | None:
    """Why the file of the pack's bank cannot carry the payment, before there is a batch."""
    facts = BankBatch("", job.county_code, str(job.month), job.as_of, f"医疗救助{job.month}")
    return refusal(job.pack.bank, one, facts)


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


def _opened(till: Till, batch: Row, profile: BankProfile, rows: Sequence[Row]) -> Leaving:
    has_certno = profile.names(BankField.CERTNO)
    people = till.open([row["payee_key"] for row in rows], fields=(*(("certno",) if has_certno else ()), "name", "account"))
    facts, by_bank, by_hand = _facts(batch), [], []
    for row in rows:
        person = people[row["payee_key"]]
        account = {one.account_key: one.account for one in person.accounts}.get(row["account_key"] or "", "")
        certno = (person.certno or "") if has_certno else ""
        one = Pay(row["sequence_no"], row["payment_id"], account, person.name or "", row["amount_fen"], certno)
        reason = row["reason_code"] if row["state"] == "manual" else refusal(profile, one, facts)
        if reason:
            by_hand.append((one, reason))
        else:
            by_bank.append(one)
    return Leaving(by_bank, by_hand)


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
    entries = [_lookup(batch_id, opened), Entry("payment_batch.sent", batch_id, detail)]
    audit.append(connection, entries, at=job.moment, actor=job.actor)


def _opened_payees(till: Till, due: Sequence[Payee]) -> Iterator[tuple[Payee, Person, frozenset[str]]]:
    if not due:
        return
    people, shared = till.open([one.payee_key for one in due]), shared_accounts(till.vault)
    for one in due:
        yield one, people[one.payee_key], shared


def _with_account(job: Job, payee: Payee, person: Person, shared: frozenset[str]) -> Payee:
    """The payee with the first sound account of his own, or with the reason why he is held."""
    sound = [one for one in person.accounts if not one.is_flagged]
    own = [one for one in sound if one.account_key not in shared]
    if not person.name:
        return replace(payee, held_for="PAYEE_UNKNOWN")
    if own:
        written = Pay(1, "", own[0].account, person.name, payee.amount_fen)
        return replace(payee, account_key=own[0].account_key, by_hand_for=_refused(job, written) or "")
    if sound:
        return replace(payee, held_for="ACCOUNT_SHARED")
    return replace(payee, held_for="ACCOUNT_FLAGGED" if person.accounts else "ACCOUNT_MISSING")


def _write_draft(job: Job, connection: Connection, paid: Sequence[Payee]) -> None:
    made = make_draft(paid, county_code=job.county_code, bank_profile=job.pack.bank.code)
    before = audit.head(connection)
    frozen = {
        "month": str(job.month),
        "created_at": job.moment,
        "maker": job.actor,
        "audit_head": before.digest,
        "audit_count": before.count,
    }
    payments.write_draft(connection, {**made.batch, **frozen}, made.payments, made.lines)
    detail = {name: made.batch[name] for name in ("payments", "amount_fen", "content_sha256")}
    entries = [
        _lookup(made.batch_id, [row["payment_id"] for row in made.payments]),
        Entry("payment_batch.drafted", made.batch_id, detail),
    ]
    audit.append(connection, entries, at=job.moment, actor=job.actor)


def _lookup(batch_id: str, payment_ids: Sequence[str]) -> Entry:
    """The audit row of a look-up: how many persons, and a hash of the payments it was for."""
    asked = sha256_hex(canonical_json(sorted(payment_ids)))
    return Entry("vault.lookup", batch_id, {"fields": "account,name", "persons": len(payment_ids), "content_sha256": asked})
