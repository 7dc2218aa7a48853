"""Applications, approval batches and their items, and decisions: reading and writing (docs/adr/0005)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mianshen.core.digest import short_id
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_BATCH, APPROVAL_ITEM, DECISION

Row = dict[str, Any]
DEPARTMENT_ORDER = APPROVAL_BATCH.c.department_code
"""Departments are listed by code."""


def applications_by_person(connection: Connection, *, county_code: str) -> Counter[str]:
    """How many applications each person of the county has."""
    query = select(APPLICATION.c.person_key, func.count()).where(APPLICATION.c.county_code == county_code)
    return Counter({person: count for person, count in connection.execute(query.group_by(APPLICATION.c.person_key))})


def last_receipt(connection: Connection, *, prefix: str) -> int:
    """The last running number of the receipts that begin so; 0 for none."""
    query = select(func.max(APPLICATION.c.receipt_no)).where(APPLICATION.c.receipt_no.startswith(prefix))
    found = connection.execute(query).scalar_one()
    return int(found.removeprefix(prefix)) if found else 0


def write_applications(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows into application."""
    if rows:
        connection.execute(insert(APPLICATION), list(rows))


def write_batch(connection: Connection, batch: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """Insert a batch and the items that it freezes."""
    connection.execute(insert(APPROVAL_BATCH), dict(batch))
    connection.execute(insert(APPROVAL_ITEM), list(items))


def batches(connection: Connection, *, county_code: str, month: str | None = None) -> list[Row]:
    """The county's approval batches (of the month, when given), oldest first, departments by code."""
    query = select(APPROVAL_BATCH).where(APPROVAL_BATCH.c.county_code == county_code)
    if month is not None:
        query = query.where(APPROVAL_BATCH.c.month == month)
    ordered = query.order_by(APPROVAL_BATCH.c.opened_at, DEPARTMENT_ORDER, APPROVAL_BATCH.c.approval_batch_id)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def items_of(connection: Connection, batch_id: str) -> list[Row]:
    """The batch's items by number, each with receipt_no and its decision's columns (None while it waits)."""
    query = (
        select(
            APPROVAL_ITEM,
            APPLICATION.c.receipt_no,
            DECISION.c.outcome,
            DECISION.c.reason_code,
            DECISION.c.decided_by,
            DECISION.c.decided_at,
            DECISION.c.how,
        )
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.approval_batch_id == batch_id)
        .order_by(APPROVAL_ITEM.c.item_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def undecided(connection: Connection, *, county_code: str, route: str) -> list[Row]:
    """Items on this route that wait for a decision, by batch and number."""
    query = (
        select(APPROVAL_ITEM)
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_BATCH.c.county_code == county_code, APPROVAL_ITEM.c.route == route, DECISION.c.decision_id.is_(None))
        .order_by(APPROVAL_ITEM.c.approval_batch_id, APPROVAL_ITEM.c.item_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def decision_row(item_id: str, *, outcome: str, reason_code: str, decided_by: str, decided_at: str, how: str) -> dict[str, str]:
    """A decision on the item, ready to be written; one item has one decision."""
    return {
        "decision_id": short_id("E", item_id),
        "approval_item_id": item_id,
        "outcome": outcome,
        "reason_code": reason_code,
        "decided_by": decided_by,
        "decided_at": decided_at,
        "how": how,
    }


def write_decisions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the decisions; the database refuses a second one on the same item."""
    if rows:
        connection.execute(insert(DECISION), list(rows))


def wholly_decided(connection: Connection, *, county_code: str) -> list[str]:
    """Batches of which every item has a decision."""
    query = (
        select(APPROVAL_ITEM.c.approval_batch_id)
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_BATCH.c.county_code == county_code)
        .group_by(APPROVAL_ITEM.c.approval_batch_id)
        .having(func.count() == func.count(DECISION.c.decision_id))
    )
    return sorted(connection.execute(query).scalars())


def wholly_refused(connection: Connection, *, county_code: str) -> list[str]:
    """Applications of which every item was refused: nothing will be paid on them."""
    refused = func.count().filter(DECISION.c.outcome == "refuse")
    query = (
        select(APPROVAL_ITEM.c.application_id)
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPLICATION.c.county_code == county_code)
        .group_by(APPROVAL_ITEM.c.application_id)
        .having(func.count() == refused)
    )
    return sorted(connection.execute(query).scalars())


def recorded(connection: Connection, *, county_code: str, how: Iterable[str]) -> list[Row]:
    """Decisions that were made so, each with its item's batch, department, number and receipt, in a fixed order."""
    query = (
        select(
            APPROVAL_ITEM.c.department_code,
            APPLICATION.c.receipt_no,
            APPROVAL_ITEM.c.approval_batch_id,
            APPROVAL_ITEM.c.item_no,
            DECISION,
        )
        .join(APPROVAL_ITEM, APPROVAL_ITEM.c.approval_item_id == DECISION.c.approval_item_id)
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .where(APPLICATION.c.county_code == county_code, DECISION.c.how.in_(list(how)))
        .order_by(APPROVAL_ITEM.c.department_code, APPLICATION.c.receipt_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
