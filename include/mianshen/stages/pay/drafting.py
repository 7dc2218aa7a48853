"""Drafting: what is payable, netted per person and checked; a hold says why the rest stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from sqlalchemy import Connection

from mianshen.core.digest import canonical_json
from mianshen.documents.bank_lines import BankBatch, Pay, refusal
from mianshen.stages.frame import Job
from mianshen.stages.pay.till import Row, Till, lookup_entry
from mianshen.vault.accounts import shared_accounts
from mianshen.vault.records import Person
from mianshen.warehouse import audit, bank_loop, deaths, money_state, payments, stops
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import compute
from mianshen.warehouse.payment_draft import Payee, make_draft, netted

Holds = dict[tuple[str, str], int]
"""Fen by whose relief it is and why it stays."""


def draft(till: Till) -> dict[str, int]:
    """Draft one batch of everything payable; holds say why the rest stays. Counts by name.

    Nothing is drafted while two parts of the ledger differ about the county's money, nor from what somebody stopped.
    """
    job = till.job
    gone = deaths.dead(job.lake, county_code=job.county_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        holds: Holds = {}
        nets = netted(_not_stopped(job, connection, holds))
        paid = _judged(till, connection, nets, gone, holds) if nets else []
        payments.set_holds(connection, holds, county_code=job.county_code, at=job.moment)
        if paid:
            paid = _drafted(job, connection, paid, holds)
    held = sum(fen for fen in holds.values() if fen > 0)
    return {"drafted": len(paid), "drafted_fen": sum(one.amount_fen for one in paid), "held": len(holds), "held_fen": held}


def _not_stopped(job: Job, connection: Connection, holds: Holds) -> list[Row]:
    """Payable postings but those of stopped funds, which are held."""
    rows = payments.payable(connection, county_code=job.county_code)
    funds = stops.stopped_funds(connection, county_code=job.county_code)
    kept = [row for row in rows if funds is None or row["fund_code"] in funds]
    for one in netted(kept):
        if one.amount_fen:
            holds[one.payee_key, "PAYMENT_STOPPED"] = one.amount_fen
    return [row for row in rows if funds is not None and row["fund_code"] not in funds]


def _judged(till: Till, connection: Connection, nets: Sequence[Payee], gone: Set[str], holds: Holds) -> list[Payee]:
    """Those who are paid now, each with his account; holds are put for the others."""
    job = till.job
    waiting = payments.waiting_for_departments(connection, county_code=job.county_code, at=job.moment)
    for one in nets:
        if one.amount_fen < 0:
            holds[one.payee_key, "NET_NOT_POSITIVE"] = one.amount_fen
        elif one.amount_fen > 0 and one.payee_key in waiting:
            holds[one.payee_key, "DEPARTMENT_WAITING"] = one.amount_fen
    due = [one for one in nets if one.amount_fen > 0 and one.payee_key not in waiting]
    refused = bank_loop.refused_accounts(connection, county_code=job.county_code)
    living = [one for one in due if one.payee_key not in gone]
    judged = [_with_account(job, one, person, shared, refused) for one, person, shared in _opened_payees(till, living)]
    judged += [replace(one, held_for="PAYEE_DEAD") for one in due if one.payee_key in gone]
    for one in judged:
        if one.held_for:
            holds[one.payee_key, one.held_for] = one.amount_fen
    return [one for one in judged if not one.held_for]


def _drafted(job: Job, connection: Connection, paid: list[Payee], holds: Holds) -> list[Payee]:
    """Write the batch, with where the county's money stands; nobody when the ledger differs with itself."""
    with compute() as con:
        money_state.make_tables(con, connection, county_code=job.county_code)
        sums, differences = money_state.sums(con), money_state.differences(con)
    if differences:
        holds.update({(one.payee_key, "MONEY_DIFFERS"): one.amount_fen for one in paid})
        payments.set_holds(connection, holds, county_code=job.county_code, at=job.moment)
        return []
    _write_draft(job, connection, paid, sums)
    return paid


def _refused(job: Job, one: Pay) -> str | None:
    """Why the file of the pack's bank cannot carry the payment, before there is a batch."""
    facts = BankBatch("", job.county_code, str(job.month), job.as_of, f"医疗救助{job.month}")
    return refusal(job.pack.bank, one, facts)


def _opened_payees(till: Till, due: Sequence[Payee]) -> Iterator[tuple[Payee, Person, frozenset[str]]]:
    if not due:
        return
    people, shared = till.open([one.payee_key for one in due]), shared_accounts(till.vault)
    for one in due:
        yield one, people[one.payee_key], shared


def _with_account(job: Job, payee: Payee, person: Person, shared: frozenset[str], refused: frozenset[str]) -> Payee:
    """The payee with the first sound account of his own, or with the reason why he is held."""
    right = [one for one in person.accounts if not one.is_flagged]
    sound = [one for one in right if one.account_key not in refused]
    own = [one for one in sound if one.account_key not in shared]
    if not person.name:
        return replace(payee, held_for="PAYEE_UNKNOWN")
    if own:
        written = Pay(1, "", own[0].account, person.name, payee.amount_fen)
        return replace(payee, account_key=own[0].account_key, by_hand_for=_refused(job, written) or "")
    if sound:
        return replace(payee, held_for="ACCOUNT_SHARED")
    if right:
        return replace(payee, held_for="ACCOUNT_RETURNED")
    return replace(payee, held_for="ACCOUNT_FLAGGED" if person.accounts else "ACCOUNT_MISSING")


def _write_draft(job: Job, connection: Connection, paid: Sequence[Payee], sums: Mapping[str, int]) -> None:
    made = make_draft(paid, county_code=job.county_code, bank_profile=job.pack.bank.code)
    before = audit.head(connection)
    frozen = {
        "month": str(job.month),
        "created_at": job.moment,
        "maker": job.actor,
        "audit_head": before.digest,
        "audit_count": before.count,
        "standing": canonical_json(dict(sums)).decode(),
    }
    payments.write_draft(connection, {**made.batch, **frozen}, made.payments, made.lines)
    detail = {name: made.batch[name] for name in ("payments", "amount_fen", "content_sha256")}
    entries = [
        lookup_entry(made.batch_id, [row["payment_id"] for row in made.payments]),
        Entry("payment_batch.drafted", made.batch_id, detail),
    ]
    audit.append(connection, entries, at=job.moment, actor=job.actor)
