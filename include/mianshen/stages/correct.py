"""correct: what stands paid beyond what is due becomes a recovery (追回), a case or let go; later awards settle it.

More relief than before needs nothing here: it is a posting like any other and goes through approval and payment (补发). Less
relief is netted over all departments of the person first, so that shares that moved between funds ask nobody for anything. What
is still below zero is taken out of the payments and asked for openly. A pack without recovery.yaml carries it forward instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from mianshen.core.cases import SYSTEM, CaseState, Happening, state_of
from mianshen.core.days import Month
from mianshen.core.digest import canonical_json, sha256_hex, short_id
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.process import Process
from mianshen.core.recoveries import Kept, RecoveryEntry, RecoveryRules, RecoveryWay, instalments, keep_for, way_of, weightiest
from mianshen.policy.recoveries import SETTLED
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, case_moves, cases, payments, recoveries, stops, transfers
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_moves import Opening
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.causes import causes_by_run

STAGE = "correct"
Row = dict[str, Any]
Causes = Mapping[tuple[str, str], frozenset[str]]
"""Why relief differs, by assessing run and person."""


def run(job: Job) -> StageReport:
    """Settle by later awards, find what was paid too much, follow the cases: one transaction; the same again changes nothing."""
    rules = job.pack.recovery
    if rules is None:
        return StageReport(STAGE, None, {"recoveries": 0, **_move_between_funds(job)})
    causes = _causes(job)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        kept = _settle_by_awards(job, connection, rules)
        found = _find(job, connection, rules, causes)
        settled = _follow_cases(job, connection, rules)
        known = recoveries.of_county(connection, county_code=job.county_code)
    ways = {way: [row for row in found if row["way"] == way] for way in RecoveryWay}
    return StageReport(
        STAGE,
        None,
        {
            **{f"{way.value}_found": len(rows) for way, rows in ways.items()},
            **{f"{way.value}_fen": sum(row["amount_fen"] for row in rows) for way, rows in ways.items()},
            "kept_fen": sum(one.amount_fen for one in kept),
            "cases_settled": settled,
            "open": sum(row["open_fen"] > 0 for row in known),
            "open_fen": sum(row["open_fen"] for row in known),
            **_move_between_funds(job),
        },
    )


def _move_between_funds(job: Job) -> dict[str, int]:
    """Book the transfers between funds that a changed plan has decided; nothing where balances are kept elsewhere.

    What nets to nothing is settled without any payment; what is part of a payment moves with it, as the batch's use of funds.
    """
    if not job.keeps_funds or job.funds_since is None:
        return {}
    signed = transfers.Signed(job.county_code, job.actor, STAGE, job.moment)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        halted = stops.stopped_funds(connection, county_code=job.county_code)
        if halted is None:
            return {"transfers": 0}
        waiting = payments.waiting_for_departments(connection, county_code=job.county_code, at=job.moment)
        others = transfers.with_payees(connection, county_code=job.county_code)
        rows = payments.payable(connection, county_code=job.county_code)
        moved = transfers.flips(rows, not_of=waiting | others, stopped=halted)
        booked = Counter(transfers.book(connection, moved, signed))
        booked.update(transfers.book_recovered(connection, signed, since=job.funds_since.isoformat()))
        if booked["transfers"]:
            audit.append(connection, [Entry("fund.moved", job.county_code, dict(booked))], at=job.moment, actor=job.actor)
    return dict(booked)


def receive(job: Job, number: str, *, amount_fen: int, reference: str) -> bool:
    """Record money that a person paid back, by the reference of the receipt; False when it was recorded before.

    MianshenError RECOVERY_UNKNOWN, RECOVERY_OVERPAID. The case ends by itself once nothing is open.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        row = recoveries.recovery_of(connection, number, county_code=job.county_code)
        is_new = _enter(job, connection, row, RecoveryEntry.RECEIVED, amount_fen, reference=reference)
        if job.pack.recovery is not None:
            _follow_cases(job, connection, job.pack.recovery)
    return is_new


def agree_instalments(job: Job, number: str, *, parts: int, first_on: date) -> list[tuple[str, int]]:
    """Agree that what is open is paid back in monthly parts from a day on; returns (due day, fen) of each.

    MianshenError RECOVERY_UNKNOWN, or RECOVERY_PARTS when the pack does not allow so many.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        row = recoveries.recovery_of(connection, number, county_code=job.county_code)
        most = min(job.pack.recovery.most_instalments if job.pack.recovery else 1, row["open_fen"])
        if not 1 <= parts <= most:
            raise MianshenError("RECOVERY_PARTS", found=f"{parts} ∉ 1..{most}", where=f"recovery {row['recovery_id']}")
        plan = [(_month_on(first_on, number), fen) for number, fen in enumerate(instalments(row["open_fen"], parts))]
        recoveries.write_parts(connection, row["recovery_id"], plan, agreed_by=job.actor, agreed_at=job.moment)
        detail = {"parts": parts, "amount_fen": row["open_fen"], "first_on": plan[0][0]}
        audit.append(connection, [Entry("recovery.instalments", row["recovery_id"], detail)], at=job.moment, actor=job.actor)
    return plan


def _month_on(first_on: date, months: int) -> str:
    """The same day so many months later, the last day of a shorter month."""
    month = Month(first_on.year, first_on.month).shift(months)
    return date(month.year, month.number, min(first_on.day, month.last_day.day)).isoformat()


def _settle_by_awards(job: Job, connection: Connection, rules: RecoveryRules) -> list[Kept]:
    """Keep parts of payable awards for what their persons owe: the claim's own event always, others where the pack allows it."""
    owed: dict[str, list[Row]] = defaultdict(list)
    for row in recoveries.of_county(connection, county_code=job.county_code):
        if row["open_fen"] > 0:
            owed[row["person_key"]].append(row)
    if not owed:
        return []
    events = recoveries.events_by_recovery(connection, county_code=job.county_code)
    found: list[Kept] = []
    for person, rows in _payable(job, connection).items():
        if person in owed and sum(row["amount_fen"] for row in rows) > 0:
            claims = [(row["recovery_id"], row["open_fen"], events[row["recovery_id"]]) for row in owed[person]]
            found += keep_for(claims, _granted(rows), is_offset_allowed=rules.is_offset_allowed)
    known = {row["recovery_id"]: row for rows in owed.values() for row in rows}
    for one in found:
        _enter(job, connection, known[one.recovery_id], one.entry, one.amount_fen, reference=one.award_id, award_id=one.award_id)
    return found


def _granted(rows: Sequence[Row]) -> list[tuple[str, int, str]]:
    """Awards above zero of one person, never more of them than the person's net: what was taken back comes first."""
    net = sum(row["amount_fen"] for row in rows)
    found = []
    for row in rows:
        part = min(row["amount_fen"], net)
        if part > 0:
            found.append((row["award_id"], part, row["event_id"]))
            net -= part
    return found


def _payable(job: Job, connection: Connection) -> dict[str, list[Row]]:
    by_person: dict[str, list[Row]] = defaultdict(list)
    for row in payments.payable(connection, county_code=job.county_code):
        by_person[row["person_key"]].append(row)
    return by_person


def _below(job: Job, connection: Connection) -> dict[str, list[Row]]:
    """Payable postings of everybody whose sum is below zero."""
    return {person: rows for person, rows in _payable(job, connection).items() if sum(row["amount_fen"] for row in rows) < 0}


def _causes(job: Job) -> Causes:
    """Why people's relief fell, from the lake: read before the ledger's transaction, which keeps every other one waiting."""
    with job.ledger.connect() as connection:
        awards = [row["award_id"] for rows in _below(job, connection).values() for row in rows]
        runs = recoveries.runs_of(connection, awards)
    return causes_by_run(job.lake, {run for run, _ in runs.values()})


def _find(job: Job, connection: Connection, rules: RecoveryRules, causes: Causes) -> list[Row]:
    """Write a recovery for everybody whose payable postings are below zero and of whom no department decides anything now."""
    waiting = payments.waiting_for_departments(connection, county_code=job.county_code, at=job.moment)
    below = {person: rows for person, rows in _below(job, connection).items() if person not in waiting}
    runs = recoveries.runs_of(connection, (row["award_id"] for rows in below.values() for row in rows))
    found, lines = [], []
    for person, rows in sorted(below.items()):
        made, own = _recovery(job, person, rows, runs, causes, rules)
        found.append(made)
        lines += own
    recoveries.write_recoveries(connection, found, lines)
    _open_cases(job, connection, [row for row in found if row["way"] == RecoveryWay.CASE], rules)
    for row in found:
        if row["way"] != RecoveryWay.CASE:
            reference = f"{row['way']} {rules.article}"
            _enter(job, connection, row, RecoveryEntry.LET_GO, row["amount_fen"], reference=reference, actor=STAGE)
    if found:
        said = [[row["recovery_id"], row["amount_fen"], row["way"], row["cause"]] for row in found]
        detail = {"recoveries": len(found), "content_sha256": sha256_hex(canonical_json(said))}
        audit.append(connection, [Entry("recovery.found", found[0]["recovery_id"], detail)], at=job.moment, actor=job.actor)
    return found


def _recovery(
    job: Job,
    person: str,
    rows: Sequence[Row],
    runs: Mapping[str, tuple[str, int]],
    causes: Causes,
    rules: RecoveryRules,
) -> tuple[Row, list[Row]]:
    amount = -sum(row["amount_fen"] for row in rows)
    lowering = [runs[row["award_id"]] for row in rows if row["amount_fen"] < 0]
    cause = weightiest(one for run, _ in lowering for one in causes.get((run, person), causes.get((run, ""), frozenset())))
    identity = short_id("C", job.county_code, *(row["award_id"] for row in rows))
    way = way_of(amount, cause, rules)
    year = max(year for _, year in lowering)
    made = {
        "recovery_id": identity,
        "county_code": job.county_code,
        "person_key": person,
        "benefit_year": year,
        "amount_fen": amount,
        "way": way.value,
        "cause": cause,
        "case_id": _case_id(job, rules, identity, year) if way is RecoveryWay.CASE else None,
        "run_id": max(run for run, _ in lowering),
        "found_at": job.moment,
    }
    names = ("award_id", "fund_code", "department_code", "amount_fen")
    return made, [{**{name: row[name] for name in names}, "recovery_id": identity} for row in rows]


def _case_id(job: Job, rules: RecoveryRules, recovery_id: str, year: int) -> str:
    return cases.case_id(job.county_code, rules.process_code, Matter(recovery_id, year))


def _process(job: Job, rules: RecoveryRules) -> Process:
    return job.pack.process(rules.process_code)


def _open_cases(job: Job, connection: Connection, rows: Sequence[Row], rules: RecoveryRules) -> None:
    wanted = [Opening(Matter(row["recovery_id"], row["benefit_year"], person_key=row["person_key"])) for row in rows]
    case_moves.open_cases(connection, job.pack, _process(job, rules), wanted, at=job.as_of, actor=job.actor)


def _follow_cases(job: Job, connection: Connection, rules: RecoveryRules) -> int:
    """End cases of which nothing is open, write off what cases ended with; how many cases ended."""
    process = _process(job, rules)
    asked = [row for row in recoveries.of_county(connection, county_code=job.county_code) if row["case_id"] is not None]
    known = cases.events_of(connection, [row["case_id"] for row in asked])
    acts = []
    for row in asked:
        events = known[row["case_id"]]
        state = state_of(events)
        if state.end_code is not None and row["open_fen"] > 0:
            last = next(one for one in reversed(events) if one.happening is Happening.DECIDED)
            entry = RecoveryEntry.WRITTEN_OFF
            _enter(job, connection, row, entry, row["open_fen"], reference=f"end {state.end_code}", actor=last.actor)
        if state.end_code is None and row["open_fen"] == 0:
            acts += [(row["case_id"], one) for one in [_settling(job, process, state)] if one is not None]
    return len(case_moves.move(connection, job.pack, acts).news)


def _settling(job: Job, process: Process, state: CaseState) -> Act | None:
    """The act that ends a case of which nothing is open; None while its steps stand still."""
    for code, step in state.open.items():
        outcome = process.step(code).outcome(SETTLED)
        if outcome is not None and outcome.ends is not None and step.paused_at is None:
            return Act(Happening.DECIDED, code, SYSTEM, step.department_code, job.as_of, outcome_code=SETTLED)
    return None


def _enter(
    job: Job,
    connection: Connection,
    row: Row,
    entry: RecoveryEntry,
    amount_fen: int,
    *,
    reference: str,
    award_id: str | None = None,
    actor: str | None = None,
) -> bool:
    by = actor or job.actor
    is_new = recoveries.write_entry(
        connection,
        row,
        entry=entry.value,
        amount_fen=amount_fen,
        award_id=award_id,
        reference=reference,
        actor=by,
        at=job.moment,
    )
    if is_new:
        detail = {"entry": entry.value, "amount_fen": amount_fen, "reference": sha256_hex(reference.encode())[:16]}
        audit.append(connection, [Entry("recovery.settled", row["recovery_id"], detail)], at=job.moment, actor=by)
    return is_new
