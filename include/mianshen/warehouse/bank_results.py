"""What banks said of payments, line by line, append-only; and the batches that their returns may answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from mianshen.warehouse.ledger import BANK_RESULT, PAYMENT, PAYMENT_BATCH

Row = dict[str, Any]


def payments_sent(connection: Connection, *, county_code: str) -> list[Row]:
    """The payments that left in a bank file, by batch and place: batch, month, payment_id, payee_key, account_key, amount_fen."""
    columns = ("payment_batch_id", "payment_id", "payee_key", "account_key", "amount_fen")
    query = (
        select(PAYMENT_BATCH.c.month, *(PAYMENT.c[name] for name in columns))
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .where(
            PAYMENT_BATCH.c.county_code == county_code,
            PAYMENT_BATCH.c.state == "sent",
            PAYMENT.c.state.in_(("sent", "paid", "returned", "reissued", "cancelled")),
        )
        .order_by(PAYMENT_BATCH.c.created_at, PAYMENT.c.payment_batch_id, PAYMENT.c.sequence_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def results_of(connection: Connection, *, county_code: str) -> list[Row]:
    """The county's results so far, by file and line."""
    query = (
        select(BANK_RESULT)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == BANK_RESULT.c.payment_batch_id)
        .where(PAYMENT_BATCH.c.county_code == county_code)
        .order_by(BANK_RESULT.c.received_at, BANK_RESULT.c.file_sha256, BANK_RESULT.c.line_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def write_results(connection: Connection, rows: Sequence[Row]) -> int:
    """Append the lines of one return and say how many; a return whose lines stand there already changes nothing."""
    if not rows:
        return 0
    known = select(BANK_RESULT.c.line_no).where(BANK_RESULT.c.file_sha256 == rows[0]["file_sha256"]).limit(1)
    if connection.execute(known).first() is not None:
        return 0
    connection.execute(insert(BANK_RESULT), list(rows))
    return len(rows)
