"""Exceptional awards in the ledger: recorded with the posting that each is, and listed with what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mianshen.core.digest import short_id
from mianshen.core.exceptional import BENEFIT, ROUTE_REASON, Grant
from mianshen.warehouse.filing import Filing, content_sha256, receipt_prefix
from mianshen.warehouse.ledger import AWARD_POSTING, DECISION, EXCEPTIONAL_AWARD, PAYMENT, PAYMENT_LINE

Row = dict[str, Any]


def exceptional_id(county_code: str, grant: Grant) -> str:
    """The award's id; equal for the same person in the same minutes."""
    return short_id("X", county_code, grant.minutes_no, grant.person_key)


def standing(connection: Connection, key: str) -> Row | None:
    """The award with this id; None when it was not recorded."""
    found = connection.execute(select(EXCEPTIONAL_AWARD).where(EXCEPTIONAL_AWARD.c.exceptional_id == key)).mappings().first()
    return None if found is None else dict(found)


def next_posting_no(connection: Connection, grant: Grant) -> int:
    """The number of the person's next exceptional posting of the year."""
    own = AWARD_POSTING.c
    theirs = (own.person_key == grant.person_key, own.benefit_code == BENEFIT, own.benefit_year == grant.benefit_year)
    query = select(func.coalesce(func.max(own.posting_no), 0)).where(*theirs, own.event_id == "")
    return int(connection.execute(query).scalar_one()) + 1


def filed(grant: Grant, about: Mapping[str, Any], *, posting_no: int, place: int, receipt: int) -> Filing:
    """The application, the posting and the frozen batch of one award; `about` says county, month, moment, policy and maker."""
    county, moment = about["county_code"], about["moment"]
    application_id = short_id("A", county, grant.person_key, place)
    item_id = short_id("I", application_id, grant.department_code)
    award_id = short_id("W", grant.person_key, BENEFIT, grant.benefit_year, "", posting_no)
    run_id = exceptional_id(county, grant)
    item = {
        "approval_item_id": item_id,
        "application_id": application_id,
        "item_no": 1,
        "department_code": grant.department_code,
        "person_key": grant.person_key,
        "category_code": ROUTE_REASON,
        "town": None,
        "events": 0,
        "amount_fen": grant.amount_fen,
        "route": "person",
        "route_reason": ROUTE_REASON,
    }
    content = content_sha256([item], {item_id: [[award_id, grant.amount_fen]]})
    batch_id = short_id("B", county, about["month"], grant.department_code, content)
    posting = {
        "award_id": award_id,
        "county_code": county,
        "person_key": grant.person_key,
        "benefit_code": BENEFIT,
        "benefit_year": grant.benefit_year,
        "event_id": "",
        "posting_no": posting_no,
        "kind": "award",
        "amount_fen": grant.amount_fen,
        "category_code": ROUTE_REASON,
        "clause_id": grant.minutes_no,
        "department_code": grant.department_code,
        "fund_code": grant.fund_code,
        "application_id": application_id,
        "approval_item_id": item_id,
        "reverses_award_id": None,
        "policy_hash": about["policy_hash"],
        "run_id": run_id,
        "posted_at": moment,
    }
    application = {
        "application_id": application_id,
        "receipt_no": f"{receipt_prefix(county, moment)}{receipt:06d}",
        "county_code": county,
        "month": about["month"],
        "person_key": grant.person_key,
        "applied_at": moment,
        "run_id": run_id,
        "events": 0,
        "amount_fen": grant.amount_fen,
        "departments": grant.department_code,
    }
    batch = {
        "approval_batch_id": batch_id,
        "county_code": county,
        "month": about["month"],
        "department_code": grant.department_code,
        "opened_at": moment,
        "run_id": run_id,
        "items": 1,
        "amount_fen": grant.amount_fen,
        "content_sha256": content,
        "maker": about["maker"],
    }
    return Filing([posting], [application], [(batch, [{**item, "approval_batch_id": batch_id}])])


def write(connection: Connection, grant: Grant, *, county_code: str, award_id: str, recorded_by: str, recorded_at: str) -> None:
    """Insert the award; the database refuses a second one for the person in the same minutes."""
    row = {
        "exceptional_id": exceptional_id(county_code, grant),
        "county_code": county_code,
        "person_key": grant.person_key,
        "department_code": grant.department_code,
        "fund_code": grant.fund_code,
        "benefit_year": grant.benefit_year,
        "amount_fen": grant.amount_fen,
        "minutes_no": grant.minutes_no,
        "document_sha256": grant.document_sha256,
        "decided_by": grant.decided_by,
        "decided_on": grant.decided_on.isoformat(),
        "recorded_by": recorded_by,
        "recorded_at": recorded_at,
        "award_id": award_id,
    }
    connection.execute(insert(EXCEPTIONAL_AWARD), row)


def listed(connection: Connection, *, county_code: str) -> list[Row]:
    """Every exceptional award, oldest first, with the approver's outcome and the payment's state (None while there is none)."""
    award = EXCEPTIONAL_AWARD.c
    query = (
        select(
            EXCEPTIONAL_AWARD,
            AWARD_POSTING.c.application_id,
            DECISION.c.outcome,
            DECISION.c.decided_by.label("approved_by"),
            PAYMENT.c.state.label("payment_state"),
        )
        .join(AWARD_POSTING, AWARD_POSTING.c.award_id == award.award_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == AWARD_POSTING.c.approval_item_id)
        .outerjoin(PAYMENT_LINE, (PAYMENT_LINE.c.award_id == award.award_id) & PAYMENT_LINE.c.is_live)
        .outerjoin(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .where(award.county_code == county_code)
        .order_by(award.recorded_at, award.exceptional_id, PAYMENT.c.payment_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
