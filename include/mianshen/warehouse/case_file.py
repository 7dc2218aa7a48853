"""一案一卡: everything that the stores hold about one matter, by any of its numbers; pseudonyms, codes and fen, nobody's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from mianshen.core.cases import Event
from mianshen.warehouse import cases, paper_facts
from mianshen.warehouse.case_clocks import KIND
from mianshen.warehouse.clock_store import Subject, clock_id
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AUDIT,
    AWARD_POSTING,
    BANK_RESULT,
    CASE,
    CLOCK_STANDING,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_LINE,
)
from mianshen.warehouse.records import RECORD
from mianshen.warehouse.rerun import rows_of

Row = dict[str, Any]
_RECORDED = (
    "event_id, event_kind, event_on, benefit_year, delivery_id, line_no, policy_hash, benefit_code, category_code, clause_id,"
    " base_fen, amount_fen, outcome, reason_code, sentence_zh, change_zh"
)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One matter from the facts to the bank."""

    county_code: str
    """Whose."""
    case_id: str
    """The case; of relief nobody asked for it is the application."""
    person_key: str | None
    """Whose matter; None for a case about no person."""
    application: Row | None
    """The application; None for a case of another process."""
    case: Row | None
    """The case; None for what was recorded before applications were cases."""
    events: Sequence[Event]
    """What happened in it, in order."""
    records: Sequence[Row]
    """Calculation records of the person's claims in the assessment that the application rests on."""
    items: Sequence[Row]
    """Approval items with their decisions, and the frozen state of their batch's audit chain."""
    postings: Sequence[Row]
    """Awards and reversals."""
    payments: Sequence[Row]
    """Payments with the line that pays an award, its batch and the bank's answer."""
    clocks: Sequence[Row]
    """Its clocks: of the matter, of its steps, of the batches that it was decided and paid in."""
    audit: Sequence[Row]
    """Rows of the audit chain that name it, in order."""


def case_behind(connection: Connection, number: str, *, county_codes: Sequence[str]) -> str | None:
    """The case that an application, receipt, item, award, payment or case number belongs to; None when the counties have none."""
    item, posting, line = APPROVAL_ITEM.c, AWARD_POSTING.c, PAYMENT_LINE.c
    mine = APPLICATION.c.county_code.in_(county_codes)
    paid = select(posting.application_id).join(PAYMENT_LINE, line.award_id == posting.award_id)
    applied = select(APPLICATION.c.application_id).where(mine)
    by_item = applied.join(APPROVAL_ITEM, item.application_id == APPLICATION.c.application_id)
    paths: tuple[Select[Any], ...] = (
        applied.where(or_(APPLICATION.c.application_id == number, APPLICATION.c.receipt_no == number)),
        by_item.where(item.approval_item_id == number),
        select(posting.application_id).where(posting.award_id == number, posting.county_code.in_(county_codes)),
        paid.where(line.payment_id == number, posting.county_code.in_(county_codes)),
        select(CASE.c.case_id).where(CASE.c.case_id == number, CASE.c.county_code.in_(county_codes)),
    )
    for path in paths:
        found = connection.execute(path.limit(1)).scalar()
        if found:
            return str(found)
    return None


def case_file(lake: Lake, key: str, *, county_code: str, limits: Iterable[str]) -> CaseFile:
    """The file of a case of the county; `limits` are the codes of its time limits. ValueError for a case that is not there."""
    with lake.engine.connect() as connection:
        application = paper_facts.application_of(connection, key, county_code=county_code)
        known = [row for row in cases.cases_of(connection, [key]) if row["county_code"] == county_code]
        if application is None and not known:
            raise ValueError(f"no case {key} in {county_code}")
        events = cases.events_of(connection, [key]).get(key, [])
        items = _items(connection, key)
        postings = _rows(connection, select(AWARD_POSTING).where(AWARD_POSTING.c.application_id == key), AWARD_POSTING.c.award_id)
        payments = _payments(connection, [row["award_id"] for row in postings])
        clocks = _clocks(connection, _subjects(county_code, key, items, events), limits)
        named = [
            key,
            *_texts(items, "approval_item_id", "approval_batch_id"),
            *_texts(payments, "payment_id", "payment_batch_id"),
        ]
        audited = _rows(connection, select(AUDIT).where(AUDIT.c.subject.in_(named)), AUDIT.c.audit_no)
    case = known[0] if known else None
    person = (application or case or {})["person_key"]
    records = _records(lake, application) if application is not None else []
    return CaseFile(county_code, key, person, application, case, events, records, items, postings, payments, clocks, audited)


def _items(connection: Connection, application_id: str) -> list[Row]:
    items = paper_facts.decided_items(connection, application_id)
    batch = APPROVAL_BATCH.c
    wanted = [row["approval_batch_id"] for row in items]
    query = select(batch.approval_batch_id, batch.opened_at, batch.content_sha256, batch.audit_head, batch.audit_count)
    frozen = {row["approval_batch_id"]: row for row in _rows(connection, query.where(batch.approval_batch_id.in_(wanted)))}
    return [{**row, **frozen[row["approval_batch_id"]]} for row in items]


def _payments(connection: Connection, awards: Sequence[str]) -> list[Row]:
    """Live and ended lines of these awards, a row a line, with the bank's final answer."""
    batch = PAYMENT_BATCH.c
    about = (batch.sent_at, batch.file_name, batch.file_sha256, batch.audit_head, batch.audit_count, batch.maker, batch.checker)
    line = (
        PAYMENT_LINE.c.award_id,
        PAYMENT_LINE.c.fund_code,
        PAYMENT_LINE.c.amount_fen.label("line_fen"),
        PAYMENT_LINE.c.is_live,
    )
    said = (BANK_RESULT.c.outcome.label("bank_outcome"), BANK_RESULT.c.received_at.label("bank_at"))
    query = (
        select(PAYMENT, *line, *about, *said)
        .join(PAYMENT_LINE, PAYMENT_LINE.c.payment_id == PAYMENT.c.payment_id)
        .join(PAYMENT_BATCH, batch.payment_batch_id == PAYMENT.c.payment_batch_id)
        .outerjoin(BANK_RESULT, (BANK_RESULT.c.payment_id == PAYMENT.c.payment_id) & (BANK_RESULT.c.state == "LOAD"))
        .where(PAYMENT_LINE.c.award_id.in_(awards))
    )
    return _rows(connection, query, batch.created_at, PAYMENT_LINE.c.award_id)


def _subjects(county_code: str, key: str, items: Sequence[Row], events: Sequence[Event]) -> list[Subject]:
    """What the matter's clocks run on; a clock's id follows from its subject and limit, so that nothing is searched for."""
    steps = {(one.step_code, one.round_no) for one in events if one.step_code}
    named = [("application", key), *((KIND, f"{key}|{step}|{number}") for step, number in sorted(steps))]
    named += [("batch", row["approval_batch_id"]) for row in items]
    return [Subject(county_code, kind, subject, "") for kind, subject in named]


def _clocks(connection: Connection, subjects: Sequence[Subject], limits: Iterable[str]) -> list[Row]:
    keys = [clock_id(one, limit) for limit in limits for one in subjects]
    return _rows(connection, select(CLOCK_STANDING).where(CLOCK_STANDING.c.clock_id.in_(keys)), CLOCK_STANDING.c.started_at)


def _records(lake: Lake, application: Row) -> list[Row]:
    """The person's records in the application's assessment: those of its money, and of claims that got nothing."""
    with compute() as con:
        show(con, RECORD, lake.files(RECORD, run_ids=(application["run_id"],)))
        query = f"select {_RECORDED} from {RECORD} where person_key = $person order by event_on, event_id, benefit_code"  # noqa: S608 - our own names
        return rows_of(con, query, {"person": application["person_key"]})


def _rows(connection: Connection, query: Select[Any], *order: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]


def _texts(rows: Sequence[Row], *names: str) -> list[str]:
    return sorted({row[name] for row in rows for name in names})
