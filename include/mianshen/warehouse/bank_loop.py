"""What changes a payment after it was made: a bank's answer, a claim to pay again, a recall, one by hand, a cancelled batch.

Every change is one conditional update of the payments that stand in the state it starts from; who comes second finds none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import (
    BANK_RESULT,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_LINE,
    PAYMENT_RECALL,
    PAYMENT_RECALL_ANSWER,
    PAYMENT_REISSUE,
)

Row = dict[str, Any]
STATES = {"PAID": "paid", "RETURNED": "returned"}
"""The state of a payment after each final result."""


def apply_results(connection: Connection, *, county_code: str) -> list[Row]:
    """Move every sent payment that a return has settled; one row a return: file_sha256, state, payments, amount_fen.

    A payment without a final result stays sent: an unknown outcome is never paid again.
    """
    settled = (
        select(BANK_RESULT.c.file_sha256, BANK_RESULT.c.outcome, func.count().label("payments"), func.sum(PAYMENT.c.amount_fen))
        .join(PAYMENT, PAYMENT.c.payment_id == BANK_RESULT.c.payment_id)
        .where(_final(), PAYMENT.c.state == "sent", _of_county(county_code))
        .group_by(BANK_RESULT.c.file_sha256, BANK_RESULT.c.outcome)
        .order_by(BANK_RESULT.c.file_sha256, BANK_RESULT.c.outcome)
    )
    rows = [
        {"file_sha256": file, "state": STATES[outcome], "payments": count, "amount_fen": int(fen)}
        for file, outcome, count, fen in connection.execute(settled)
    ]
    for outcome, state in STATES.items():
        said = select(BANK_RESULT.c.payment_id).where(_final(), BANK_RESULT.c.outcome == outcome)
        place = (PAYMENT.c.state == "sent") & _of_county(county_code) & PAYMENT.c.payment_id.in_(said)
        moved = connection.execute(update(PAYMENT).where(place).values(state=state)).rowcount
        if moved != sum(row["payments"] for row in rows if row["state"] == state):
            raise MianshenError("INTERNAL_STATE", found=f"{moved} {state}", where="payment.state")
    return rows


def returned(connection: Connection, *, county_code: str) -> list[Row]:
    """Payments that came back and were not claimed yet: payment_id, payee_key, account_key, amount_fen, bank_code; by id."""
    said = select(BANK_RESULT.c.payment_id, BANK_RESULT.c.bank_code).where(_final()).subquery()
    names = ("payment_id", "payment_batch_id", "payee_key", "account_key", "amount_fen")
    query = (
        select(*(PAYMENT.c[name] for name in names), func.coalesce(said.c.bank_code, "").label("bank_code"))
        .outerjoin(said, said.c.payment_id == PAYMENT.c.payment_id)
        .where(PAYMENT.c.state == "returned", _of_county(county_code))
        .order_by(PAYMENT.c.payment_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def refused_accounts(connection: Connection, *, county_code: str) -> frozenset[str]:
    """account_keys from which money came back and which nobody has found to be right since."""
    query = (
        select(PAYMENT.c.account_key)
        .outerjoin(PAYMENT_REISSUE, PAYMENT_REISSUE.c.payment_id == PAYMENT.c.payment_id)
        .where(
            PAYMENT.c.state.in_(("returned", "reissued")),
            PAYMENT.c.account_key.is_not(None),
            func.coalesce(PAYMENT_REISSUE.c.keeps_account, False).is_(False),
            _of_county(county_code),
        )
    )
    return frozenset(connection.execute(query).scalars())


def rounds(connection: Connection, *, county_code: str) -> dict[str, int]:
    """How often money came back, by payee."""
    query = select(PAYMENT.c.payee_key, func.count()).where(
        PAYMENT.c.state.in_(("returned", "reissued")), _of_county(county_code)
    )
    return {payee: count for payee, count in connection.execute(query.group_by(PAYMENT.c.payee_key))}


def claim(connection: Connection, payment_id: str, *, reason_code: str, keeps_account: bool, by: str, at: str) -> bool:
    """Claim a returned payment to be paid again; False when it does not stand returned: somebody else was first.

    The claim is one conditional update. Only who won it frees the lines, and only then are their postings payable again.
    """
    place = (PAYMENT.c.payment_id == payment_id) & (PAYMENT.c.state == "returned")
    if connection.execute(update(PAYMENT).where(place).values(state="reissued")).rowcount != 1:
        return False
    connection.execute(update(PAYMENT_LINE).where(PAYMENT_LINE.c.payment_id == payment_id).values(is_live=False))
    payee = select(PAYMENT.c.payee_key).where(PAYMENT.c.payment_id == payment_id).scalar_subquery()
    times = select(func.count()).where(PAYMENT.c.payee_key == payee, PAYMENT.c.state == "reissued")
    values = {
        "payment_id": payment_id,
        "round_no": connection.execute(times).scalar_one(),
        "reason_code": reason_code,
        "keeps_account": keeps_account,
        "claimed_by": by,
        "claimed_at": at,
    }
    connection.execute(insert(PAYMENT_REISSUE), values)
    return True


def record_by_hand(connection: Connection, values: Mapping[str, Any], *, county_code: str) -> None:
    """What became of a payment by hand; MianshenError PAYMENT_STEP when none of this id waits."""
    payment_id, outcome = values["payment_id"], values["outcome"]
    sent = select(PAYMENT_BATCH.c.payment_batch_id).where(PAYMENT_BATCH.c.state == "sent")
    place = (PAYMENT.c.payment_id == payment_id) & (PAYMENT.c.state == "manual") & PAYMENT.c.payment_batch_id.in_(sent)
    known = select(PAYMENT.c.payment_id).where(place, _of_county(county_code))
    if connection.execute(known).first() is None:
        raise MianshenError("PAYMENT_STEP", found=payment_id, where="payment.state = manual")
    connection.execute(insert(PAYMENT_BY_HAND), dict(values))
    connection.execute(update(PAYMENT).where(place).values(state=outcome))


def ask_recall(connection: Connection, values: Mapping[str, Any], *, county_code: str) -> int:
    """The bank was asked to give a sent file back; returns how many of its payments are still open.

    MianshenError PAYMENT_STEP when the batch was not sent or nothing of it is open; a batch that is asked for stands as it was.
    """
    batch_id = values["payment_batch_id"]
    opened = select(func.count()).where(
        PAYMENT.c.payment_batch_id == batch_id, PAYMENT.c.state == "sent", _of_county(county_code)
    )
    count = connection.execute(opened).scalar_one()
    asked = select(PAYMENT_RECALL.c.payment_batch_id).where(PAYMENT_RECALL.c.payment_batch_id == batch_id)
    if not count or connection.execute(asked).first() is not None:
        raise MianshenError("PAYMENT_STEP", found=batch_id, where="payment_batch.state = sent")
    connection.execute(insert(PAYMENT_RECALL), dict(values))
    return int(count)


def answer_recall(connection: Connection, batch_id: str, *, outcome: str, paper_sha256: str, by: str, at: str) -> Row:
    """What the bank answered; when it gave the file back, every payment without a result is cancelled and payable again.

    Returns payments and amount_fen that were cancelled. MianshenError PAYMENT_STEP when nobody asked or it was answered,
    MAKER_IS_CHECKER when who asked would record the answer.
    """
    asked_by = connection.execute(
        select(PAYMENT_RECALL.c.asked_by)
        .outerjoin(PAYMENT_RECALL_ANSWER, PAYMENT_RECALL_ANSWER.c.payment_batch_id == PAYMENT_RECALL.c.payment_batch_id)
        .where(PAYMENT_RECALL.c.payment_batch_id == batch_id, PAYMENT_RECALL_ANSWER.c.outcome.is_(None))
    ).scalar()
    if asked_by is None:
        raise MianshenError("PAYMENT_STEP", found=batch_id, where="payment_recall")
    if asked_by == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"payment_recall {batch_id}")
    values = {"payment_batch_id": batch_id, "asked_by": asked_by, "outcome": outcome, "paper_sha256": paper_sha256}
    connection.execute(insert(PAYMENT_RECALL_ANSWER), {**values, "answered_by": by, "answered_at": at})
    if outcome != "recalled":
        return {"payments": 0, "amount_fen": 0}
    unsettled = PAYMENT.c.payment_id.not_in(
        select(BANK_RESULT.c.payment_id).where(_final(), BANK_RESULT.c.payment_id.is_not(None))
    )
    return _cancel(connection, (PAYMENT.c.payment_batch_id == batch_id) & (PAYMENT.c.state == "sent") & unsettled)


def cancel_batch(connection: Connection, batch_id: str, *, county_code: str) -> Row:
    """Cancel a batch that was not sent; its postings are payable again. MianshenError PAYMENT_STEP when it was sent."""
    place = (
        (PAYMENT_BATCH.c.payment_batch_id == batch_id)
        & (PAYMENT_BATCH.c.county_code == county_code)
        & PAYMENT_BATCH.c.state.in_(("drafted", "approved"))
    )
    if connection.execute(update(PAYMENT_BATCH).where(place).values(state="cancelled")).rowcount != 1:
        raise MianshenError("PAYMENT_STEP", found=batch_id, where="payment_batch.state = drafted, approved")
    return _cancel(connection, PAYMENT.c.payment_batch_id == batch_id)


def _cancel(connection: Connection, place: ColumnElement[bool]) -> Row:
    """Cancel these payments and free their lines; returns payments and amount_fen."""
    query = select(func.count(), func.coalesce(func.sum(PAYMENT.c.amount_fen), 0)).where(place)
    count, fen = connection.execute(query).one()
    freed = PAYMENT_LINE.c.payment_id.in_(select(PAYMENT.c.payment_id).where(place))
    connection.execute(update(PAYMENT_LINE).where(freed).values(is_live=False))
    connection.execute(update(PAYMENT).where(place).values(state="cancelled"))
    return {"payments": int(count), "amount_fen": int(fen)}


def _final() -> ColumnElement[bool]:
    return (BANK_RESULT.c.state == "LOAD") & (BANK_RESULT.c.outcome != "PENDING")


def _of_county(county_code: str) -> ColumnElement[bool]:
    own = select(PAYMENT_BATCH.c.payment_batch_id).where(PAYMENT_BATCH.c.county_code == county_code)
    return PAYMENT.c.payment_batch_id.in_(own)
