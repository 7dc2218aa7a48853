"""What the ledger holds of one person's money: items, awards, payments to the person or for the person, recoveries, suspense.

Read along the person's own rows: nothing here grows with the county.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from mianshen.warehouse import recoveries
from mianshen.warehouse.clock_store import Subject, clock_id, clocks_named
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    BANK_RESULT,
    DECISION,
    PAYEE_RELATION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_HOLD,
    PAYMENT_LINE,
    RECOVERY,
    SUSPENSE,
    SUSPENSE_CLEARING,
)
from mianshen.warehouse.postings import fate, with_fate

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonMoney:
    """One person's money in one county; codes, fen and moments, nobody's name."""

    items: Sequence[Row]
    """Approval items with receipt, batch and decision, the oldest first."""
    postings: Sequence[Row]
    """Awards, reversals and openings with their fate, in order."""
    lines: Sequence[Row]
    """Lines of payments that pay an award of the person, or that the person receives for somebody, with payment and batch."""
    holds: Sequence[Row]
    """Why agreed money did not leave, as it stands."""
    recoveries: Sequence[Row]
    """What was paid too much, with `settled_fen` and `open_fen`."""
    suspense: Sequence[Row]
    """Money that came back and was, or may be, of a payment to the person; `cleared_as` is null while nobody knows."""
    clocks: Sequence[Row]
    """Running clocks of the items' batches and applications."""


def person_money(connection: Connection, person_key: str, *, county_code: str, limits: Iterable[str]) -> PersonMoney:
    """Everything that the county's ledger holds of the person's money; empty of somebody whom it does not know.

    `limits` are the codes of the county's time limits, by which the clocks of the person's items are found.
    """
    items = _items(connection, person_key, county_code)
    lines = _lines(connection, person_key, county_code)
    own = [row["payment_id"] for row in lines if row["payee_key"] == person_key]
    hold = PAYMENT_HOLD.c
    held = select(PAYMENT_HOLD).where(hold.county_code == county_code, hold.payee_key == person_key, hold.lifted_at.is_(None))
    owed = _rows(connection, select(RECOVERY.c.recovery_id).where(*_of(RECOVERY, person_key, county_code)))
    known = {row["recovery_id"] for row in owed}
    return PersonMoney(
        items=items,
        postings=_postings(connection, person_key, county_code),
        lines=lines,
        holds=_rows(connection, held, hold.reason_code),
        recoveries=[
            row for row in recoveries.of_county(connection, county_code=county_code) if known and row["recovery_id"] in known
        ],
        suspense=_suspense(connection, sorted(set(own))),
        clocks=_clocks(connection, county_code, items, limits),
    )


def paid_so(connection: Connection, fen: int, *, county_code: str, most: int) -> list[str]:
    """Beneficiaries or payees of at most `most` payments of exactly this amount, the newest batches first, each once."""
    query = (
        select(PAYMENT.c.payee_key)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .where(PAYMENT.c.amount_fen == fen, PAYMENT_BATCH.c.county_code == county_code, PAYMENT.c.state != "cancelled")
        .order_by(PAYMENT_BATCH.c.created_at.desc(), PAYMENT.c.payment_id)
        .limit(most)
    )
    return list(dict.fromkeys(connection.execute(query).scalars()))


def _items(connection: Connection, person_key: str, county_code: str) -> list[Row]:
    said = (DECISION.c[name] for name in ("outcome", "reason_code", "decided_at", "how"))
    applied = select(AWARD_POSTING.c.application_id).where(AWARD_POSTING.c.person_key == person_key)
    about = (APPLICATION.c.receipt_no, APPLICATION.c.applied_at, APPLICATION.c.month, APPROVAL_BATCH.c.opened_at)
    query = (
        select(APPROVAL_ITEM, *about, *said)
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPLICATION.c.application_id.in_(applied), APPLICATION.c.county_code == county_code)
    )
    return _rows(connection, query, APPLICATION.c.applied_at, APPROVAL_ITEM.c.department_code)


def _postings(connection: Connection, person_key: str, county_code: str) -> list[Row]:
    query = with_fate(select(AWARD_POSTING, fate().label("fate"))).where(*_of(AWARD_POSTING, person_key, county_code))
    return _rows(connection, query, AWARD_POSTING.c.posted_at, AWARD_POSTING.c.award_id)


def _lines(connection: Connection, person_key: str, county_code: str) -> list[Row]:
    relation, posting, line, batch, bank = PAYEE_RELATION, AWARD_POSTING, PAYMENT_LINE, PAYMENT_BATCH, BANK_RESULT
    stood_for = connection.execute(select(relation.c.person_key).where(relation.c.payee_key == person_key).distinct()).scalars()
    own = posting.c.person_key == person_key
    named = (
        "benefit_code",
        "benefit_year",
        "event_id",
        "category_code",
        "clause_id",
        "run_id",
        "reverses_award_id",
        "person_key",
    )
    query = (
        select(
            *(posting.c[name] for name in named),
            line.c.award_id,
            line.c.payee_key,
            line.c.fund_code,
            line.c.department_code,
            line.c.amount_fen.label("line_fen"),
            line.c.is_live,
            relation.c.kind.label("relation_kind"),
            *(
                PAYMENT.c[name]
                for name in ("payment_id", "payment_batch_id", "account_key", "amount_fen", "state", "reason_code")
            ),
            *(batch.c[name] for name in ("created_at", "sent_at", "month", "file_name")),
            batch.c.state.label("batch_state"),
            bank.c.received_at.label("bank_at"),
            bank.c.bank_code,
            bank.c.outcome.label("bank_outcome"),
            PAYMENT_BY_HAND.c.outcome.label("by_hand"),
            PAYMENT_BY_HAND.c.happened_on.label("by_hand_on"),
        )
        .join(posting, posting.c.award_id == line.c.award_id)
        .join(PAYMENT, PAYMENT.c.payment_id == line.c.payment_id)
        .join(batch, batch.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .outerjoin(relation, relation.c.relation_id == line.c.relation_id)
        .outerjoin(bank, and_(bank.c.payment_id == PAYMENT.c.payment_id, bank.c.state == "LOAD", bank.c.outcome != "PENDING"))
        .outerjoin(PAYMENT_BY_HAND, PAYMENT_BY_HAND.c.payment_id == PAYMENT.c.payment_id)
        .where(
            posting.c.person_key.in_({person_key, *stood_for}),
            or_(own, line.c.payee_key == person_key),
            batch.c.county_code == county_code,
        )
    )
    return _rows(connection, query, batch.c.created_at.desc(), PAYMENT.c.payment_id, line.c.award_id)


def _suspense(connection: Connection, payments: Sequence[str]) -> list[Row]:
    """Money in suspense that was laid to one of these payments, or that a line of a return says of one of them."""
    query = (
        select(SUSPENSE, SUSPENSE_CLEARING.c.outcome.label("cleared_as"), SUSPENSE_CLEARING.c.cleared_at)
        .outerjoin(SUSPENSE_CLEARING, SUSPENSE_CLEARING.c.suspense_id == SUSPENSE.c.suspense_id)
        .outerjoin(
            BANK_RESULT,
            and_(BANK_RESULT.c.file_sha256 == SUSPENSE.c.file_sha256, BANK_RESULT.c.line_no == SUSPENSE.c.line_no),
        )
        .where(or_(SUSPENSE_CLEARING.c.payment_id.in_(payments), BANK_RESULT.c.payment_id.in_(payments)))
    )
    return _rows(connection, query, SUSPENSE.c.recorded_at, SUSPENSE.c.suspense_id)


def _clocks(connection: Connection, county_code: str, items: Iterable[Row], limits: Iterable[str]) -> list[Row]:
    """Clocks that still run on the items' batches and applications; a clock's id follows from its subject and limit."""
    named = {("batch", row["approval_batch_id"]) for row in items} | {("application", row["application_id"]) for row in items}
    subjects = [Subject(county_code, kind, subject, "") for kind, subject in sorted(named)]
    rows = clocks_named(connection, [clock_id(one, limit) for limit in limits for one in subjects])
    return [dict(row) for row in rows if row["closed_at"] is None]


def _of(table: Any, person_key: str, county_code: str) -> tuple[Any, ...]:
    return table.c.person_key == person_key, table.c.county_code == county_code


def _rows(connection: Connection, query: Select[Any], *order: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]
