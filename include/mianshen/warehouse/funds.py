"""Funds kept here: acts and their sign-off, balances, what a batch uses and what came back. A balance never falls below zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.exc import IntegrityError, InternalError

from mianshen.core.clinics import BENEFIT
from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import AWARD_POSTING, FUND_ACT, FUND_CHECK, FUND_ENTRY, PAYMENT, PAYMENT_BATCH, PAYMENT_LINE

Row = dict[str, Any]
OWN = ""
"""The holder that is the fund itself."""
BACK = ("returned", "reissued", "cancelled")
"""States of a payment whose money is the fund's again."""
_COLUMNS = ("other_fund", "clinic_code", "statement_month", "payment_batch_id", "payment_id", "paper_sha256")


def act_row(
    kind: str, fund_code: str, amount_fen: int, *, county_code: str, happened_on: str, by: str, at: str, **more: Any
) -> Row:
    """A row of fund_act; its id follows from what it says, not from who or when."""
    said = {name: more.get(name) for name in _COLUMNS}
    key = (county_code, kind, fund_code, amount_fen, happened_on, *(said[name] or "" for name in _COLUMNS))
    return {
        "act_id": short_id("F", *key),
        "county_code": county_code,
        "kind": kind,
        "fund_code": fund_code,
        "amount_fen": amount_fen,
        "happened_on": happened_on,
        **said,
        "made_by": by,
        "made_at": at,
    }


def propose(connection: Connection, rows: Sequence[Row]) -> list[str]:
    """Record acts that wait for their check; returns the ids of those that did not stand yet."""
    ids = [row["act_id"] for row in rows]
    known = set(connection.execute(select(FUND_ACT.c.act_id).where(FUND_ACT.c.act_id.in_(ids))).scalars())
    fresh = [row for row in rows if row["act_id"] not in known]
    if fresh:
        connection.execute(insert(FUND_ACT), fresh)
    return [row["act_id"] for row in fresh]


def acts_of(connection: Connection, *, county_code: str) -> list[Row]:
    """Every act of the county, oldest first, with who checked it and how; null while it waits."""
    checked = (FUND_CHECK.c.outcome, FUND_CHECK.c.checked_by, FUND_CHECK.c.checked_at)
    query = (
        select(FUND_ACT, *checked)
        .outerjoin(FUND_CHECK, FUND_CHECK.c.act_id == FUND_ACT.c.act_id)
        .where(FUND_ACT.c.county_code == county_code)
        .order_by(FUND_ACT.c.made_at, FUND_ACT.c.act_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def check(connection: Connection, act_id: str, *, county_code: str, outcome: str, reason: str, by: str, at: str) -> Row:
    """Agree to an act or refuse it; an agreed one is entered. Returns it.

    MianshenError FUND_ACT_UNKNOWN when none of this id waits, MAKER_IS_CHECKER for who made it, FUND_SHORT when a balance would
    fall below zero: then nothing is written.
    """
    act = {row["act_id"]: row for row in acts_of(connection, county_code=county_code)}.get(act_id)
    if act is None or act["outcome"] is not None or (act["kind"] == "batch" and not _is_waiting(connection, act)):
        raise MianshenError("FUND_ACT_UNKNOWN", found=act_id, where="fund_act")
    if act["made_by"] == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"fund_act {act_id}")
    values = {"act_id": act_id, "made_by": act["made_by"], "outcome": outcome, "reason": reason}
    connection.execute(insert(FUND_CHECK), {**values, "checked_by": by, "checked_at": at})
    if outcome == "agreed":
        _require_cover(connection, act)
        enter(connection, [act], at=at)
    return act


def enter(connection: Connection, acts: Iterable[Mapping[str, Any]], *, at: str) -> None:
    """Write what agreed acts move; MianshenError FUND_SHORT when the database refuses a balance below zero."""
    rows = [
        {"act_id": act["act_id"], "fund_code": fund, "holder": holder, "county_code": act["county_code"], "amount_fen": fen}
        for act in acts
        for fund, holder, fen in moves_of(act)
    ]
    try:
        for row in sorted(rows, key=lambda row: -int(row["amount_fen"])):
            connection.execute(insert(FUND_ENTRY), {**row, "entered_at": at})
    except (IntegrityError, InternalError) as cause:
        raise MianshenError("FUND_SHORT", found=f"{len(rows)} entries", where="fund_entry") from cause


def moves_of(act: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """What an act moves: fund, holder, fen."""
    fund, fen, clinic = str(act["fund_code"]), int(act["amount_fen"]), str(act["clinic_code"] or "")
    moves = {
        "receipt": [(fund, OWN, fen)],
        "transfer": [(fund, OWN, -fen), (str(act["other_fund"]), OWN, fen)],
        "advance": [(fund, OWN, -fen), (fund, clinic, fen)],
        "top_up": [(fund, OWN, -fen), (fund, clinic, fen)],
        "service": [(fund, OWN, -fen)],
        "used": [(fund, clinic, -fen)],
        "settled": [(fund, clinic, -fen), (fund, OWN, fen)],
        "batch": [(fund, OWN, -fen)],
        "returned": [(fund, OWN, fen)],
    }
    return moves[str(act["kind"])]


def balances(connection: Connection, *, county_code: str) -> dict[tuple[str, str], int]:
    """Fen by fund and holder; what is zero is there as well once something was entered."""
    key = (FUND_ENTRY.c.fund_code, FUND_ENTRY.c.holder)
    query = select(*key, func.sum(FUND_ENTRY.c.amount_fen)).where(FUND_ENTRY.c.county_code == county_code)
    return {(fund, holder): int(fen) for fund, holder, fen in connection.execute(query.group_by(*key).order_by(*key))}


def ask_for_batch(connection: Connection, batch: Mapping[str, Any], *, by: str, at: str) -> list[str]:
    """用款申请: what the batch takes from each fund (below zero: gives back, when a plan has changed funds); new ids.

    What it pays to clinics for themselves was signed before it was drafted.
    """
    key = PAYMENT_LINE.c.fund_code
    query = (
        select(key, func.sum(PAYMENT_LINE.c.amount_fen))
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
        .where(PAYMENT.c.payment_batch_id == batch["payment_batch_id"], PAYMENT_LINE.c.is_live, _is_relief())
        .group_by(key)
        .order_by(key)
    )
    said = {"county_code": batch["county_code"], "happened_on": at[:10], "by": by, "at": at}
    rows = [
        act_row("batch", fund, int(fen), payment_batch_id=batch["payment_batch_id"], **said)
        for fund, fen in connection.execute(query)
        if fen
    ]
    return propose(connection, rows)


def waiting_for_batches(connection: Connection, *, county_code: str) -> dict[str, list[str]]:
    """Uses of funds of approved batches that nobody signed or refused, by batch, what gives back first."""
    query = (
        select(FUND_ACT.c.payment_batch_id, FUND_ACT.c.act_id)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == FUND_ACT.c.payment_batch_id)
        .outerjoin(FUND_CHECK, FUND_CHECK.c.act_id == FUND_ACT.c.act_id)
        .where(
            FUND_ACT.c.county_code == county_code,
            FUND_ACT.c.kind == "batch",
            FUND_CHECK.c.act_id.is_(None),
            PAYMENT_BATCH.c.state == "approved",
        )
        .order_by(PAYMENT_BATCH.c.created_at, FUND_ACT.c.payment_batch_id, FUND_ACT.c.amount_fen, FUND_ACT.c.act_id)
    )
    found: dict[str, list[str]] = {}
    for batch, act in connection.execute(query):
        found.setdefault(batch, []).append(act)
    return found


def unsigned(connection: Connection, batch_id: str) -> bool:
    """Whether a use of funds of the batch is not agreed."""
    query = (
        select(FUND_ACT.c.act_id)
        .outerjoin(FUND_CHECK, FUND_CHECK.c.act_id == FUND_ACT.c.act_id)
        .where(
            FUND_ACT.c.payment_batch_id == batch_id,
            FUND_ACT.c.kind == "batch",
            func.coalesce(FUND_CHECK.c.outcome, "") != "agreed",
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def credit_back(connection: Connection, *, county_code: str, maker: str, checker: str, at: str) -> int:
    """Enter what came back into the funds that it was taken from, once a payment and fund; returns how many entries.

    What a clinic was to get for itself stays signed for it: it is paid again, or settled at the end of the year.
    """
    taken = (
        select(FUND_ACT.c.payment_batch_id, FUND_ACT.c.fund_code)
        .join(FUND_CHECK, FUND_CHECK.c.act_id == FUND_ACT.c.act_id)
        .where(FUND_ACT.c.county_code == county_code, FUND_ACT.c.kind == "batch", FUND_CHECK.c.outcome == "agreed")
        .subquery()
    )
    same = (taken.c.payment_batch_id == PAYMENT.c.payment_batch_id) & (taken.c.fund_code == PAYMENT_LINE.c.fund_code)
    credited = select(FUND_ACT.c.payment_id).where(FUND_ACT.c.kind == "returned", FUND_ACT.c.payment_id.is_not(None))
    key = (PAYMENT.c.payment_batch_id, PAYMENT.c.payment_id, PAYMENT_LINE.c.fund_code)
    query = (
        select(*key, func.sum(PAYMENT_LINE.c.amount_fen).label("fen"))
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(taken, same)
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
        .where(PAYMENT.c.state.in_(BACK), PAYMENT.c.payment_id.not_in(credited), _is_relief())
        .group_by(*key)
        .order_by(*key)
    )
    said = {"county_code": county_code, "happened_on": at[:10], "by": maker, "at": at}
    rows = [
        act_row("returned", row.fund_code, int(row.fen), payment_batch_id=row.payment_batch_id, payment_id=row.payment_id, **said)
        for row in connection.execute(query)
        if row.fen
    ]
    if rows:
        propose(connection, rows)
        checks = [
            {"act_id": row["act_id"], "made_by": maker, "outcome": "agreed", "reason": "RETURNED", "checked_by": checker}
            for row in rows
        ]
        connection.execute(insert(FUND_CHECK), [{**one, "checked_at": at} for one in checks])
        enter(connection, rows, at=at)
    return len(rows)


def _is_relief() -> ColumnElement[bool]:
    return AWARD_POSTING.c.benefit_code != BENEFIT


def _is_waiting(connection: Connection, act: Mapping[str, Any]) -> bool:
    """Whether the batch of a use of funds is still to be sent."""
    query = select(PAYMENT_BATCH.c.state).where(PAYMENT_BATCH.c.payment_batch_id == act["payment_batch_id"])
    return connection.execute(query).scalar() == "approved"


def _require_cover(connection: Connection, act: Mapping[str, Any]) -> None:
    standing = balances(connection, county_code=act["county_code"])
    for fund, holder, fen in moves_of(act):
        has = standing.get((fund, holder), 0)
        if has + fen < 0:
            raise MianshenError("FUND_SHORT", found=f"{fund} {holder} {has} < {-fen} fen".replace("  ", " "), where="fund_entry")
