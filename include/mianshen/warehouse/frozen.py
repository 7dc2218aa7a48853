"""A filing is written, in one transaction: applications, postings, batches with their place in the audit chain, cases, clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.clocks import TimeLimit
from mianshen.core.days import local
from mianshen.core.pack import Pack
from mianshen.warehouse import approvals, audit, postings
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_moves import open_cases
from mianshen.warehouse.clock_store import Subject, open_clocks
from mianshen.warehouse.filing import Filing

PAYER = "medical_security"
"""The department that holds the clocks of triggering and paying relief."""


def write_filing(connection: Connection, pack: Pack, filing: Filing, *, at: datetime, actor: str, first: Entry) -> None:
    """Write what was filed; `first` says in the audit chain where it comes from."""
    moment = local(at).isoformat(timespec="seconds")
    approvals.write_applications(connection, filing.applications)
    before = audit.append(connection, [first], at=moment, actor=actor)
    for batch, items in filing.batches:
        place = {"audit_head": before.digest, "audit_count": before.count}
        approvals.write_batch(connection, {**batch, **place}, items)
        frozen = {name: batch[name] for name in ("department_code", "items", "amount_fen", "content_sha256")}
        entry = Entry("approval_batch.frozen", batch["approval_batch_id"], frozen)
        before = audit.append(connection, [entry], at=moment, actor=actor)
    postings.write_postings(connection, filing.postings)
    wanted = approvals.cases_wanted([item for _, items in filing.batches for item in items], filing.applications)
    open_cases(connection, pack, pack.award_process, wanted, at=at, actor=actor)
    _open_clocks(connection, pack, filing, at)


def _open_clocks(connection: Connection, pack: Pack, filing: Filing, at: datetime) -> None:
    county, calendar, limits = pack.county_code, pack.calendar, _limits(pack)
    if pay := limits.get("pay_relief"):
        towns: dict[str, Any] = {item["application_id"]: item["town"] for _, items in filing.batches for item in items}
        keys = [row["application_id"] for row in filing.applications]
        applications = [Subject(county, "application", key, PAYER, towns.get(key)) for key in keys]
        open_clocks(connection, applications, limit=pay, started=at, calendar=calendar)
    if approve := limits.get("approve_relief"):
        batches = [Subject(county, "batch", batch["approval_batch_id"], batch["department_code"]) for batch, _ in filing.batches]
        open_clocks(connection, batches, limit=approve, started=at, calendar=calendar)


def _limits(pack: Pack) -> Mapping[str, TimeLimit]:
    return {one.code: one for one in pack.time_limits}
