"""What reached an account stands in the month of its claim, and only what reached one."""

from __future__ import annotations

from datetime import date

import duckdb
from tests.sql.given import given, made, picked

from mianshen.warehouse.connect import compute

MONTHS = ["2026-09", "2026-10"]


def ledger(con: duckdb.DuckDBPyConnection) -> None:
    """Five lines: paid, sent, paid and dead, paid for a sum of the year, paid for a claim of before."""
    con.execute("create schema ledger")
    con.execute("create table ledger.payment (payment_id varchar, state varchar)")
    con.execute("insert into ledger.payment values ('PAID', 'paid'), ('SENT', 'sent')")
    con.execute("create table ledger.payment_line (payment_id varchar, award_id varchar, amount_fen bigint, is_live boolean)")
    con.execute(
        "insert into ledger.payment_line values ('PAID', 'W1', 700, true), ('PAID', 'W1b', -200, true), ('SENT', 'W2', 50, true),"
        " ('PAID', 'W3', 60, false), ('PAID', 'W4', 900, true), ('PAID', 'W5', 80, true)"
    )
    con.execute(
        "create table ledger.award_posting (award_id varchar, event_id varchar, person_key varchar, benefit_year integer,"
        " benefit_code varchar, department_code varchar, fund_code varchar, category_code varchar, posting_no integer)"
    )
    postings = [
        ("W1", "S1", 1),
        ("W1b", "S1", 2),
        ("W2", "S1", 3),
        ("W3", "S2", 1),
        ("W4", "", 1),
        ("W5", "S0", 1),
    ]
    for award, event, number in postings:
        benefit = "yearly" if event == "" else "special"
        row = [award, event, "P1", 2026, benefit, "bureau", "public", "POOR" if number == 1 else "ILL", number]
        con.execute("insert into ledger.award_posting values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def test_only_live_lines_of_payments_that_arrived_count_in_the_month_of_their_claim() -> None:
    con = compute()
    ledger(con)
    claim = {"event_kind": "care", "person_key": "P1", "benefit_year": 2026}
    given(
        con,
        "out.assessment",
        claim | {"event_id": "S0", "event_on": date(2025, 12, 30)},
        claim | {"event_id": "S1", "event_on": date(2026, 10, 2)},
        claim | {"event_id": "S2", "event_on": date(2026, 9, 9)},
    )
    given(con, "facts.care_placed", {"event_id": "S1", "person_key": "P1", "calendar_month": "2026-09"})
    rows = made(con, "out.paid_part", months=MONTHS)
    assert picked(rows, "event_id", "calendar_month", "benefit_code", "category_code", "paid_fen") == [
        ("", "2026-09", "yearly", "POOR", 900),
        ("S1", "2026-09", "special", "ILL", 500),
    ], "care stands in the month it was settled in; a sum of the year in that of the last claim; what was taken back is off"
