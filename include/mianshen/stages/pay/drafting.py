"""Drafting: what is payable, netted per person and checked; a hold says why the rest stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from mianshen.core.digest import canonical_json
from mianshen.stages.frame import Job
from mianshen.stages.pay.checks import checked
from mianshen.stages.pay.till import Row, Till, lookup_entry
from mianshen.warehouse import audit, deaths, money_state, payees, payments, stops
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import compute
from mianshen.warehouse.payment_draft import Payee, joined, make_draft, netted

Holds = dict[tuple[str, str], int]
"""Fen by whose relief it is and why it stays."""


def draft(till: Till) -> dict[str, int]:
    """Draft one batch of everything payable; holds say why the rest stays. Counts by name.

    Nothing is drafted while two parts of the ledger differ about the county's money, nor from what somebody stopped.
    """
    job = till.job
    gone = deaths.dead(job.lake, county_code=job.county_code)
    refused = deaths.after_death(job.lake, gone, county_code=job.county_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        holds: Holds = {}
        rows = _not_stopped(job, connection, holds)
        found = payees.shared(connection, rows, county_code=job.county_code, gone=gone, after_death=refused)
        holds |= {key: fen for key, fen in found.held.items() if fen}
        paid = _judged(till, connection, netted(found.rows), gone, holds) if found.rows else []
        payments.set_holds(connection, holds, county_code=job.county_code, at=job.moment)
        if paid:
            paid = _drafted(job, connection, paid, holds)
    held = sum(fen for fen in holds.values() if fen > 0)
    return {"drafted": len(paid), "drafted_fen": sum(one.amount_fen for one in paid), "held": len(holds), "held_fen": held}


def _not_stopped(job: Job, connection: Connection, holds: Holds) -> list[Row]:
    """Payable postings but those of stopped funds, which are held."""
    rows = payments.payable(connection, county_code=job.county_code)
    funds = stops.stopped_funds(connection, county_code=job.county_code)
    kept: Counter[str] = Counter()
    for row in rows:
        if funds is None or row["fund_code"] in funds:
            kept[row["person_key"]] += row["amount_fen"]
    holds.update({(person, "PAYMENT_STOPPED"): fen for person, fen in kept.items() if fen})
    return [row for row in rows if funds is not None and row["fund_code"] not in funds]


def _judged(till: Till, connection: Connection, nets: Sequence[Payee], gone: Container[str], holds: Holds) -> list[Payee]:
    """Those who are paid now, one a payee with his account; holds are put for the people whose relief waits."""
    job = till.job
    waiting = payments.waiting_for_departments(connection, county_code=job.county_code, at=job.moment)
    due = []
    for one in nets:
        (person,) = one.people
        if one.amount_fen < 0:
            _hold(holds, one, "NET_NOT_POSITIVE")
        elif one.amount_fen > 0 and person in waiting:
            _hold(holds, one, "DEPARTMENT_WAITING")
        elif one.amount_fen > 0:
            due.append(one)
    living = [one for one in joined(due) if one.payee_key not in gone]
    judged = checked(till, connection, living)
    judged += [replace(one, held_for="PAYEE_DEAD") for one in joined(due) if one.payee_key in gone]
    for one in judged:
        if one.held_for:
            _hold(holds, one, one.held_for)
    return [one for one in judged if not one.held_for]


def _hold(holds: Holds, one: Payee, reason_code: str) -> None:
    for person in one.people:
        key = (person, reason_code)
        holds[key] = holds.get(key, 0) + one.of_person(person)


def _drafted(job: Job, connection: Connection, paid: list[Payee], holds: Holds) -> list[Payee]:
    """Write the batch, with where the county's money stands; nobody when the ledger differs with itself."""
    with compute() as con:
        money_state.make_tables(con, connection, county_code=job.county_code)
        sums, differences = money_state.sums(con), money_state.differences(con)
    if differences:
        for one in paid:
            _hold(holds, one, "MONEY_DIFFERS")
        payments.set_holds(connection, holds, county_code=job.county_code, at=job.moment)
        return []
    _write_draft(job, connection, paid, sums)
    return paid


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
