"""Why a clock is late, so that the wrong office is not blamed: a missing list, an undecided item, an earlier step, experts, the
post, the bank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from mianshen.warehouse.case_causes import causes_of_steps
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_ITEM, AWARD_POSTING, DECISION, DELIVERY, PAYMENT_HOLD, PAYMENT_LINE

NOT_TRIGGERED = "RELIEF_NOT_TRIGGERED"
"""A delivery lies accepted and no application was made of it."""
_CHUNK = 500


def causes_of(connection: Connection, clocks: Sequence[Mapping[Any, Any]]) -> dict[str, str]:
    """The reason code of each clock's delay, by clock_id, as the ledger stands now."""
    counties = sorted({str(clock["county_code"]) for clock in clocks})
    by_kind: dict[str, dict[str, str]] = {}
    for clock in clocks:
        by_kind.setdefault(clock["subject_kind"], {})[clock["subject_id"]] = clock["clock_id"]
    found = {
        **_of(by_kind.get("list"), lambda subjects: _lists(connection, subjects, counties)),
        **_of(by_kind.get("delivery"), lambda subjects: _deliveries(connection, subjects)),
        **_of(by_kind.get("batch"), lambda subjects: dict.fromkeys(subjects, "DECISION_PENDING")),
        **_of(by_kind.get("claim"), lambda subjects: dict.fromkeys(subjects, "REVIEW_PENDING")),
        **_steps(connection, clocks),
        **_of(by_kind.get("application"), lambda subjects: _applications(connection, subjects)),
    }
    return found


def _steps(connection: Connection, clocks: Sequence[Mapping[Any, Any]]) -> dict[str, str]:
    own = [clock for clock in clocks if clock["subject_kind"] == "case_step"]
    return causes_of_steps(connection, own) if own else {}


def _of(clocks: Mapping[str, str] | None, ask: Callable[[list[str]], dict[str, str]]) -> dict[str, str]:
    return {clocks[subject]: code for subject, code in ask(sorted(clocks)).items()} if clocks else {}


def _lists(connection: Connection, subjects: Iterable[str], counties: Sequence[str]) -> dict[str, str]:
    """FILE_MISSING, or why the newest file of the list was refused or held."""
    query = (
        select(DELIVERY.c.list_code, DELIVERY.c.partition, DELIVERY.c.reason_code)
        .where(DELIVERY.c.county_code.in_(counties), DELIVERY.c.feed == "roster", DELIVERY.c.state.in_(("REJECTED", "HELD")))
        .order_by(DELIVERY.c.received_at, DELIVERY.c.version)
    )
    refused = {f"{row.list_code}|{row.partition}": row.reason_code for row in connection.execute(query)}
    return {subject: refused.get(subject) or "FILE_MISSING" for subject in subjects}


def _deliveries(connection: Connection, subjects: Iterable[str]) -> dict[str, str]:
    query = select(DELIVERY.c.delivery_id, DELIVERY.c.reason_code)
    reasons = {row.delivery_id: row.reason_code for row in connection.execute(query)}
    return {subject: reasons.get(subject.split("|")[0]) or NOT_TRIGGERED for subject in subjects}


def _applications(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """The first that applies: an item waits, papers are wanted, the bank has not answered, money is held, or it was not made."""
    held = _held_payees(connection)
    found: dict[str, str] = {}
    for start in range(0, len(subjects), _CHUNK):
        some = subjects[start : start + _CHUNK]
        standing = _standing(connection, some)
        wanted = select(APPLICATION.c.application_id, APPLICATION.c.person_key)
        asked = connection.execute(wanted.where(APPLICATION.c.application_id.in_(some)))
        payees = {row.application_id: row.person_key for row in asked}
        for one in some:
            found[one] = standing.get(one) or held.get(payees.get(one, "")) or "PAYMENT_NOT_MADE"
    return found


def _standing(connection: Connection, applications: Sequence[str]) -> dict[str, str]:
    items = (
        select(APPROVAL_ITEM.c.application_id, DECISION.c.outcome)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.application_id.in_(applications))
    )
    outcomes: dict[str, set[str | None]] = {}
    for row in connection.execute(items):
        outcomes.setdefault(row.application_id, set()).add(row.outcome)
    lined = (
        select(AWARD_POSTING.c.application_id)
        .join(PAYMENT_LINE, (PAYMENT_LINE.c.award_id == AWARD_POSTING.c.award_id) & PAYMENT_LINE.c.is_live)
        .where(AWARD_POSTING.c.application_id.in_(applications))
        .distinct()
    )
    at_bank = set(connection.execute(lined).scalars())
    return {one: code for one in applications if (code := _why(outcomes.get(one, set()), is_at_bank=one in at_bank))}


def _why(outcomes: set[str | None], *, is_at_bank: bool) -> str:
    if None in outcomes:
        return "DECISION_PENDING"
    if "return" in outcomes:
        return "PAPERS_WANTED"
    return "BANK_PENDING" if is_at_bank else ""


def _held_payees(connection: Connection) -> dict[str, str]:
    query = select(PAYMENT_HOLD.c.payee_key, PAYMENT_HOLD.c.reason_code).where(PAYMENT_HOLD.c.lifted_at.is_(None))
    return {row.payee_key: row.reason_code for row in connection.execute(query.order_by(PAYMENT_HOLD.c.since))}
