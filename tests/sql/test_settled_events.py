"""What refunds, renumbering, deaths, accidents and other payers make of a settlement: given records, expect events."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from tests.sql.given import Row, fetched, given, made, picked
from tests.sql.settled import made_events
from tests.sql.test_profile_tables import settlement

D, AT = date.fromisoformat, datetime.fromisoformat
WAITS = {"waiting_original": "WAITING_ORIGINAL"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def refund(setl_id: str, line_no: int = 9, **changes: Any) -> Row:
    later = {"setl_time": AT("2026-10-20 10:00:00"), "updt_time": AT("2026-10-21 08:00:00")}
    return settlement(setl_id, line_no, medfee_sumamt=-10_000, psn_part_amt=-4_000, refd_setl_flag="1", **later) | changes


def quarantined(setl_id: str, **changes: Any) -> Row:
    return {
        "delivery_id": "D2",
        "line_no": 1,
        "list_code": "settlement",
        "reason_code": "MONEY_INVALID",
        "setl_id": setl_id,
    } | changes


def notice(code: str, number: int = 1, **changes: Any) -> Row:
    return {
        "delivery_id": "N1",
        "line_no": number,
        "list_code": code.lower(),
        "notice_code": code,
        "notice_id": f"N{number}",
    } | changes


def states(con: duckdb.DuckDBPyConnection, *rows: Row, **changes: Any) -> dict[str, tuple[str, str | None]]:
    given(con, "staging.settlement", *rows)
    found = {row["event_id"]: (row["state"], row["reason_code"]) for row in made_events(con, **changes)}
    given(con, "facts.identity_span")
    deliveries = changes.get("settlement_deliveries", ["D1", "D2"])
    broken = [
        row for row in made(con, "checks.profile", settlement_deliveries=deliveries)
        if row["failures"] or row["fen_in"] != row["fen_out"]
    ]  # fmt: skip
    assert broken == []
    return found


LIVE, STRUCK = ("LIVE", None), ("STRUCK", "REFUND_STRUCK")


def test_a_partial_refund_leaves_the_rest_to_be_relieved(con: duckdb.DuckDBPyConnection) -> None:
    part = refund("S1R", init_setl_id="S1", medfee_sumamt=-3_000, psn_part_amt=-1_000, fund_pay_sumamt=-2_000)
    assert states(con, settlement("S1"), part) == {"S1": LIVE}
    rows = fetched(con, "from facts.care_event")
    assert picked(rows, "medfee_sumamt", "psn_part_amt", "fund_pay_sumamt", "billed_fen") == [(7_000, 3_000, 4_000, 10_000)]
    assert rows[0]["flags"] == ["PARTLY_REFUNDED"]


def test_partial_refunds_that_take_everything_strike(con: duckdb.DuckDBPyConnection) -> None:
    parts = [refund(f"S1R{place}", place, init_setl_id="S1", medfee_sumamt=-5_000) for place in (2, 3)]
    assert states(con, settlement("S1"), *parts) == {"S1": STRUCK}


def test_a_refund_of_a_refund_gives_the_settlement_back(con: duckdb.DuckDBPyConnection) -> None:
    back = refund("S1RR", 10, init_setl_id="S1R", medfee_sumamt=10_000, psn_part_amt=4_000)
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1"), back) == {"S1": LIVE}
    again = refund("S1RRR", 11, init_setl_id="S1RR")
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1"), back, again) == {"S1": STRUCK}


def test_a_refund_row_with_positive_amounts_takes_them_off_all_the_same(con: duckdb.DuckDBPyConnection) -> None:
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1", medfee_sumamt=10_000)) == {"S1": STRUCK}
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1", medfee_sumamt=0)) == {"S1": STRUCK}
    part = refund("S1R", init_setl_id="S1", medfee_sumamt=3_000, psn_part_amt=1_000)
    assert states(con, settlement("S1"), part) == {"S1": LIVE}
    assert picked(fetched(con, "from facts.care_event"), "medfee_sumamt", "psn_part_amt") == [(7_000, 3_000)]


def test_a_refund_of_an_earlier_version_strikes_the_corrected_one(con: duckdb.DuckDBPyConnection) -> None:
    later = settlement("S1", delivery_id="D2", updt_time=AT("2026-11-01 08:00:00"), medfee_sumamt=12_000)
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1"), later) == {"S1": STRUCK}


def test_refunds_in_a_circle_wait_and_end(con: duckdb.DuckDBPyConnection) -> None:
    circle = refund("A", init_setl_id="B"), refund("B", 10, init_setl_id="A")
    assert states(con, settlement("S1", person_key="P2"), *circle) == {"S1": LIVE}
    assert len(made(con, "facts.refund_quarantined", **WAITS)) == 2


def test_alike_refunds_strike_only_what_was_settled_before_them(con: duckdb.DuckDBPyConnection) -> None:
    early = refund("X1", 3, setl_time=AT("2026-10-02 10:00:00"))
    late = refund("X2", 4, setl_time=AT("2026-10-04 10:00:00"))
    second = settlement("S2", 2, setl_time=AT("2026-10-05 10:00:00"), updt_time=AT("2026-10-06 08:00:00"))
    found = states(con, settlement("S1"), second, early, late)
    assert found == {"S1": STRUCK, "S2": LIVE}
    assert picked(made(con, "facts.refund_quarantined", **WAITS), "refund_id") == [("X1",)]


def test_the_order_of_arrival_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    again = settlement("S1S", setl_time=AT("2026-10-20 11:00:00"))
    rows = [
        settlement("S1", delivery_id="D1"),
        refund("S1R", delivery_id="D2", init_setl_id="S1"),
        again | {"delivery_id": "D3", "updt_time": AT("2026-10-22 08:00:00"), "medfee_sumamt": 9_000},
        again | {"delivery_id": "D4", "updt_time": AT("2026-10-25 08:00:00"), "medfee_sumamt": 8_000},
    ]  # fmt: skip
    ends = set()
    for order in itertools.permutations((1, 2, 3, 4)):
        found = states(con, *rows, settlement_deliveries=["D1", "D2", "D3", "D4"], settlement_arrivals=list(order))
        ends.add((*found.items(), *picked(fetched(con, "from facts.care_event order by 1"), "medfee_sumamt", "chain_event_id")))
    assert ends == {(("S1", STRUCK), ("S1S", LIVE), (10_000, "S1"), (8_000, "S1"))}


def test_a_new_settlement_soon_after_the_refund_carries_the_event_on(con: duckdb.DuckDBPyConnection) -> None:
    soon = settlement("S2", 2, setl_time=AT("2026-10-25 10:00:00"), medfee_sumamt=9_000)
    late = settlement("S3", 3, setl_time=AT("2026-12-25 10:00:00"), medfee_sumamt=8_000)
    states(con, settlement("S1"), refund("S1R", init_setl_id="S1"), soon, late)
    assert picked(fetched(con, "from facts.care_event order by 1"), "event_id", "chain_event_id") == [
        ("S1", "S1"), ("S2", "S1"), ("S3", "S3"),
    ]  # fmt: skip


def test_versions_that_were_replaced_are_named(con: duckdb.DuckDBPyConnection) -> None:
    again = settlement("S1", delivery_id="D2", line_no=7)
    newest = settlement("S1", delivery_id="D2", line_no=8, updt_time=AT("2026-11-02 08:00:00"), medfee_sumamt=9_000)
    states(con, settlement("S1"), again)
    assert picked(fetched(con, "from facts.settlement_replaced"), "delivery_id", "reason_code") == [("D1", "SETTLEMENT_REPEATED")]
    states(con, settlement("S1"), again, newest)
    named = picked(fetched(con, "from facts.settlement_replaced order by 1"), "delivery_id", "reason_code", "replaced_by")
    assert named == [("D1", "SETTLEMENT_CORRECTED", "D2"), ("D2", "SETTLEMENT_CORRECTED", "D2")]


def test_a_refund_that_was_set_aside_holds_the_claim_it_names(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "staging.settlement_quarantined", quarantined("S1R", init_setl_id="S1", refd_setl_flag="1"))
    assert states(con, settlement("S1"), settlement("S2", 2, person_key="P2"))["S1"] == ("HELD", "REFUND_UNREADABLE")
    came = states(con, settlement("S1"), refund("S1R", init_setl_id="S1", medfee_sumamt=-1_000, psn_part_amt=-1))
    assert came == {"S1": LIVE}, "the refund was delivered again and is no longer in doubt"
    given(con, "staging.settlement_quarantined", quarantined("S1", refd_setl_flag="1"))
    assert states(con, settlement("S1")) == {"S1": ("HELD", "REFUND_UNREADABLE")}


def test_a_correction_that_was_set_aside_holds_what_it_corrects(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "staging.settlement_quarantined", quarantined("S1", refd_setl_flag="0"))
    assert states(con, settlement("S1")) == {"S1": ("HELD", "CORRECTION_UNREADABLE")}
    assert states(con, settlement("S1", delivery_id="D2")) == {"S1": LIVE}


def test_the_same_bill_under_another_id_is_held_and_the_first_stands(con: duckdb.DuckDBPyConnection) -> None:
    again = settlement("A1", delivery_id="D2")
    assert states(con, settlement("S1"), again) == {"S1": LIVE, "A1": ("HELD", "SETTLEMENT_RENUMBERED")}
    held = fetched(con, "from facts.claim_review where action = 'hold'")
    assert picked(held, "event_id", "review_code", "related_id") == [("A1", "SETTLEMENT_RENUMBERED", "S1")]
    decided = [("A1", "SETTLEMENT_RENUMBERED", "release", "2026-11-01", "clerk")]
    assert states(con, settlement("S1"), again, decisions=decided) == {"S1": LIVE, "A1": LIVE}
    refused = [("A1", "SETTLEMENT_RENUMBERED", "refuse", "2026-11-01", "clerk")]
    assert states(con, settlement("S1"), again, decisions=refused)["A1"] == ("REFUSED", "BILLED_TWICE")


def test_two_visits_of_one_day_with_different_amounts_raise_no_alarm(con: duckdb.DuckDBPyConnection) -> None:
    assert set(states(con, settlement("S1"), settlement("S2", 2, medfee_sumamt=10_001)).values()) == {LIVE}
    elsewhere = settlement("S3", 3, fixmedins_code="H51011800002")
    assert set(states(con, settlement("S1"), elsewhere).values()) == {LIVE}


def test_a_renumbered_bill_whose_first_id_was_refunded_stands_alone(con: duckdb.DuckDBPyConnection) -> None:
    again = settlement("A1", delivery_id="D2")
    assert states(con, settlement("S1"), refund("S1R", init_setl_id="S1"), again) == {"S1": STRUCK, "A1": LIVE}


@pytest.mark.parametrize("care", [{"med_type": "19"}, {"med_type": "22"}, {"dise_code": "S72.000"}, {"dise_code": "T40.1"}])
def test_accident_care_waits_for_the_finding(con: duckdb.DuckDBPyConnection, care: dict[str, str]) -> None:
    accident = settlement("S1", **care)
    assert states(con, accident, settlement("S2", 2, person_key="P2", dise_code="I63.900")) == {
        "S1": ("HELD", "ACCIDENT_PENDING"), "S2": LIVE,
    }  # fmt: skip
    given(con, "staging.notice", notice("INJURY_PAYABLE", setl_id="S1"))
    assert states(con, accident, notice_deliveries=["N1"]) == {"S1": LIVE}
    given(con, "staging.notice", notice("INJURY_NOT_PAYABLE", setl_id="S1"))
    assert states(con, accident, notice_deliveries=["N1"]) == {"S1": ("REFUSED", "ACCIDENT_NOT_PAYABLE")}
    given(con, "staging.notice", notice("INJURY_NOT_PAYABLE", setl_id="S9"))
    assert states(con, accident, notice_deliveries=["N1"]) == {"S1": ("HELD", "ACCIDENT_PENDING")}


def test_the_first_recorded_finding_decides(con: duckdb.DuckDBPyConnection) -> None:
    rows = notice("INJURY_PAYABLE", setl_id="S1"), notice("INJURY_NOT_PAYABLE", 2, delivery_id="N2", setl_id="S1")
    given(con, "staging.notice", *rows)
    accident = settlement("S1", med_type="19")
    assert states(con, accident, notice_deliveries=["N1", "N2"]) == {"S1": LIVE}
    earlier = [("S1", "ACCIDENT_PENDING", "refuse", "2026-10-30", "clerk")]
    assert states(con, accident, notice_deliveries=["N1", "N2"], decisions=earlier)["S1"][0] == "REFUSED"


def test_care_that_began_after_the_day_of_death_is_held(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "staging.notice", notice("DEATH", person_key="P1", happened_on=D("2026-10-01")))
    after = settlement("S2", 2, begndate=D("2026-10-02"), medfee_sumamt=9_999)
    found = states(con, settlement("S1"), after, settlement("S3", 3, person_key="P2"), notice_deliveries=["N1"])
    assert found == {"S1": LIVE, "S2": ("HELD", "AFTER_DEATH"), "S3": LIVE}
    assert set(states(con, settlement("S1"), after, notice_deliveries=[]).values()) == {LIVE}, "no list, no death"


def test_overlapping_stays_are_marked_and_a_transfer_is_not(con: duckdb.DuckDBPyConnection) -> None:
    overlap = settlement("S2", 2, begndate=D("2026-10-02"), enddate=D("2026-10-06"), fixmedins_code="H51011800002")
    transfer = settlement("S3", 3, begndate=D("2026-10-06"), enddate=D("2026-10-09"), fixmedins_code="H51011800003")
    outpatient = settlement("S4", 4, begndate=D("2026-10-02"), enddate=D("2026-10-02"), medfee_sumamt=50)
    found = states(con, settlement("S1"), overlap, transfer, outpatient)
    assert set(found.values()) == {LIVE}
    flagged = {row["event_id"]: row["flags"] for row in fetched(con, "from facts.care_event")}
    assert flagged == {"S1": ["STAY_OVERLAPS"], "S2": ["STAY_OVERLAPS"], "S3": [], "S4": []}


def test_what_first_came_long_after_the_settlement_is_marked(con: duckdb.DuckDBPyConnection) -> None:
    old = settlement("S1", begndate=D("2026-06-01"), enddate=D("2026-06-02"), setl_time=AT("2026-06-02 10:00:00"))
    months = {"settlement_deliveries": ["D1", "D2"], "settlement_months": ["2026-06", "2026-10"]}
    assert states(con, old | {"delivery_id": "D2"}, **months) == {"S1": LIVE}
    assert fetched(con, "from facts.care_event")[0]["flags"] == ["SETTLED_LATE"]
    states(con, old, old | {"delivery_id": "D2"}, **months)
    assert fetched(con, "from facts.care_event")[0]["flags"] == [], "its first version came in time"


def reach(**months: str) -> dict[str, Any]:
    return {
        "payer_reach_codes": list(months),
        "payer_reach_months": list(months.values()),
        "notice_deliveries": ["N1"],
    }


def test_a_payer_that_has_not_delivered_is_unknown_and_never_nothing(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "staging.notice", notice("PAY_CHARITY", setl_id="S1", fen=700))
    given(con, "staging.settlement", settlement("S1"), settlement("S2", 2, setl_time=AT("2026-11-03 10:00:00"), medfee_sumamt=5))
    rows = made_events(con, **reach(PAY_CHARITY="2026-10", PAY_COMMERCIAL="2026-11"))
    assert picked(rows, "event_id", "pay_charity", "pay_commercial", "pay_inclusive") == [
        ("S1", 700, 0, None),
        ("S2", None, 0, None),
    ]
    assert [("PAY_CHARITY" in row["payers_unknown"], "PAY_COMMERCIAL" in row["payers_unknown"]) for row in rows] == [
        (False, False), (True, False),
    ]  # fmt: skip


def test_a_payment_for_a_year_is_spread_over_its_settlements_in_order(con: duckdb.DuckDBPyConnection) -> None:
    given(
        con,
        "staging.notice",
        notice("PAY_COMMERCIAL", 1, person_key="P1", benefit_year=2026, fen=5_000),
        notice("PAY_CHARITY", 2, person_key="P1", benefit_year=2026, fen=2_000),
        notice("PAY_CHARITY", 3, setl_id="S1", fen=1_000),
        notice("PAY_CHARITY", 4, person_key="P9", benefit_year=2026, fen=9_000),
    )
    second = settlement("S2", 2, setl_time=AT("2026-10-05 10:00:00"), medfee_sumamt=9_000)
    given(con, "staging.settlement", settlement("S1"), second)
    rows = made_events(con, **reach(PAY_CHARITY="2026-12", PAY_COMMERCIAL="2026-12"))
    # S1 bears 4,000, charity gave 1,000 of it by name; of the year's 5,000 it takes 3,000 and S2 2,000, then charity's 2,000.
    assert picked(rows, "event_id", "pay_commercial", "pay_charity") == [("S1", 3_000, 1_000), ("S2", 2_000, 2_000)]


def test_a_payment_for_a_refunded_settlement_goes_with_the_one_in_its_place(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "staging.notice", notice("PAY_CHARITY", setl_id="S1", fen=700))
    again = settlement("S2", 2, setl_time=AT("2026-10-25 10:00:00"), medfee_sumamt=9_000)
    given(con, "staging.settlement", settlement("S1"), refund("S1R", init_setl_id="S1"), again)
    rows = made_events(con, **reach(PAY_CHARITY="2026-10"))
    assert picked(rows, "event_id", "pay_charity") == [("S1", None), ("S2", 700)]
