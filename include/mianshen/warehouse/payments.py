"""Payment batches: what is payable, drafting, approving, marking as sent, and why money is held (docs/adr/0005)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from mianshen.core.errors import MianshenError
from mianshen.warehouse.clock_store import current
from mianshen.warehouse.ledger import (
    APPROVAL_ITEM,
    AWARD_POSTING,
    DECISION,
    PAYEE_RELATION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_HOLD,
    PAYMENT_LINE,
    TRANSFER_LINE,
)
from mianshen.warehouse.postings import fate, is_again_open, with_fate
from mianshen.warehouse.recoveries import less_recovered

Row = dict[str, Any]


def payable(connection: Connection, *, county_code: str) -> list[Row]:
    """What no live payment line carries of postings that count, by person and posting: agreed ones, and reversals of such.

    `amount_fen` is that rest, less what a transfer between funds settled. `tries` are the lines that carried a posting before:
    cancelled, or returned and claimed to be paid again. What an objection opened again waits for its decision. What a recovery is
    made of, or was kept for one, is not payable. Opening postings never stand here: they were paid before the county went live.
    """
    columns = ("award_id", "person_key", "benefit_code", "event_id", "department_code", "fund_code")
    live = func.coalesce(func.sum(PAYMENT_LINE.c.amount_fen).filter(PAYMENT_LINE.c.is_live), 0)
    tries = func.count().filter(~PAYMENT_LINE.c.is_live)
    carried = (
        select(PAYMENT_LINE.c.award_id, live.label("fen"), tries.label("tries")).group_by(PAYMENT_LINE.c.award_id).subquery()
    )
    moved = select(TRANSFER_LINE.c.award_id, func.sum(TRANSFER_LINE.c.amount_fen).label("fen")).group_by(TRANSFER_LINE.c.award_id)
    settled = moved.subquery("settled")
    rest = AWARD_POSTING.c.amount_fen - func.coalesce(carried.c.fen, 0) - func.coalesce(settled.c.fen, 0)
    wanted = [*(AWARD_POSTING.c[name] for name in columns), rest.label("amount_fen")]
    query = (
        with_fate(select(*wanted, func.coalesce(carried.c.tries, 0).label("tries")))
        .outerjoin(carried, carried.c.award_id == AWARD_POSTING.c.award_id)
        .outerjoin(settled, settled.c.award_id == AWARD_POSTING.c.award_id)
        .where(
            AWARD_POSTING.c.county_code == county_code,
            AWARD_POSTING.c.kind == "award",
            fate() == "effective",
            ~is_again_open(),
            rest != 0,
        )
        .order_by(AWARD_POSTING.c.person_key, AWARD_POSTING.c.award_id)
    )
    rows = [{**row, "amount_fen": int(row["amount_fen"])} for row in connection.execute(query).mappings()]
    return less_recovered(connection, rows, county_code=county_code)


def waiting_for_departments(connection: Connection, *, county_code: str, at: str) -> set[str]:
    """Persons with an item that a department may still decide in time: three departments, one payment.

    From the due moment of the department's batch on its silence holds up nobody: a miss, not a veto.
    """
    clock = current()
    of_batch = and_(
        clock.c.subject_kind == "batch",
        clock.c.subject_id == APPROVAL_ITEM.c.approval_batch_id,
        clock.c.time_limit_code == "approve_relief",
    )
    query = (
        select(APPROVAL_ITEM.c.person_key)
        .distinct()
        .join(clock, of_batch)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(clock.c.county_code == county_code, clock.c.due_at > at, DECISION.c.approval_item_id.is_(None))
    )
    return set(connection.execute(query).scalars())


def write_draft(connection: Connection, batch: Mapping[str, Any], payments: Sequence[Row], lines: Sequence[Row]) -> None:
    """Insert a drafted batch with its payments and lines; the database refuses a second live line on a posting."""
    connection.execute(insert(PAYMENT_BATCH), dict(batch))
    connection.execute(insert(PAYMENT), list(payments))
    connection.execute(insert(PAYMENT_LINE), list(lines))


def batches_in(connection: Connection, *, county_code: str, states: Sequence[str]) -> list[Row]:
    """The county's payment batches in these states, oldest first."""
    query = (
        select(PAYMENT_BATCH)
        .where(PAYMENT_BATCH.c.county_code == county_code, PAYMENT_BATCH.c.state.in_(list(states)))
        .order_by(PAYMENT_BATCH.c.created_at, PAYMENT_BATCH.c.payment_batch_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def stands_in(connection: Connection, batch_id: str, *, state: str) -> bool:
    """Whether the payment batch stands in this state now."""
    query = select(PAYMENT_BATCH.c.state).where(PAYMENT_BATCH.c.payment_batch_id == batch_id)
    return bool(connection.execute(query).scalar_one() == state)


def payments_of(connection: Connection, batch_id: str) -> list[Row]:
    """The batch's payments by sequence number."""
    query = select(PAYMENT).where(PAYMENT.c.payment_batch_id == batch_id).order_by(PAYMENT.c.sequence_no)
    return [dict(row) for row in connection.execute(query).mappings()]


def lines_of(connection: Connection, batch_id: str) -> list[Row]:
    """The batch's lines, person, benefit, event and clause of the posting, and the relation's kind, by payment and posting."""
    query = (
        select(
            PAYMENT_LINE,
            AWARD_POSTING.c.person_key,
            AWARD_POSTING.c.benefit_code,
            AWARD_POSTING.c.event_id,
            AWARD_POSTING.c.clause_id,
            AWARD_POSTING.c.category_code,
            PAYEE_RELATION.c.kind.label("relation_kind"),
        )
        .outerjoin(PAYEE_RELATION, PAYEE_RELATION.c.relation_id == PAYMENT_LINE.c.relation_id)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
        .where(PAYMENT.c.payment_batch_id == batch_id)
        .order_by(PAYMENT.c.sequence_no, AWARD_POSTING.c.award_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def approve_batch(connection: Connection, batch_id: str, *, checker: str, at: str) -> None:
    """From drafted to approved; MianshenError MAKER_IS_CHECKER when its maker would approve it."""
    maker = connection.execute(select(PAYMENT_BATCH.c.maker).where(PAYMENT_BATCH.c.payment_batch_id == batch_id)).scalar_one()
    if maker == checker:
        raise MianshenError("MAKER_IS_CHECKER", found=checker, where=f"payment_batch {batch_id}")
    _step(connection, batch_id, before="drafted", values={"state": "approved", "checker": checker, "approved_at": at})
    _move(connection, batch_id, before="drafted", after="approved")


def mark_sent(connection: Connection, batch_id: str, *, file_name: str, file_sha256: str, at: str) -> None:
    """From approved to sent, once the same bytes lie in the outbox; MianshenError INTERNAL_STATE when it is not approved."""
    values = {"state": "sent", "file_name": file_name, "file_sha256": file_sha256, "sent_at": at}
    _step(connection, batch_id, before="approved", values=values)
    _move(connection, batch_id, before="approved", after="sent")


def make_manual(connection: Connection, batch_id: str, reasons: Mapping[str, str]) -> None:
    """Take payments out of the bank file: they are made by hand and stay in the batch's totals."""
    for payment_id, reason_code in sorted(reasons.items()):
        place = PAYMENT.c.payment_id == payment_id
        connection.execute(update(PAYMENT).where(place).values(state="manual", reason_code=reason_code))
    by_hand = [row["amount_fen"] for row in payments_of(connection, batch_id) if row["state"] == "manual"]
    place = PAYMENT_BATCH.c.payment_batch_id == batch_id
    connection.execute(update(PAYMENT_BATCH).where(place).values(manual_payments=len(by_hand), manual_fen=sum(by_hand)))


def standing_holds(connection: Connection, *, county_code: str) -> list[Row]:
    """Holds that stand, by payee and reason."""
    query = (
        select(PAYMENT_HOLD)
        .where(PAYMENT_HOLD.c.county_code == county_code, PAYMENT_HOLD.c.lifted_at.is_(None))
        .order_by(PAYMENT_HOLD.c.payee_key, PAYMENT_HOLD.c.reason_code)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def set_holds(connection: Connection, holds: Mapping[tuple[str, str], int], *, county_code: str, at: str) -> int:
    """Make exactly these holds stand, fen by (payee_key, reason_code); returns how many were lifted or put."""
    standing = {(row["payee_key"], row["reason_code"]): row for row in standing_holds(connection, county_code=county_code)}
    gone = [row for key, row in standing.items() if holds.get(key) != row["amount_fen"]]
    fresh = {key: fen for key, fen in holds.items() if key not in standing or standing[key]["amount_fen"] != fen}
    for row in gone:
        connection.execute(update(PAYMENT_HOLD).where(*_hold(county_code, row, row["since"])).values(lifted_at=at))
    for (payee, reason_code), fen in sorted(fresh.items()):
        row = {"payee_key": payee, "reason_code": reason_code}
        again = update(PAYMENT_HOLD).where(*_hold(county_code, row, at)).values(amount_fen=fen, lifted_at=None)
        if connection.execute(again).rowcount == 0:
            values = {**row, "county_code": county_code, "since": at, "amount_fen": fen, "lifted_at": None}
            connection.execute(insert(PAYMENT_HOLD), values)
    return len(gone) + len(fresh)


def _hold(county_code: str, row: Mapping[str, Any], since: str) -> tuple[Any, ...]:
    return (
        PAYMENT_HOLD.c.county_code == county_code,
        PAYMENT_HOLD.c.payee_key == row["payee_key"],
        PAYMENT_HOLD.c.reason_code == row["reason_code"],
        PAYMENT_HOLD.c.since == since,
    )


def _step(connection: Connection, batch_id: str, *, before: str, values: Mapping[str, Any]) -> None:
    place = (PAYMENT_BATCH.c.payment_batch_id == batch_id) & (PAYMENT_BATCH.c.state == before)
    if connection.execute(update(PAYMENT_BATCH).where(place).values(**values)).rowcount != 1:
        raise MianshenError("INTERNAL_STATE", found=f"{batch_id} ≠ {before}", where="payment_batch.state")


def _move(connection: Connection, batch_id: str, *, before: str, after: str) -> None:
    place = (PAYMENT.c.payment_batch_id == batch_id) & (PAYMENT.c.state == before)
    connection.execute(update(PAYMENT).where(place).values(state=after))
