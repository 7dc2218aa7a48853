"""How far a county's work has come, read from the ledger: what waits, what was accepted since, which months are in work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from mianshen.core.contract import Feed
from mianshen.core.days import Month, local, month_of, parse_month
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, DECISION, DELIVERY, PAYMENT_BATCH, RUN

WAITING = ("RECEIVED", "KEYED")
"""States of a delivery that no stage has finished."""
COUNTED = (*WAITING, "ACCEPTED", "SUPERSEDED")
"""States of a delivery that say which months a county has reached."""
CLAIMS = (Feed.SETTLEMENT.value, Feed.ENROLMENT.value)
"""Feeds that bring claims."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What one accepted delivery filled."""

    feed: str
    """settlement | enrolment | roster."""
    list_code: str
    """Its contract."""
    period: str
    """2026-10 or 2026-10-05."""


def newest_moment(connection: Connection, county_code: str) -> datetime | None:
    """The latest moment that the ledger knows of: no later work may be done as of an earlier one. None in a new ledger."""
    received = select(func.max(DELIVERY.c.received_at)).where(DELIVERY.c.county_code == county_code)
    committed = select(func.max(RUN.c.as_of)).where(RUN.c.county_code == county_code)
    known = [found for query in (received, committed) if (found := connection.execute(query).scalar()) is not None]
    return max((datetime.fromisoformat(one) for one in known), default=None)


def newest_run_moment(connection: Connection, county_code: str, *, stage: str) -> datetime | None:
    """The moment of the newest committed run of the stage; None when there is none."""
    query = select(func.max(RUN.c.as_of)).where(RUN.c.county_code == county_code, RUN.c.stage == stage)
    found = connection.execute(query).scalar()
    return None if found is None else datetime.fromisoformat(found)


def waiting(connection: Connection, county_code: str) -> int:
    """How many deliveries were landed and not yet judged."""
    query = select(func.count()).select_from(DELIVERY)
    return connection.execute(query.where(DELIVERY.c.county_code == county_code, DELIVERY.c.state.in_(WAITING))).scalar_one()


def accepted_since(connection: Connection, county_code: str, since: datetime) -> tuple[Partition, ...]:
    """Partitions of deliveries that a run as of `since` or later accepted, sorted."""
    query = (
        select(DELIVERY.c.feed, DELIVERY.c.list_code, DELIVERY.c.partition)
        .join(RUN, RUN.c.run_id == DELIVERY.c.staged_run_id)
        .where(DELIVERY.c.county_code == county_code, DELIVERY.c.state == "ACCEPTED", RUN.c.as_of >= _text(since))
        .distinct()
        .order_by(DELIVERY.c.feed, DELIVERY.c.list_code, DELIVERY.c.partition)
    )
    return tuple(Partition(*row) for row in connection.execute(query))


def months_in_work(connection: Connection, county_code: str, *, since: datetime, as_of: datetime) -> tuple[Month, ...]:
    """The months to compute, one a benefit year: a month is computed over its benefit year to date.

    The newest year is always there; an earlier year when something of it was accepted since. Periods after the moment's month
    are a sender's mistake and decide nothing. Without claims the last full month stands alone.
    """
    last = month_of(local(as_of).date())
    reached = [one for one in _months(connection, county_code) if one <= last]
    if not reached:
        return (last.shift(-1),)
    touched = {int(one.period[:4]) for one in accepted_since(connection, county_code, since)}
    newest = {year: max(one for one in reached if one.year == year) for year in sorted({one.year for one in reached})}
    return tuple(month for year, month in newest.items() if year in touched or month == max(reached))


def new_approval_batches(connection: Connection, county_code: str, since: datetime) -> tuple[str, ...]:
    """Approval batches that were frozen at `since` or later, departments by code."""
    frozen = APPROVAL_BATCH.c.opened_at >= _text(since)
    query = select(APPROVAL_BATCH.c.approval_batch_id).where(APPROVAL_BATCH.c.county_code == county_code, frozen)
    return tuple(
        connection.execute(query.order_by(APPROVAL_BATCH.c.department_code, APPROVAL_BATCH.c.approval_batch_id)).scalars()
    )


def new_decisions(connection: Connection, county_code: str, since: datetime) -> int:
    """How many items were decided at `since` or later."""
    query = (
        select(func.count())
        .select_from(DECISION)
        .join(APPROVAL_ITEM, APPROVAL_ITEM.c.approval_item_id == DECISION.c.approval_item_id)
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .where(APPROVAL_BATCH.c.county_code == county_code, DECISION.c.decided_at >= _text(since))
    )
    return connection.execute(query).scalar_one()


def new_payment_batches(connection: Connection, county_code: str, since: datetime) -> int:
    """How many payment batches were made at `since` or later."""
    made = PAYMENT_BATCH.c.created_at >= _text(since)
    query = select(func.count()).select_from(PAYMENT_BATCH).where(PAYMENT_BATCH.c.county_code == county_code, made)
    return connection.execute(query).scalar_one()


def _months(connection: Connection, county_code: str) -> set[Month]:
    query = (
        select(DELIVERY.c.partition)
        .where(DELIVERY.c.county_code == county_code, DELIVERY.c.feed.in_(CLAIMS), DELIVERY.c.state.in_(COUNTED))
        .distinct()
    )
    return {parse_month(period[:7], where="delivery.partition") for period in connection.execute(query).scalars()}


def _text(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")
