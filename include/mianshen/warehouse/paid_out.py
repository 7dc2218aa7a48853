"""Applications of which nothing is left to decide or to pay: their clock ends with the last of it (001: 20 working days).

What is owed is what `payments.payable` says, by person: shares of departments that only net to nothing wait for no money. While
nothing is left but items that were sent back for papers or paused with a reason, the clock stands still (docs/adr/0029).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, func, or_, select

from mianshen.core.days import local
from mianshen.core.decisions import Outcome
from mianshen.core.pack import Pack
from mianshen.warehouse import suspensions
from mianshen.warehouse.clock_store import close_clocks
from mianshen.warehouse.ledger import (
    APPROVAL_ITEM,
    AWARD_POSTING,
    BANK_RESULT,
    CLOCK_STANDING,
    DECISION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_LINE,
)
from mianshen.warehouse.payments import payable

LIMIT = "pay_relief"
"""The time limit of paying relief."""
SENT = "money_sent"
"""What ends it where a county counts to the day on which the money left; everywhere else it counts to the payee's account."""
_DONE = {True: ("sent", "paid"), False: ("paid",)}
"""States of a payment that is done, where sending counts and where it does not."""


def close_paid(connection: Connection, pack: Pack) -> int:
    """Close the clock of every application that is decided and paid out, each at its own moment; returns how many.

    The moment is that of the last bank return, receipt or sent file; where no money was due, of the last decision, or of taking
    back what was agreed. The clocks of those that only wait for the person are suspended, or go on again.
    """
    county_code = pack.county_code
    limit = next((one for one in pack.time_limits if one.code == LIMIT), None)
    if limit is None:
        return 0
    running = _running(county_code).add_columns(CLOCK_STANDING.c.clock_id)
    clocks = {application: clock_id for application, clock_id in connection.execute(running)}
    if not clocks:
        return 0
    until_sent = limit.ends_at == SENT
    paused = suspensions.waiting(connection, _running(county_code))
    undecided = _undecided(connection, county_code)
    owing = _unpaid(connection, county_code) | _on_its_way(connection, county_code, until_sent)
    moments = _moments(connection, county_code, until_sent)
    ended = {clocks[one]: moments[one] for one in clocks.keys() - owing - undecided.keys() if one in moments}
    close_clocks(connection, dict(sorted(ended.items())))
    still = {one: paused[one] for one, items in undecided.items() if one not in owing and paused.get(one, {}).keys() >= items}
    suspensions.keep(connection, pack, limit, still, {one: clocks[one] for one in undecided}, moments)
    return len(ended)


def _running(county_code: str) -> Select[tuple[str]]:
    """Applications whose clock runs: what became of all others was said."""
    clock = CLOCK_STANDING.c
    return select(clock.subject_id).where(
        clock.county_code == county_code,
        clock.time_limit_code == LIMIT,
        clock.subject_kind == "application",
        clock.closed_at.is_(None),
    )


def _undecided(connection: Connection, county_code: str) -> dict[str, set[str]]:
    """The departments whose part of each application is neither agreed nor refused."""
    outcome = DECISION.c.outcome
    query = (
        select(APPROVAL_ITEM.c.application_id, APPROVAL_ITEM.c.department_code)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.application_id.in_(_running(county_code)), or_(outcome.is_(None), outcome == Outcome.RETURN.value))
    )
    found: dict[str, set[str]] = {}
    for application, department in connection.execute(query):
        found.setdefault(application, set()).add(department)
    return found


def _unpaid(connection: Connection, county_code: str) -> set[str]:
    """Applications with an agreed amount that no payment carries, of people to whom money is due on the whole."""
    rows = payable(connection, county_code=county_code)
    due: dict[str, int] = {}
    for row in rows:
        due[row["person_key"]] = due.get(row["person_key"], 0) + row["amount_fen"]
    wanted = {row["award_id"] for row in rows if row["amount_fen"] > 0 and due[row["person_key"]] > 0}
    if not wanted:
        return set()
    query = select(AWARD_POSTING.c.award_id, AWARD_POSTING.c.application_id).where(
        AWARD_POSTING.c.county_code == county_code, AWARD_POSTING.c.application_id.in_(_running(county_code))
    )
    return {application for award, application in connection.execute(query) if award in wanted}


def _on_its_way(connection: Connection, county_code: str, until_sent: bool) -> set[str]:
    """Applications of which a live line lies in a payment that is not done."""
    query = (
        select(AWARD_POSTING.c.application_id)
        .join(PAYMENT_LINE, PAYMENT_LINE.c.award_id == AWARD_POSTING.c.award_id)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .where(
            AWARD_POSTING.c.county_code == county_code,
            AWARD_POSTING.c.application_id.in_(_running(county_code)),
            PAYMENT_LINE.c.is_live,
            PAYMENT.c.state.not_in(_DONE[until_sent]),
        )
    )
    return set(connection.execute(query).scalars())


def _moments(connection: Connection, county_code: str, until_sent: bool) -> dict[str, datetime]:
    """When the last of each application happened: what paid its live lines, else the last decision on it or its taking back."""
    decided = (
        select(APPROVAL_ITEM.c.application_id, func.max(DECISION.c.decided_at))
        .join(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.application_id.in_(_running(county_code)))
        .group_by(APPROVAL_ITEM.c.application_id)
    )
    back = AWARD_POSTING.alias("back")
    taken_back = (
        select(AWARD_POSTING.c.application_id, func.max(back.c.posted_at))
        .join(back, back.c.reverses_award_id == AWARD_POSTING.c.award_id)
        .join(DECISION, DECISION.c.approval_item_id == AWARD_POSTING.c.approval_item_id)
        .where(DECISION.c.outcome == "agree")
        .where(AWARD_POSTING.c.county_code == county_code, AWARD_POSTING.c.application_id.in_(_running(county_code)))
        .group_by(AWARD_POSTING.c.application_id)
    )
    found = {application: at for application, at in connection.execute(decided)}
    for application, at in connection.execute(taken_back):
        found[application] = max(at, found.get(application, at))
    answered = (
        select(BANK_RESULT.c.payment_id, func.max(BANK_RESULT.c.received_at).label("at"))
        .where(BANK_RESULT.c.outcome == "PAID")
        .group_by(BANK_RESULT.c.payment_id)
        .subquery("answered")
    )
    when = func.coalesce(PAYMENT_BY_HAND.c.recorded_at, PAYMENT_BATCH.c.sent_at if until_sent else answered.c.at)
    paid = (
        select(AWARD_POSTING.c.application_id, func.max(when))
        .join(PAYMENT_LINE, PAYMENT_LINE.c.award_id == AWARD_POSTING.c.award_id)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .join(PAYMENT_BATCH, PAYMENT_BATCH.c.payment_batch_id == PAYMENT.c.payment_batch_id)
        .outerjoin(PAYMENT_BY_HAND, PAYMENT_BY_HAND.c.payment_id == PAYMENT.c.payment_id)
        .outerjoin(answered, answered.c.payment_id == PAYMENT.c.payment_id)
        .where(
            AWARD_POSTING.c.county_code == county_code,
            AWARD_POSTING.c.application_id.in_(_running(county_code)),
            PAYMENT_LINE.c.is_live,
        )
        .group_by(AWARD_POSTING.c.application_id)
    )
    found |= {application: at for application, at in connection.execute(paid) if at is not None}
    return {application: local(datetime.fromisoformat(at)) for application, at in found.items()}
