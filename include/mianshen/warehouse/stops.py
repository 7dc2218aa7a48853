"""一键停发: what is stopped, whom a stop touches, and the second act that ends it. The database refuses to send meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select

from mianshen.core.errors import MianshenError
from mianshen.warehouse import payments
from mianshen.warehouse.ledger import (
    AWARD_POSTING,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_LINE,
    PAYMENT_RESUME,
    PAYMENT_STOP,
    PAYMENT_STOP_PERSON,
)

Row = dict[str, Any]
UNSENT = ("drafted", "approved")
"""States of a batch that a stop can still keep."""


def stops_of(connection: Connection, *, county_code: str) -> list[Row]:
    """Every stop of the county, the oldest first, with who resumed it and when; null while it stands."""
    resumed = ("resumed_by", "resumed_at")
    query = (
        select(PAYMENT_STOP, *(PAYMENT_RESUME.c[name] for name in resumed))
        .outerjoin(PAYMENT_RESUME, PAYMENT_RESUME.c.stop_id == PAYMENT_STOP.c.stop_id)
        .where(PAYMENT_STOP.c.county_code == county_code)
        .order_by(PAYMENT_STOP.c.stopped_at, PAYMENT_STOP.c.stop_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def standing(connection: Connection, *, county_code: str) -> list[Row]:
    """The stops that stand."""
    return [row for row in stops_of(connection, county_code=county_code) if row["resumed_at"] is None]


def stopped_funds(connection: Connection, *, county_code: str) -> frozenset[str] | None:
    """Funds that send nothing now; None when the whole county is stopped."""
    now = standing(connection, county_code=county_code)
    if any(row["scope"] == "county" for row in now):
        return None
    return frozenset(row["subject_id"] for row in now if row["scope"] == "fund")


def stop_on(connection: Connection, batch_id: str, *, county_code: str) -> Row | None:
    """The oldest stop that keeps this batch; None when it may be sent."""
    funds = set(connection.execute(_lines(PAYMENT_LINE.c.fund_code).where(_of_batch(batch_id)).distinct()).scalars())
    subjects = {("county", county_code), ("batch", batch_id), *(("fund", code) for code in funds)}
    return next(
        (row for row in standing(connection, county_code=county_code) if (row["scope"], row["subject_id"]) in subjects), None
    )


def touched(connection: Connection, *, county_code: str, scope: str, subject_id: str) -> dict[str, int]:
    """Whose relief a stop of this scope touches, and how much: unsent payments, and but for a batch what is payable next."""
    wanted = {
        "batch": _of_batch(subject_id),
        "fund": PAYMENT_LINE.c.fund_code == subject_id,
        "county": PAYMENT_BATCH.c.county_code == county_code,
    }[scope]
    query = _lines(AWARD_POSTING.c.person_key, PAYMENT_LINE.c.amount_fen).where(
        wanted, PAYMENT_BATCH.c.county_code == county_code, PAYMENT_BATCH.c.state.in_(UNSENT), PAYMENT_LINE.c.is_live
    )
    found: Counter[str] = Counter()
    for person_key, fen in connection.execute(query):
        found[person_key] += fen
    if scope != "batch":
        for row in payments.payable(connection, county_code=county_code):
            found[row["person_key"]] += row["amount_fen"] if scope == "county" or row["fund_code"] == subject_id else 0
    return {key: fen for key, fen in sorted(found.items()) if fen}


def people_of(connection: Connection, stop_id: str) -> list[Row]:
    """The people whom the stop touched when it was put: person_key and amount_fen."""
    query = select(PAYMENT_STOP_PERSON).where(PAYMENT_STOP_PERSON.c.stop_id == stop_id)
    return [dict(row) for row in connection.execute(query.order_by(PAYMENT_STOP_PERSON.c.person_key)).mappings()]


def write_stop(connection: Connection, stop: Mapping[str, Any], people: Mapping[str, int]) -> None:
    """Record the stop and the people it touches."""
    persons = {"persons": len(people), "amount_fen": sum(people.values())}
    connection.execute(insert(PAYMENT_STOP), {**stop, **persons})
    rows = [{"stop_id": stop["stop_id"], "person_key": key, "amount_fen": fen} for key, fen in people.items()]
    if rows:
        connection.execute(insert(PAYMENT_STOP_PERSON), rows)


def write_resume(connection: Connection, stop_id: str, *, county_code: str, by: str, reason: str, at: str) -> Row:
    """End the stop; returns it. MianshenError STOP_UNKNOWN when it does not stand, MAKER_IS_CHECKER for who put it."""
    found = {row["stop_id"]: row for row in standing(connection, county_code=county_code)}.get(stop_id)
    if found is None:
        raise MianshenError("STOP_UNKNOWN", found=stop_id, where="payment_stop")
    if found["stopped_by"] == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"payment_stop {stop_id}")
    values = {"stop_id": stop_id, "stopped_by": found["stopped_by"], "reason": reason, "resumed_by": by, "resumed_at": at}
    connection.execute(insert(PAYMENT_RESUME), values)
    return found


def _lines(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(PAYMENT_LINE)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
    )


def _of_batch(batch_id: str) -> ColumnElement[bool]:
    return and_(PAYMENT.c.payment_batch_id == batch_id)
