"""Of the claims that relief is for, which are done and which are open: to a patient, done is money in the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from tests.sql.given import given, made, picked

OCTOBER, MARCH = date(2026, 10, 9), date(2026, 3, 5)
CLAIMS = {
    "arrived": ("PAID", None, 500),
    "on its way": ("PAID", None, 500),
    "half arrived": ("PAID", None, 500),
    "undecided": ("PAID", None, 500),
    "refused by the department": ("PAID", None, 500),
    "not posted": ("PAID", None, 500),
    "opened before go-live": ("PAID", None, 500),
    "share of a sum that arrived": ("PAID", None, 500),
    "taken back": ("PAID", None, 500),
    "moved between funds": ("PAID", None, 500),
    "within a recovery": ("PAID", None, 500),
    "held": ("HELD", "IDENTITY_PROVISIONAL", 500),
    "at the window": ("REFUSED", "WINDOW_PAID", 0),
    "in no category": ("REFUSED", "NO_CATEGORY", 0),
}
POSTED = {
    "arrived": [("award", 500, "effective", "paid")],
    "on its way": [("award", 500, "effective", "sent")],
    "half arrived": [("award", 300, "effective", "paid"), ("award", 200, "effective", "sent")],
    "undecided": [("award", 300, "effective", "paid"), ("award", 200, "open", None)],
    "refused by the department": [("award", 500, "dead", None)],
    "opened before go-live": [("opening", 500, "effective", None)],
    "moved between funds": [("award", 500, "effective", "transfer")],
    "within a recovery": [("award", 500, "effective", "recovery")],
    "taken back": [("award", 700, "effective", "paid"), ("award", -200, "effective", None)],
}
DONE = {
    "arrived",
    "refused by the department",
    "opened before go-live",
    "share of a sum that arrived",
    "taken back",
    "moved between funds",
    "within a recovery",
    "at the window",
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        claims = [
            {"event_id": name, "event_kind": "care", "person_key": name, "benefit_year": 2026, "event_on": OCTOBER}
            | {"outcome": outcome, "reason_code": why, "relief_fen": fen}
            for name, (outcome, why, fen) in CLAIMS.items()
        ]
        given(connection, "out.assessment", *claims)
        parts = [
            {"event_id": name, "event_kind": "care", "person_key": name, "benefit_code": "A", "relief_fen": fen}
            for name, (_, _, fen) in CLAIMS.items()
            if fen
        ]
        given(connection, "out.relief_part", *parts)
        _ledger(connection)
        yield connection


def _ledger(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema ledger")
    con.execute(
        "create table ledger.award_posting (award_id varchar, event_id varchar, person_key varchar, benefit_year integer,"
        " benefit_code varchar, kind varchar, amount_fen bigint, fate varchar)"
    )
    con.execute("create table ledger.payment (payment_id varchar, state varchar)")
    con.execute("create table ledger.payment_line (payment_id varchar, award_id varchar, amount_fen bigint, is_live boolean)")
    con.execute("insert into ledger.payment values ('paid', 'paid'), ('sent', 'sent')")
    for other in ("transfer", "recovery"):
        con.execute(f"create table ledger.{other}_line (award_id varchar, amount_fen bigint)")
    posted = [(name, name, *one) for name, rows in POSTED.items() for one in rows]
    posted.append(("", "share of a sum that arrived", "award", 900, "effective", "paid"))
    for number, (event_id, person, kind, fen, fate, payment) in enumerate(posted):
        con.execute(
            "insert into ledger.award_posting values (?, ?, ?, 2026, 'A', ?, ?, ?)", [number, event_id, person, kind, fen, fate]
        )
        if payment in ("transfer", "recovery"):
            con.execute(f"insert into ledger.{payment}_line values (?, ?)", [number, fen])
        elif payment:
            con.execute("insert into ledger.payment_line values (?, ?, ?, true)", [payment, number, fen])


def ended(con: duckdb.DuckDBPyConnection, **wanted: Any) -> list[tuple[Any, ...]]:
    rows = made(con, "out.funnel_end", run_month="2026-10")
    return picked(
        [row for row in rows if all(row[name] == value for name, value in wanted.items())], "step", "visits", "relief_fen"
    )


def test_done_is_what_reached_an_account_and_everything_else_is_open(con: duckdb.DuckDBPyConnection) -> None:
    """R001-17: done and open make up what is paid at the window, payable and held."""
    (done, done_visits, _), (still_open, open_visits, open_fen) = ended(con, scope="month")
    assert (done, done_visits) == ("7_done", len(DONE))
    assert (still_open, open_visits, open_fen) == ("8_open", len(CLAIMS) - 1 - len(DONE), 500 * (len(CLAIMS) - 1 - len(DONE)))


@pytest.mark.parametrize("name", sorted(set(CLAIMS) - {"in no category"}))
def test_each_claim_ends_where_a_patient_would_say(con: duckdb.DuckDBPyConnection, name: str) -> None:
    con.execute("delete from out.assessment where event_id <> ?", [name])
    assert [step for step, _, _ in ended(con, scope="year")] == ["7_done" if name in DONE else "8_open"]


def test_a_line_that_no_longer_lives_has_not_arrived(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from out.assessment where event_id <> 'arrived'")
    con.execute("update ledger.payment_line set is_live = false")
    assert [step for step, _, _ in ended(con, scope="year")] == ["8_open"]


def test_a_claim_of_an_earlier_month_counts_in_its_year_alone(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update out.assessment set event_on = ? where event_id = 'held'", [MARCH])
    assert dict((step, visits) for step, visits, _ in ended(con, scope="year"))["8_open"] == 5
    assert dict((step, visits) for step, visits, _ in ended(con, scope="month"))["8_open"] == 4
