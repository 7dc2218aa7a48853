"""Rows of the county that the radar looks at: what each helper plants in the tables that it reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
from tests.sql.given import given
from tests.sql.leads_planted import Planted, Rows, ledger_table

TODAY = date(2026, 12, 20)
LINES = {
    "as_of": "2026-12-20T09:00:00+08:00",
    "county_code": "100999",
    "expected_lists": ["civil", "veterans"],
    "burden_line_yuan": 10000,
    "burden_months": 12,
    "lapsed_months": 12,
    "unpaid_days": 30,
    "enrolment_month": 12,
    "worker_months": 24,
}
LINE_FEN = 1_000_000
PAYERS = tuple(
    f"pay_{one}" for one in ("commercial", "inclusive", "mutual_aid", "charity", "emergency_fund", "temporary_aid", "third_party")
)
LISTED = (date(2024, 1, 1), None)
FACTS = (
    "facts.care_event",
    "facts.identity_span",
    "facts.roster_snapshot",
    "facts.enrolment_event",
    "facts.person_month",
    "facts.death_told",
    "staging.roster_grid",
)
LEDGER = ("approval_item", "decision", "award_posting", "payment", "payment_line", "payment_hold")


def show(con: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Make every table that the radar reads, empty where nothing was planted."""
    for table in FACTS:
        given(con, table, *rows.get(table, []))
    for name in LEDGER:
        ledger_table(con, name, rows.get(f"ledger.{name}", []))


def care(
    planted: Planted,
    key: str,
    *,
    person: str | None = None,
    since: date = date(2026, 10, 12),
    nights: int = 5,
    state: str = "LIVE",
    borne: int = 1000,
    fund: int = 5000,
    insutype: str = "390",
    year: int = 2026,
    **others: Any,
) -> None:
    planted.add(
        "facts.care_event",
        event_id=f"E-{key}",
        person_key=person or f"P-{key}",
        since=since,
        until_on=since + timedelta(days=nights),
        settled_on=since + timedelta(days=nights),
        benefit_year=year,
        state=state,
        insutype=insutype,
        medfee_sumamt=borne + fund,
        fund_pay_sumamt=fund,
        psn_part_amt=borne if len(key) % 2 else None,
        **others,
    )


def span(
    planted: Planted, person: str, since: date, until: date | None, *, category: str = "c", provisional: bool = False
) -> None:
    planted.add(
        "facts.identity_span", person_key=person, category_code=category, since=since, until=until, is_provisional=provisional
    )


def fee(planted: Planted, key: str, *, year: int) -> None:
    planted.add(
        "facts.enrolment_event",
        event_id=f"F-{key}",
        person_key=f"P-{key}",
        benefit_year=year,
        paid_on=date(year, 2, 1),
        fee_fen=1,
    )


def posted(
    planted: Planted, key: str, *, agreed: date, fen: int = 1000, fate: str = "effective", kind: str = "award", number: int = 1
) -> None:
    item = f"I-{key}-{number}"
    planted.add("ledger.approval_item", approval_item_id=item, person_key=f"P-{key}", department_code="civil", town="东镇")
    planted.add("ledger.decision", approval_item_id=item, outcome="agree", decided_at=f"{agreed}T10:00:00+08:00")
    planted.add(
        "ledger.award_posting",
        award_id=f"W-{key}-{number}",
        person_key=f"P-{key}",
        benefit_code="basic",
        benefit_year=2026,
        event_id=f"E-{key}",
        posting_no=number,
        kind=kind,
        amount_fen=fen,
        department_code="civil",
        approval_item_id=item,
        fate=fate,
    )


def paid(planted: Planted, key: str, *, state: str, fen: int = 1000, live: bool = True) -> None:
    planted.add("ledger.payment", payment_id=f"Y-{key}", payee_key=f"P-{key}", amount_fen=fen, state=state)
    planted.add(
        "ledger.payment_line",
        payment_line_id=f"N-{key}",
        payment_id=f"Y-{key}",
        award_id=f"W-{key}-1",
        amount_fen=fen,
        is_live=live,
    )
