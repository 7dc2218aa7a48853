"""Clinics in the ledger: who a code stands for, what finance agreed to pay them as postings, what they are still due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Connection, insert, select

from mianshen.core.clinics import BENEFIT, PAID
from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.warehouse.build import make_table
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import (
    AWARD_POSTING,
    CLINIC_CONFIRM,
    CLINIC_PAYEE,
    FUND_ACT,
    FUND_CHECK,
    PAYMENT,
    PAYMENT_LINE,
)
from mianshen.warehouse.ledger_view import show_ledger

Row = dict[str, Any]
OPEN = "out.clinic_open"
READ = ("facts.service_event", "out.award_line")
"""What the month's assessment says of service packages."""


def records(connection: Connection, *, county_code: str) -> list[Row]:
    """Every record of a clinic, oldest first, with who confirmed it and when; null where nobody did."""
    extra = (CLINIC_CONFIRM.c.confirmed_by, CLINIC_CONFIRM.c.confirmed_at)
    query = (
        select(CLINIC_PAYEE, *extra)
        .outerjoin(CLINIC_CONFIRM, CLINIC_CONFIRM.c.clinic_id == CLINIC_PAYEE.c.clinic_id)
        .where(CLINIC_PAYEE.c.county_code == county_code)
        .order_by(CLINIC_PAYEE.c.recorded_at, CLINIC_PAYEE.c.clinic_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def record(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Record a clinic; False when it stands there already."""
    known = select(CLINIC_PAYEE.c.clinic_id).where(CLINIC_PAYEE.c.clinic_id == row["clinic_id"])
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(CLINIC_PAYEE), dict(row))
    return True


def confirm(connection: Connection, clinic_id: str, *, county_code: str, by: str, at: str) -> None:
    """The second act; MianshenError RELATION_UNKNOWN when none of this id waits, MAKER_IS_CHECKER for who recorded it."""
    found = {row["clinic_id"]: row for row in records(connection, county_code=county_code)}.get(clinic_id)
    if found is None or found["confirmed_at"] is not None:
        raise MianshenError("RELATION_UNKNOWN", found=clinic_id, where="clinic_payee")
    if found["recorded_by"] == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"clinic_payee {clinic_id}")
    values = {"clinic_id": clinic_id, "recorded_by": found["recorded_by"], "confirmed_by": by, "confirmed_at": at}
    connection.execute(insert(CLINIC_CONFIRM), values)


def standing(connection: Connection, *, county_code: str) -> dict[str, Row]:
    """The record that counts, by clinic_code: the last one that was confirmed."""
    confirmed = [row for row in records(connection, county_code=county_code) if row["confirmed_at"] is not None]
    return {row["clinic_code"]: row for row in sorted(confirmed, key=lambda row: (row["confirmed_at"], row["recorded_at"]))}


def accounts(connection: Connection, *, county_code: str) -> dict[str, set[str]]:
    """The account_keys that a clinic's money may go to, by payee_key; every clinic that was ever recorded is there."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in records(connection, county_code=county_code):
        found[row["payee_key"]].update(())
    for row in standing(connection, county_code=county_code).values():
        found[row["payee_key"]].add(row["account_key"])
    return dict(found)


def post(
    connection: Connection, act: Mapping[str, Any], *, department_code: str, policy_hash: str, county_code: str, at: str
) -> None:
    """Post what an agreed act pays to its clinic, for the next batch; nothing for other acts.

    MianshenError CLINIC_UNKNOWN when nobody is confirmed to stand behind the clinic's code.
    """
    if act["kind"] not in PAID:
        return
    clinic = standing(connection, county_code=county_code).get(act["clinic_code"])
    if clinic is None:
        raise MianshenError("CLINIC_UNKNOWN", found=act["clinic_code"], where="clinic_payee")
    payee, year = clinic["payee_key"], int(act["happened_on"][:4])
    row = {
        "award_id": short_id("W", payee, BENEFIT, year, act["act_id"], 1),
        "county_code": county_code,
        "person_key": payee,
        "benefit_code": BENEFIT,
        "benefit_year": year,
        "event_id": act["act_id"],
        "posting_no": 1,
        "kind": "award",
        "amount_fen": act["amount_fen"],
        "category_code": act["kind"],
        "clause_id": PAID[act["kind"]],
        "department_code": department_code,
        "fund_code": act["fund_code"],
        "application_id": None,
        "approval_item_id": None,
        "reverses_award_id": None,
        "policy_hash": policy_hash,
        "run_id": act["act_id"],
        "posted_at": at,
    }
    connection.execute(insert(AWARD_POSTING), row)


def on_the_way(connection: Connection, *, county_code: str) -> dict[tuple[str, str], int]:
    """Fen of advances that were signed for a clinic and have not reached it, by fund and clinic."""
    query = (
        select(FUND_ACT.c.fund_code, FUND_ACT.c.clinic_code, AWARD_POSTING.c.amount_fen, PAYMENT.c.state)
        .join(AWARD_POSTING, (AWARD_POSTING.c.event_id == FUND_ACT.c.act_id) & (AWARD_POSTING.c.benefit_code == BENEFIT))
        .outerjoin(PAYMENT_LINE, (PAYMENT_LINE.c.award_id == AWARD_POSTING.c.award_id) & PAYMENT_LINE.c.is_live)
        .outerjoin(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .where(FUND_ACT.c.county_code == county_code, FUND_ACT.c.kind.in_(("advance", "top_up")))
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for fund, clinic, fen, state in connection.execute(query):
        if state != "paid":
            found[fund, clinic] += int(fen)
    return dict(found)


def still_due(
    con: duckdb.DuckDBPyConnection, connection: Connection, lake: Lake, *, county_code: str, month: str, go_live_on: date | None
) -> Sequence[Row]:
    """The rows of out.clinic_open: the month's assessment against what was asked for so far; made in this DuckDB."""
    for table in READ:
        show(con, table, lake.current(table, county_code=county_code, month=month))
    show_ledger(con, connection, county_code=county_code, tables=(FUND_ACT, FUND_CHECK))
    make_table(con, OPEN, {"go_live_on": go_live_on})
    found = con.execute(f"select * from {OPEN} order by all")  # noqa: S608 - our own table
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
