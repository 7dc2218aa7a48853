"""The funds' own acts: receipts, transfers, clinics' advances and their yearly settlement; finance signs all of them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.redaction import redact
from mianshen.documents.fund_statement import statement_book
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, clinics, fund_statement, funds
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import compute

Row = dict[str, Any]
KINDS = ("receipt", "transfer", "advance", "top_up", "used")
"""What a clerk may ask for; batches, returns and settlements follow from other acts."""
_CLINIC = re.compile(r"^[A-Za-z0-9_-]{2,32}$")
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def ask(
    job: Job,
    kind: str,
    *,
    fund_code: str,
    amount_fen: int,
    happened_on: date,
    paper_sha256: str,
    other_fund: str | None = None,
    clinic_code: str | None = None,
    month: str | None = None,
) -> str:
    """Ask for an act of a fund, by a paper; returns its id. Nothing moves before another person agrees. The same act stands once.

    MianshenError FUND_ACT_INVALID for an unknown fund or clinic, an amount that is not above zero, or a 汇总表 without its month;
    FUND_ACT_STANDS when the clinic's 汇总表 of the month was handed in already.
    """
    known = {one.code for one in job.pack.funds}
    is_clinics = kind in ("advance", "top_up", "used")
    faults = {
        f"kind {kind}": kind not in KINDS,
        f"fund {fund_code}": fund_code not in known,
        "amount": amount_fen <= 0,
        f"other fund {other_fund}": (kind == "transfer") != (other_fund in known - {fund_code}),
        f"clinic {clinic_code}": is_clinics != bool(clinic_code and _CLINIC.match(clinic_code)),
        f"month {month}": (kind == "used") != bool(month and _MONTH.match(month)),
    }
    wrong = [what for what, is_wrong in faults.items() if is_wrong]
    if wrong:
        raise MianshenError("FUND_ACT_INVALID", found=", ".join(wrong), where="fund_act")
    row = funds.act_row(
        kind,
        fund_code,
        amount_fen,
        county_code=job.county_code,
        happened_on=happened_on.isoformat(),
        by=job.actor,
        at=job.moment,
        other_fund=other_fund,
        clinic_code=clinic_code,
        statement_month=month,
        paper_sha256=paper_sha256,
    )
    _propose(job, [row], once=("used", clinic_code, month) if kind == "used" else None)
    return str(row["act_id"])


def settle_advances(job: Job, year: int, *, paper_sha256: str) -> list[str]:
    """Ask for the yearly settlement of every clinic that still holds an advance: the rest goes back into its fund. New ids.

    What was signed for a clinic and has not reached it is not asked back. MianshenError FUND_ACT_INVALID before the year's day of
    settlement.
    """
    due_on = job.pack.advances_settled_on(year)
    if job.as_of.date() < due_on:
        raise MianshenError("FUND_ACT_INVALID", found=f"{job.as_of.date()} < {due_on}", where="funds.yaml accounts")
    with job.ledger.connect() as connection:
        standing = funds.balances(connection, county_code=job.county_code)
        coming = clinics.on_the_way(connection, county_code=job.county_code)
    said = {"county_code": job.county_code, "happened_on": due_on.isoformat(), "by": job.actor, "at": job.moment}
    rows = [
        funds.act_row("settled", fund, fen - coming.get((fund, holder), 0), clinic_code=holder, paper_sha256=paper_sha256, **said)
        for (fund, holder), fen in standing.items()
        if holder != funds.OWN and fen > coming.get((fund, holder), 0)
    ]
    return _propose(job, rows, once=None)


def ask_services(job: Job, *, paper_sha256: str) -> list[Row]:
    """Ask for what clinics are still due for assessed service packages (考核补助), an act a clinic and fund; the new acts.

    It is what the newest assessments give less what was asked for before; where that is below zero, because an assessment was
    corrected, nothing is asked for until later packages make up for it.
    """
    with compute() as con, job.ledger.connect() as connection:
        found = clinics.still_due(
            con, connection, job.lake, county_code=job.county_code, month=str(job.month), go_live_on=job.go_live_on
        )
        before = funds.acts_of(connection, county_code=job.county_code)
    times = Counter((act["clinic_code"], act["fund_code"]) for act in before if act["kind"] == "service")
    said = {"county_code": job.county_code, "happened_on": job.as_of.date().isoformat(), "by": job.actor, "at": job.moment}
    rows = []
    for one in found:
        if one["open_fen"] > 0:
            row = funds.act_row(
                "service",
                one["fund_code"],
                one["open_fen"],
                clinic_code=one["clinic_code"],
                paper_sha256=paper_sha256,
                **said,
            )
            rows.append({**row, "act_id": short_id("F", row["act_id"], times[one["clinic_code"], one["fund_code"]])})
    fresh = _propose(job, rows, once=None)
    return [row for row in rows if row["act_id"] in fresh]


def check(job: Job, act_id: str, *, is_agreed: bool, reason: str) -> Row:
    """Finance agrees to an act or refuses it, as another person than who asked; an agreed one is entered at once. Returns it.

    What it pays to a clinic leaves with the next payment batch. MianshenError FUND_ACT_UNKNOWN, MAKER_IS_CHECKER, CASE_REASON,
    FUND_SHORT when a balance would fall below zero, or CLINIC_UNKNOWN when nobody is confirmed to stand behind its code.
    """
    if not is_agreed and not reason.strip():
        raise MianshenError("CASE_REASON", found="reason = ?", where="fund_check")
    outcome = "agreed" if is_agreed else "refused"
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        said = {"outcome": outcome, "reason": redact(reason), "by": job.actor, "at": job.moment}
        act = funds.check(connection, act_id, county_code=job.county_code, **said)
        if is_agreed:
            clinics.post(
                connection,
                act,
                department_code=_department_of(job, act["fund_code"]),
                policy_hash=job.pack.plan.policy_hash,
                county_code=job.county_code,
                at=job.moment,
            )
        detail = {name: act[name] for name in ("kind", "fund_code", "amount_fen", "payment_batch_id")}
        audit.append(connection, [Entry(f"fund.{outcome}", act_id, detail)], at=job.moment, actor=job.actor)
    return act


def write_statement(job: Job, month: str, out: Path) -> int:
    """Write the month's statement of every fund and clinic as a workbook; returns its rows. MianshenError FUND_ACT_INVALID."""
    if not _MONTH.match(month):
        raise MianshenError("FUND_ACT_INVALID", found=f"month {month}", where="--month")
    with compute() as con, job.ledger.connect() as connection:
        fund_statement.make_tables(con, connection, county_code=job.county_code)
        rows = fund_statement.rows_of(con, month)
    out.write_bytes(statement_book(rows, pack=job.pack, month=month, made=job.as_of))
    return len(rows)


def _department_of(job: Job, fund_code: str) -> str:
    """Whose benefits a fund pays: what its clinics are paid stands with that department; else with the one that leads."""
    own = (one.department_code for one in job.pack.plan.benefits if one.fund_code == fund_code)
    return next(own, None) or job.pack.award_process.lead_department


def _propose(job: Job, rows: list[Row], *, once: tuple[str, str | None, str | None] | None) -> list[str]:
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        ids = {row["act_id"] for row in rows}
        for act in funds.acts_of(connection, county_code=job.county_code):
            same = (act["kind"], act["clinic_code"], act["statement_month"]) == once
            if same and act["outcome"] != "refused" and act["act_id"] not in ids:
                raise MianshenError("FUND_ACT_STANDS", found=f"{once}", where=f"fund_act {act['act_id']}")
        fresh = funds.propose(connection, rows)
        entries = [
            Entry("fund.asked", row["act_id"], {name: row[name] for name in ("kind", "fund_code", "amount_fen")})
            for row in rows
            if row["act_id"] in fresh
        ]
        audit.append(connection, entries, at=job.moment, actor=job.actor)
    return fresh
