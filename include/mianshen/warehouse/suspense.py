"""挂账: money that came back and belongs to no open payment; what it was found to be later. Never silently anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import BANK_RESULT, PAYMENT, PAYMENT_BATCH, SUSPENSE, SUSPENSE_CLEARING

Row = dict[str, Any]
UNPLACED = ("INSTRUCTION_UNKNOWN", "RESULT_CHANGED")
"""Lines of a return that say `returned` of no payment that is open: one that nobody knows, one that was paid before."""


def take_unplaced(connection: Connection, *, county_code: str, by: str, at: str) -> list[Row]:
    """Put the money of every such line of a return into suspense, once; returns the new rows."""
    taken = and_(SUSPENSE.c.file_sha256 == BANK_RESULT.c.file_sha256, SUSPENSE.c.line_no == BANK_RESULT.c.line_no)
    query = (
        select(BANK_RESULT.c.file_sha256, BANK_RESULT.c.line_no, BANK_RESULT.c.amount_fen, BANK_RESULT.c.reason_code)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == BANK_RESULT.c.payment_batch_id)
        .outerjoin(SUSPENSE, taken)
        .where(
            PAYMENT_BATCH.c.county_code == county_code,
            BANK_RESULT.c.state == "QUAR",
            BANK_RESULT.c.outcome == "RETURNED",
            BANK_RESULT.c.reason_code.in_(UNPLACED),
            BANK_RESULT.c.amount_fen > 0,
            SUSPENSE.c.suspense_id.is_(None),
        )
        .order_by(BANK_RESULT.c.file_sha256, BANK_RESULT.c.line_no)
    )
    rows = [
        {
            "suspense_id": short_id("U", row["file_sha256"], row["line_no"]),
            "county_code": county_code,
            **row,
            "paper_sha256": None,
            "recorded_by": by,
            "recorded_at": at,
        }
        for row in connection.execute(query).mappings()
    ]
    if rows:
        connection.execute(insert(SUSPENSE), rows)
    return rows


def record(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Put money that a bank's paper tells of into suspense; False when it stands there already."""
    known = select(SUSPENSE.c.suspense_id).where(SUSPENSE.c.suspense_id == row["suspense_id"])
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(SUSPENSE), {"file_sha256": None, "line_no": None, **row})
    return True


def open_entries(connection: Connection, *, county_code: str) -> list[Row]:
    """What is in suspense now, the oldest first."""
    query = (
        select(SUSPENSE)
        .outerjoin(SUSPENSE_CLEARING, SUSPENSE_CLEARING.c.suspense_id == SUSPENSE.c.suspense_id)
        .where(SUSPENSE.c.county_code == county_code, SUSPENSE_CLEARING.c.outcome.is_(None))
        .order_by(SUSPENSE.c.recorded_at, SUSPENSE.c.suspense_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def clear(
    connection: Connection, suspense_id: str, *, county_code: str, payment_id: str | None, paper_sha256: str, by: str, at: str
) -> Row:
    """Say what the money is: the payment that came back after it was paid, or without one somebody else's, sent back.

    Returns the entry. MianshenError SUSPENSE_UNKNOWN when it is not open, MAKER_IS_CHECKER for who recorded it, SUSPENSE_DIFFERS
    when the payment was not paid or its amount is another.
    """
    found = {row["suspense_id"]: row for row in open_entries(connection, county_code=county_code)}.get(suspense_id)
    if found is None:
        raise MianshenError("SUSPENSE_UNKNOWN", found=suspense_id, where="suspense")
    if found["recorded_by"] == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"suspense {suspense_id}")
    if payment_id is not None:
        _require_same(connection, found, payment_id, county_code)
    values = {
        "suspense_id": suspense_id,
        "recorded_by": found["recorded_by"],
        "outcome": "sent_back" if payment_id is None else "payment",
        "payment_id": payment_id,
        "paper_sha256": paper_sha256,
        "cleared_by": by,
        "cleared_at": at,
    }
    connection.execute(insert(SUSPENSE_CLEARING), values)
    if payment_id is not None:
        place = (PAYMENT.c.payment_id == payment_id) & (PAYMENT.c.state == "paid")
        connection.execute(update(PAYMENT).where(place).values(state="returned"))
    return found


def _require_same(connection: Connection, entry: Mapping[str, Any], payment_id: str, county_code: str) -> None:
    query = (
        select(PAYMENT.c.amount_fen, PAYMENT.c.state)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .where(PAYMENT.c.payment_id == payment_id, PAYMENT_BATCH.c.county_code == county_code)
    )
    found = connection.execute(query).first()
    if found is None or found.state != "paid" or found.amount_fen != entry["amount_fen"]:
        said = "?" if found is None else f"{found.state} {found.amount_fen}"
        raise MianshenError("SUSPENSE_DIFFERS", found=f"{said} / {entry['amount_fen']}", where=f"payment {payment_id}")
