"""Whom there is something to tell, and who was told: read from payments, decisions and holds; a row a person and event, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, select

from mianshen.core import clinics
from mianshen.core.decisions import Outcome
from mianshen.core.messages import Told
from mianshen.core.shares import RelationKind
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_ITEM,
    AWARD_POSTING,
    CLINIC_PAYEE,
    DECISION,
    PAYEE_RELATION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_LINE,
    TELLING,
)
from mianshen.warehouse.payments import standing_holds

Row = dict[str, Any]
TOLD, WITHDRAWN = "told", "withdrawn"
"""Acts of a telling."""
HOUSES = (RelationKind.HOSPITAL.value, RelationKind.INSTITUTION.value)
"""Payees that are no people."""


def to_tell(connection: Connection, *, county_code: str, silent: frozenset[str]) -> list[Row]:
    """Everything of which nobody was told yet: person_key, event_code, subject_id, amount_fen, day; by person and event.

    Holds with a `silent` reason are told to nobody.
    """
    rows = [*_paid(connection, county_code), *_refused(connection, county_code), *_held(connection, county_code, silent)]
    known = {
        (row["person_key"], row["event_code"], row["subject_id"])
        for row in connection.execute(select(TELLING).where(TELLING.c.county_code == county_code)).mappings()
    }
    fresh = [row for row in rows if (row["person_key"], row["event_code"], row["subject_id"]) not in known]
    return sorted(fresh, key=lambda row: (row["person_key"], row["event_code"], row["subject_id"]))


def to_withdraw(connection: Connection, *, county_code: str) -> list[Row]:
    """Tellings that are so no more: of a payment that came back after it was told as paid, of a hold that was lifted."""
    ended = TELLING.alias("ended")
    place = (ended.c.person_key == TELLING.c.person_key) & (ended.c.subject_id == TELLING.c.subject_id)
    gone = exists().where(place, ended.c.event_code == TELLING.c.event_code, ended.c.act == WITHDRAWN)
    query = select(TELLING).where(TELLING.c.county_code == county_code, TELLING.c.act == TOLD, ~gone)
    standing = [dict(row) for row in connection.execute(query.order_by(TELLING.c.telling_no)).mappings()]
    paid = {row["subject_id"] for row in _paid(connection, county_code) if row["event_code"] == Told.PAID}
    held = {_held_as(row) for row in standing_holds(connection, county_code=county_code)}
    holds = {Told.PAID.value: paid, Told.HELD.value: held}
    return [row for row in standing if row["event_code"] in holds and row["subject_id"] not in holds[row["event_code"]]]


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of telling; the database refuses a second one of the same person, event, subject and act."""
    if rows:
        connection.execute(insert(TELLING), [dict(row) for row in rows])


def files_told(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of these file names that stand in the ledger."""
    return set(connection.execute(select(TELLING.c.file_name).where(TELLING.c.file_name.in_(names)).distinct()).scalars())


def _paid(connection: Connection, county_code: str) -> list[Row]:
    """Payments to people that the bank paid, that a clerk paid, or that came back."""
    line, relation, posting = PAYMENT_LINE, PAYEE_RELATION, AWARD_POSTING
    to_house = (
        select(line.c.payment_id)
        .join(posting, posting.c.award_id == line.c.award_id)
        .outerjoin(relation, relation.c.relation_id == line.c.relation_id)
        .where(relation.c.kind.in_(HOUSES) | (posting.c.benefit_code == clinics.BENEFIT))
    )
    query = (
        select(PAYMENT, PAYMENT_BATCH.c.sent_at, PAYMENT_BY_HAND.c.outcome.label("by_hand"), PAYMENT_BY_HAND.c.happened_on)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .outerjoin(PAYMENT_BY_HAND, PAYMENT_BY_HAND.c.payment_id == PAYMENT.c.payment_id)
        .where(
            PAYMENT_BATCH.c.county_code == county_code,
            PAYMENT.c.state.in_(("paid", "returned", "manual")),
            PAYMENT.c.payment_id.not_in(to_house),
        )
    )
    found = []
    for row in [dict(one) for one in connection.execute(query).mappings()]:
        code = _outcome(row)
        if code is not None:
            day = str(row["happened_on"] or row["sent_at"])[:10]
            found.append(_row(row["payee_key"], code, row["payment_id"], row["amount_fen"], day))
    return found


def _outcome(row: Mapping[str, Any]) -> Told | None:
    if row["state"] == "manual":
        return {"paid": Told.PAID, "returned": Told.RETURNED}.get(row["by_hand"] or "")
    return Told.PAID if row["state"] == "paid" else Told.RETURNED


def _refused(connection: Connection, county_code: str) -> list[Row]:
    """Applications that every department has decided, with what was refused of them."""
    item, said = APPROVAL_ITEM, DECISION
    refused = said.c.outcome == Outcome.REFUSE.value
    query = (
        select(
            APPLICATION.c.person_key,
            APPLICATION.c.receipt_no,
            func.sum(item.c.amount_fen).filter(refused).label("amount_fen"),
            func.max(said.c.decided_at).filter(refused).label("at"),
        )
        .join(item, item.c.application_id == APPLICATION.c.application_id)
        .outerjoin(said, said.c.approval_item_id == item.c.approval_item_id)
        .where(APPLICATION.c.county_code == county_code)
        .group_by(APPLICATION.c.application_id, APPLICATION.c.person_key, APPLICATION.c.receipt_no)
        .having(and_(func.count().filter(said.c.outcome.is_(None)) == 0, func.count().filter(refused) > 0))
    )
    rows = connection.execute(query).mappings()
    return [_row(row["person_key"], Told.REFUSED, row["receipt_no"], int(row["amount_fen"]), row["at"][:10]) for row in rows]


def _held(connection: Connection, county_code: str, silent: frozenset[str]) -> list[Row]:
    holds = standing_holds(connection, county_code=county_code)
    houses = set(connection.execute(select(CLINIC_PAYEE.c.payee_key)).scalars())
    houses |= set(connection.execute(select(PAYEE_RELATION.c.payee_key).where(PAYEE_RELATION.c.kind.in_(HOUSES))).scalars())
    wanted = [
        row for row in holds if row["reason_code"] not in silent and row["amount_fen"] > 0 and row["payee_key"] not in houses
    ]
    return [_row(row["payee_key"], Told.HELD, _held_as(row), row["amount_fen"], row["since"][:10]) for row in wanted]


def _held_as(row: Mapping[str, Any]) -> str:
    return f"{row['reason_code']}|{row['since']}"


def _row(person_key: str, told: Told, subject_id: str, amount_fen: int, day: str) -> Row:
    said = {"person_key": person_key, "event_code": told.value, "subject_id": subject_id}
    return {**said, "amount_fen": amount_fen, "day": day}
