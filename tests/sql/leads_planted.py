"""Rows of the planted county: what each helper plants in the tables that the checks read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import duckdb
from sqlalchemy import BigInteger, Boolean, Integer
from tests.sql.given import given

from mianshen.warehouse.ledger import (
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    DECISION,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_HOLD,
    PAYMENT_LINE,
)

EACH = 30
AS_OF = "2026-11-20T09:00:00+08:00"
LINES = {
    "as_of": AS_OF,
    "assessed_at": "2026-11-10T09:00:00+08:00",
    "county_code": "100999",
    "go_live_on": None,
    "grace_days": 3,
    "brief_before_days": 7,
    "brief_after_days": 31,
    "haste_seconds": 30,
    "night_from": 22,
    "night_until": 6,
    "repay_days": 10,
}
CARE = date(2026, 10, 12)
TABLES = {
    one.name: one
    for one in (APPROVAL_ITEM, APPROVAL_BATCH, DECISION, AWARD_POSTING, PAYMENT, PAYMENT_BATCH, PAYMENT_LINE, PAYMENT_HOLD)
}
"""Of the ledger."""
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Planted:
    """Rows by table, and the (indicator, subject) pairs that are true."""

    rows: Rows = field(default_factory=dict)
    truth: set[tuple[str, str]] = field(default_factory=set)

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)


def show(con: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Make every table that the checks read, empty where nothing was planted."""
    for table in (
        "out.award_line",
        "out.award_opening",
        "out.assessment",
        "facts.care_event",
        "facts.identity_span",
        "facts.death_told",
        "out.clock_board",
    ):
        given(con, table, *rows.get(table, []))
    for name in TABLES:
        ledger_table(con, name, rows.get(f"ledger.{name}", []))


def ledger_table(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Make ledger.<name> of these rows."""
    kinds = {
        one.name: "boolean"
        if isinstance(one.type, Boolean)
        else "bigint"
        if isinstance(one.type, BigInteger | Integer)
        else "varchar"
        for one in TABLES[name].c
    }
    if name == "award_posting":
        kinds["fate"] = "varchar"
    con.execute("create schema if not exists ledger")
    con.execute(f"create or replace table ledger.{name} ({', '.join(f'{one} {kind}' for one, kind in kinds.items())})")
    for row in rows:
        marks = ", ".join("?" for _ in row)
        con.execute(f"insert into ledger.{name} ({', '.join(row)}) values ({marks})", list(row.values()))


def clock(planted: Planted, kind: str, subject: str, *, due: str, state: str, closed: str | None = None) -> None:
    planted.add(
        "out.clock_board",
        clock_id=f"C-{subject}",
        time_limit_code="limit",
        subject_kind=kind,
        subject_id=subject,
        holder_department="civil",
        due_on=due,
        due_at=f"{due}T24:00",
        closed_at=closed,
        state=state,
        days_late=1,
    )


def item(planted: Planted, key: str, *, person: str | None = None, application: str | None = None) -> None:
    planted.add(
        "ledger.approval_item",
        approval_item_id=f"I-{key}",
        approval_batch_id=f"B-{key}",
        application_id=application or f"A-{key}",
        person_key=person or f"P-{key}",
        department_code="civil",
        town="花源镇",
        amount_fen=1000,
    )


def decision(planted: Planted, key: str, at: str, *, outcome: str = "agree", how: str = "rule", reason: str = "LISTED") -> None:
    planted.add(
        "ledger.decision",
        approval_item_id=f"I-{key}",
        outcome=outcome,
        reason_code=reason,
        decided_by="li",
        decided_at=at,
        how=how,
    )


def granted(
    planted: Planted, key: str, *, fen: int = 1000, fate: str = "effective", number: int = 1, person: str | None = None
) -> None:
    planted.add(
        "ledger.award_posting",
        award_id=f"W-{key}-{number}",
        person_key=person or f"P-{key}",
        benefit_code="basic",
        benefit_year=2026,
        event_id=f"E-{key}",
        posting_no=number,
        kind="award",
        amount_fen=fen,
        category_code="c",
        clause_id="art1",
        department_code="civil",
        fund_code="city",
        approval_item_id=f"I-{key}",
        fate=fate,
    )


def care(
    planted: Planted,
    key: str,
    *,
    since: date = CARE,
    nights: int = 5,
    state: str = "LIVE",
    person: str | None = None,
    hospital: str = "H1",
) -> None:
    planted.add(
        "facts.care_event",
        event_id=f"E-{key}",
        person_key=person or f"P-{key}",
        since=since,
        until_on=since + timedelta(days=nights),
        state=state,
        fixmedins_code=hospital,
    )


def span(planted: Planted, key: str, since: date, until: date | None, *, provisional: bool = False, listed: str = "l") -> None:
    planted.add(
        "facts.identity_span",
        person_key=f"P-{key}",
        category_code="c",
        list_code=listed,
        since=since,
        until=until,
        is_provisional=provisional,
    )


def due(planted: Planted, key: str, fen: int, *, held: bool = False) -> None:
    """The assessment gives so much for the claim."""
    planted.add(
        "out.award_line",
        person_key=f"P-{key}",
        benefit_code="basic",
        benefit_year=2026,
        event_id=f"E-{key}",
        event_on=CARE,
        amount_fen=fen,
        is_held=held,
        category_code="c",
        clause_id="art1",
        department_code="civil",
        fund_code="city",
    )


def settled(planted: Planted, key: str, **more: Any) -> None:
    """Relieved as it should be: listed for years, the whole amount granted."""
    care(planted, key, **more)
    span(planted, key, date(2024, 1, 1), None)
    granted(planted, key)
    due(planted, key, 1000)


def by_person(planted: Planted, key: str, *, at: str) -> None:
    """Two items of a batch, agreed at once: one act."""
    planted.add(
        "ledger.approval_batch", approval_batch_id=f"B-{key}", department_code="civil", opened_at="2026-11-12T10:00:00+08:00"
    )
    for place in range(2):
        planted.add(
            "ledger.approval_item",
            approval_item_id=f"I-{key}{place}",
            approval_batch_id=f"B-{key}",
            application_id=f"A-{key}{place}",
            person_key=f"P-{key}{place}",
            department_code="civil",
            amount_fen=500,
        )
        planted.add(
            "ledger.decision",
            approval_item_id=f"I-{key}{place}",
            outcome="agree",
            reason_code="ok",
            decided_by="li",
            decided_at=at,
            how="bulk",
        )
