"""Settlements, refunds and notices made into care events, as the profile stage makes them."""

from __future__ import annotations

from typing import Any

import duckdb
from tests.sql.given import given, made

from mianshen.core.reviews import PAYERS, Opening, ReviewAction, ReviewCode

TABLES = (
    "facts.settlement_newest",
    "facts.refund",
    "facts.settlement_replaced",
    "facts.care_netted",
    "facts.notice_newest",
    "facts.claim_review",
    "facts.payer_share",
    "facts.care_event",
)
NOTED = {ReviewCode.STAY_OVERLAPS, ReviewCode.SETTLED_LATE}
LEFT_OUT = {ReviewCode.SETTLEMENT_RENUMBERED}
DECISION = ("event_id", "review_code", "outcome", "decided_at", "decided_by")


def parameters(**changes: Any) -> dict[str, Any]:
    """What the stage binds; deliveries arrive in the order in which they are named."""
    deliveries = changes.get("settlement_deliveries", ["D1", "D2"])
    notices = changes.get("notice_deliveries", [])
    return {
        "settlement_deliveries": deliveries,
        "settlement_arrivals": list(range(1, len(deliveries) + 1)),
        "settlement_months": ["2026-10"] * len(deliveries),
        "notice_deliveries": notices,
        "notice_received": [f"2026-11-{day:02d}" for day in range(1, len(notices) + 1)],
        "hand_deliveries": [],
        "longest_chain": 16,
        "benefit_year_by": "settlement",
        "resettled_days": 30,
        "review_codes": [one.value for one in ReviewCode],
        "review_actions": [(ReviewAction.NOTE if one in NOTED else ReviewAction.HOLD).value for one in ReviewCode],
        "review_openings": [(Opening.LEAVE_OUT if one in LEFT_OUT else Opening.COUNT).value for one in ReviewCode],
        "go_live_on": None,
        "accident_med_types": ["19", "22"],
        "accident_dise_codes": ["S", "T"],
        "late_days": 90,
        "payer_codes": [one.value for one in PAYERS],
        "payer_reach_codes": [],
        "payer_reach_months": [],
    } | changes


def made_events(
    con: duckdb.DuckDBPyConnection, *, by: str = "settlement", decisions: list[tuple[str, ...]] | None = None, **changes: Any
) -> list[dict[str, Any]]:
    """facts.care_event from staging.settlement (and what else was given), every table before it made and checked."""
    for table in ("staging.settlement_quarantined", "staging.notice"):
        if not _stands(con, table):
            given(con, table)
    con.execute("create schema if not exists ledger")
    con.execute("create table if not exists ledger.exclusion (person_key varchar, since date, until date)")
    con.execute(f"create or replace table ledger.claim_decision ({', '.join(f'{name} varchar' for name in DECISION)})")
    for one in decisions or []:
        con.execute("insert into ledger.claim_decision values (?, ?, ?, ?, ?)", one)
    bound = parameters(**changes) | {"benefit_year_by": by}
    rows: list[dict[str, Any]] = []
    for table in TABLES:
        rows = made(con, table, **bound)
    return rows


def _stands(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    schema, name = table.split(".")
    query = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
    found = con.execute(query, [schema, name]).fetchone()
    return bool(found and found[0])
