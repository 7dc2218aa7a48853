"""What papers about one matter say: applications with their decisions, payments with their lines, holds; and what was printed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, func, or_, select

from mianshen.warehouse.ledger import APPLICATION, APPROVAL_ITEM, AUDIT, AWARD_POSTING, DECISION, PAYMENT, PAYMENT_BATCH

Row = dict[str, Any]
PRINTED = "paper.printed"
"""Action of the audit row of a paper's first print."""
REPRINTED = "paper.reprinted"
"""The same of every later one."""


def application_of(connection: Connection, number: str, *, county_code: str) -> Row | None:
    """The application with this receipt number or id."""
    place = or_(APPLICATION.c.receipt_no == number, APPLICATION.c.application_id == number)
    found = connection.execute(select(APPLICATION).where(place, APPLICATION.c.county_code == county_code)).mappings().first()
    return None if found is None else dict(found)


def decided_items(connection: Connection, application_id: str) -> list[Row]:
    """The application's items by department, each with its decision's columns; None while it waits."""
    said = (DECISION.c[name] for name in ("outcome", "reason_code", "decided_by", "decided_at", "how"))
    query = (
        select(APPROVAL_ITEM, *said)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.application_id == application_id)
        .order_by(APPROVAL_ITEM.c.department_code)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def posted(connection: Connection, application_id: str) -> list[Row]:
    """What the application's postings add up to, by department, benefit, category and clause: amount_fen and events."""
    groups = [AWARD_POSTING.c[name] for name in ("department_code", "benefit_code", "category_code", "clause_id")]
    events = func.count(AWARD_POSTING.c.event_id.distinct()).label("events")
    query = (
        select(*groups, func.sum(AWARD_POSTING.c.amount_fen).label("amount_fen"), events)
        .where(AWARD_POSTING.c.application_id == application_id)
        .group_by(*groups)
        .order_by(*groups)
    )
    return [{**row, "amount_fen": int(row["amount_fen"])} for row in connection.execute(query).mappings()]


def payments_so(connection: Connection, number: str, *, county_code: str, state: str) -> list[Row]:
    """Payments in this state (paid, returned), of the batch or the one payment with this id, with sent_at and month."""
    query = (
        select(PAYMENT, PAYMENT_BATCH.c.sent_at, PAYMENT_BATCH.c.month)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .where(
            PAYMENT_BATCH.c.county_code == county_code,
            or_(PAYMENT.c.payment_id == number, PAYMENT.c.payment_batch_id == number),
            PAYMENT.c.state == state,
        )
        .order_by(PAYMENT.c.payment_batch_id, PAYMENT.c.sequence_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def prints(connection: Connection) -> list[Row]:
    """Every print of a paper, oldest first: at, actor, action, form, number, papers, pages, reason, html_sha256."""
    query = select(AUDIT).where(AUDIT.c.action.in_((PRINTED, REPRINTED))).order_by(AUDIT.c.audit_no)
    found = []
    for row in connection.execute(query).mappings():
        form, _, number = row["subject"].partition("|")
        detail = json.loads(row["detail"])
        kept = {name: detail.get(name, "") for name in ("papers", "pages", "reason", "html_sha256")}
        found.append({**{name: row[name] for name in ("at", "actor", "action")}, "form": form, "number": number, **kept})
    return found
