"""Given settlements and lists, expect events, refunds and identity spans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from tests.sql.given import Row, fetched, given, made, picked
from tests.sql.settled import made_events

D = date.fromisoformat


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def settlement(setl_id: str, line_no: int = 1, **changes: Any) -> Row:
    row = {
        "delivery_id": "D1",
        "line_no": line_no,
        "person_key": "P1",
        "setl_id": setl_id,
        "fixmedins_code": "H51011800001",
        "begndate": D("2026-10-01"),
        "enddate": D("2026-10-03"),
        "setl_time": at("2026-10-03 10:00:00"),
        "updt_time": at("2026-10-04 08:00:00"),
        "medfee_sumamt": 10_000,
        "psn_part_amt": 4_000,
        "fund_pay_sumamt": 6_000,
        "refd_setl_flag": "0",
        "mdtrt_admdvs": "510118",
    }
    return row | changes


def events(
    con: duckdb.DuckDBPyConnection, *rows: Row, by: str = "settlement", order: tuple[str, ...] = ("D1", "D2")
) -> dict[str, Any]:
    """Events by id, after the refunds were matched."""
    given(con, "staging.settlement", *rows)
    return {row["event_id"]: row for row in made_events(con, by=by, settlement_deliveries=list(order))}


def test_a_later_version_corrects_the_earlier_one(con: duckdb.DuckDBPyConnection) -> None:
    newer = settlement("S1", delivery_id="D2", updt_time=at("2026-11-01 08:00:00"), medfee_sumamt=9_000)
    found = events(con, newer, settlement("S1"), order=("D2", "D1"))
    assert picked(found.values(), "event_id", "medfee_sumamt", "state") == [("S1", 9_000, "LIVE")]


def test_of_equal_update_moments_the_later_delivery_counts(con: duckdb.DuckDBPyConnection) -> None:
    rows = settlement("S1"), settlement("S1", delivery_id="D2", medfee_sumamt=9_000)
    assert events(con, *rows, order=("D1", "D2"))["S1"]["medfee_sumamt"] == 9_000
    assert events(con, *rows, order=("D2", "D1"))["S1"]["medfee_sumamt"] == 10_000


def test_a_delivery_that_is_not_accepted_is_not_read(con: duckdb.DuckDBPyConnection) -> None:
    assert set(events(con, settlement("S1"), settlement("S2", delivery_id="D9"))) == {"S1"}


def test_a_negated_row_that_names_its_original_strikes_it_and_is_no_event(con: duckdb.DuckDBPyConnection) -> None:
    refund = settlement("S1R", medfee_sumamt=-10_000, refd_setl_flag="1", init_setl_id="S1", setl_time=at("2026-12-18 05:00:00"))
    again = settlement("S1S", setl_time=at("2026-12-18 05:20:00"))
    found = events(con, settlement("S1"), refund, again)
    assert picked(found.values(), "event_id", "state") == [("S1", "STRUCK"), ("S1S", "LIVE")]


def test_a_correction_of_the_original_after_its_refund_stays_struck(con: duckdb.DuckDBPyConnection) -> None:
    refund = settlement("S1R", medfee_sumamt=-10_000, refd_setl_flag="1", init_setl_id="S1")
    later = settlement("S1", delivery_id="D2", updt_time=at("2027-01-01 08:00:00"), medfee_sumamt=9_999)
    assert events(con, settlement("S1"), refund, later)["S1"]["state"] == "STRUCK"


def test_a_flag_on_the_settlement_itself_strikes_it(con: duckdb.DuckDBPyConnection) -> None:
    flagged = settlement("S1", delivery_id="D2", updt_time=at("2026-11-01 08:00:00"), refd_setl_flag="1")
    found = events(con, settlement("S1"), flagged)
    assert picked(found.values(), "state", "medfee_sumamt") == [("STRUCK", 10_000)]


def test_a_negative_row_under_the_same_id_strikes_until_a_later_row_settles_again(con: duckdb.DuckDBPyConnection) -> None:
    minus = settlement("S1", 2, medfee_sumamt=-10_000, refd_setl_flag="1", updt_time=at("2026-11-01 08:00:00"))
    assert events(con, settlement("S1"), minus)["S1"]["state"] == "STRUCK"
    again = settlement("S1", 3, medfee_sumamt=8_000, updt_time=at("2026-11-02 08:00:00"))
    assert picked(events(con, settlement("S1"), minus, again).values(), "state", "medfee_sumamt") == [("LIVE", 8_000)]


def test_a_refund_without_an_id_strikes_one_settlement_like_it(con: duckdb.DuckDBPyConnection) -> None:
    twins = settlement("S1", 1), settlement("S2", 2, setl_time=at("2026-10-03 11:00:00"))
    other = settlement("S3", 3, medfee_sumamt=9_999)
    refund = settlement("X1", 4, medfee_sumamt=-10_000, refd_setl_flag="1", setl_time=at("2026-10-09 09:00:00"))
    found = events(con, *twins, other, refund)
    assert picked(found.values(), "event_id", "state") == [("S1", "STRUCK"), ("S2", "LIVE"), ("S3", "LIVE")]
    assert picked(fetched(con, "from facts.refund"), "refund_id", "event_id", "matched_by") == [("X1", "S1", "likeness")]


def test_a_refund_without_its_original_waits(con: duckdb.DuckDBPyConnection) -> None:
    refund = settlement("S0R", medfee_sumamt=-10_000, refd_setl_flag="1", init_setl_id="S0", person_key="P2")
    assert set(events(con, settlement("S1"), refund)) == {"S1"}
    waiting = made(con, "facts.refund_quarantined", waiting_original="WAITING_ORIGINAL")
    assert picked(waiting, "refund_id", "medfee_sumamt", "reason_code") == [("S0R", -10_000, "WAITING_ORIGINAL")]


def test_the_benefit_year_follows_settlement_or_discharge(con: duckdb.DuckDBPyConnection) -> None:
    over_new_year = settlement("S1", enddate=D("2026-12-30"), setl_time=at("2027-01-02 10:00:00"))
    assert events(con, over_new_year)["S1"]["benefit_year"] == 2027
    assert events(con, over_new_year, by="discharge")["S1"]["benefit_year"] == 2026


def test_a_missing_end_is_the_settlement_day(con: duckdb.DuckDBPyConnection) -> None:
    found = events(con, settlement("S1", enddate=None))["S1"]
    assert (found["since"], found["until_on"], found["settled_on"]) == (D("2026-10-01"), D("2026-10-03"), D("2026-10-03"))


def test_the_checks_find_an_event_that_was_lost(con: duckdb.DuckDBPyConnection) -> None:
    events(con, settlement("S1"), settlement("S2", 2))
    given(con, "facts.identity_span")
    assert {row["failures"] for row in made(con, "checks.profile", settlement_deliveries=["D1", "D2"])} == {0}
    con.execute("delete from facts.care_event where event_id = 'S2'")
    checked = made(con, "checks.profile", settlement_deliveries=["D1", "D2"])
    broken = [row for row in checked if row["failures"] or row["fen_in"] != row["fen_out"]]
    assert picked(broken, "check_code", "failures", "fen_in", "fen_out") == [("rows_accounted", 1, 20_000, 10_000)]


def listed(month: str, person: str, category: str = "DIBAO", valid_from: str | None = None, list_code: str = "L1") -> Row:
    return {
        "delivery_id": f"{list_code} {month}",
        "line_no": 1,
        "list_code": list_code,
        "list_month": month,
        "person_key": person,
        "category_code": category,
        "valid_from": valid_from and D(valid_from),
        "town": "五津街道",
    }


def taken(con: duckdb.DuckDBPyConnection, *snapshots: tuple[str, str]) -> None:
    """Whole lists of these months that stand."""
    given(
        con,
        "facts.roster_snapshot",
        *(
            {"delivery_id": f"{code} {month}", "list_code": code, "list_month": month, "known_at": "9", "is_complete": True}
            for code, month in snapshots
        ),
    )
    given(con, "facts.roster_kept")
    given(con, "facts.identity_granted")


def spans(
    con: duckdb.DuckDBPyConnection, *rows: Row, run_month: str, months: tuple[str, ...], essential: tuple[str, ...] = ("L1", "L2")
) -> list[tuple[Any, ...]]:
    """Spans as (person, category, since, until, is_provisional) from lists that came in these months."""
    given(con, "staging.roster", *rows)
    snapshots = [(list_code, month) for list_code in sorted({row["list_code"] for row in rows}) for month in months]
    taken(con, *snapshots)
    made(con, "facts.identity_span", essential_lists=list(essential), run_month=run_month, known_at="now", application_lists=[])
    return [
        (row["person_key"], row["category_code"], str(row["since"]), row["until"] and str(row["until"]), row["is_provisional"])
        for row in fetched(con, "from facts.identity_span order by all")
    ]


def test_months_in_a_row_make_one_span_that_stays_open(con: duckdb.DuckDBPyConnection) -> None:
    rows = listed("2026-09", "P1"), listed("2026-10", "P1")
    assert spans(con, *rows, run_month="2026-10", months=("2026-09", "2026-10")) == [("P1", "DIBAO", "2026-09-01", None, False)]


def test_absence_from_a_later_snapshot_ends_the_span_on_its_first_day(con: duckdb.DuckDBPyConnection) -> None:
    rows = listed("2026-09", "P1", valid_from="2020-03-05"), listed("2026-10", "P2")
    assert spans(con, *rows, run_month="2026-10", months=("2026-09", "2026-10")) == [
        ("P1", "DIBAO", "2020-03-05", "2026-10-01", False),
        ("P2", "DIBAO", "2026-10-01", None, False),
    ]


def test_an_empty_list_that_was_delivered_ends_everyone(con: duckdb.DuckDBPyConnection) -> None:
    found = spans(con, listed("2026-09", "P1"), run_month="2026-10", months=("2026-09", "2026-10"))
    assert found == [("P1", "DIBAO", "2026-09-01", "2026-10-01", False)]


def test_a_person_who_returns_has_a_gap_whatever_old_start_the_list_repeats(con: duckdb.DuckDBPyConnection) -> None:
    months = ("2026-08", "2026-09", "2026-10")
    rows = listed("2026-08", "P1", valid_from="2025-01-01"), listed("2026-10", "P1", valid_from="2025-01-01")
    assert spans(con, *rows, run_month="2026-10", months=months) == [
        ("P1", "DIBAO", "2025-01-01", "2026-09-01", False),
        ("P1", "DIBAO", "2026-10-01", None, False),
    ]
    renewed = rows[0], listed("2026-10", "P1", valid_from="2026-09-20")
    assert spans(con, *renewed, run_month="2026-10", months=months)[1] == ("P1", "DIBAO", "2026-09-20", None, False)


def test_a_list_that_is_late_makes_its_last_spans_provisional(con: duckdb.DuckDBPyConnection) -> None:
    rows = listed("2026-09", "P1"), listed("2026-09", "P2", list_code="L2"), listed("2026-10", "P2", list_code="L2")
    given(con, "staging.roster", *rows)
    taken(con, ("L1", "2026-09"), ("L2", "2026-09"), ("L2", "2026-10"))
    made(con, "facts.identity_span", essential_lists=["L1", "L2"], run_month="2026-10", known_at="now", application_lists=[])
    assert picked(fetched(con, "from facts.identity_span order by all"), "person_key", "since", "until", "is_provisional") == [
        ("P1", D("2026-09-01"), D("2026-10-01"), False),
        ("P1", D("2026-10-01"), None, True),
        ("P2", D("2026-09-01"), None, False),
    ]


def test_a_list_that_is_late_for_two_months_is_provisional_from_the_first(con: duckdb.DuckDBPyConnection) -> None:
    assert spans(con, listed("2026-08", "P1"), run_month="2026-10", months=("2026-08",)) == [
        ("P1", "DIBAO", "2026-08-01", "2026-09-01", False),
        ("P1", "DIBAO", "2026-09-01", None, True),
    ]


def test_a_late_list_that_is_not_essential_holds_nothing(con: duckdb.DuckDBPyConnection) -> None:
    found = spans(con, listed("2026-09", "P1"), run_month="2026-10", months=("2026-09",), essential=())
    assert found == [("P1", "DIBAO", "2026-09-01", None, False)]


def test_a_change_of_category_within_a_list_is_two_spans(con: duckdb.DuckDBPyConnection) -> None:
    rows = listed("2026-09", "P1", "DIBAO_BIANYUAN"), listed("2026-10", "P1", "DIBAO")
    assert spans(con, *rows, run_month="2026-10", months=("2026-09", "2026-10")) == [
        ("P1", "DIBAO", "2026-10-01", None, False),
        ("P1", "DIBAO_BIANYUAN", "2026-09-01", "2026-10-01", False),
    ]
