"""Bills and fees claimed at a window (零星报销): they wait for their case; the same bill told by a feed is never a second one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from tests.sql.given import fetched, given, made
from tests.sql.settled import made_events
from tests.sql.test_profile_tables import settlement

HAND, FEED = "D1", "D2"
RELEASED = ("S1", "CLAIMED_BY_HAND", "release", "2026-11-03", "clerk")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def events(con: duckdb.DuckDBPyConnection, *rows: Any, hand: str = HAND, **changes: Any) -> dict[str, Any]:
    """State and reason, place of care and cost by event; delivery D1 came before D2."""
    given(con, "staging.settlement", *rows)
    made_events(con, hand_deliveries=[hand], **changes)
    found = fetched(con, "from facts.care_event")
    return {row["event_id"]: (row["state"], row["reason_code"], row["care_place"], row["medfee_sumamt"]) for row in found}


def test_a_bill_claimed_at_a_window_waits_until_its_case_agrees(con: duckdb.DuckDBPyConnection) -> None:
    """R004-08: nothing is computed before; then it is a claim of the centre like any other."""
    bill = settlement("S1", delivery_id=HAND)
    assert events(con, bill) == {"S1": ("REFUSED", "CLAIMED_BY_HAND", "1", 10_000)}
    assert events(con, bill, decisions=[RELEASED]) == {"S1": ("LIVE", None, "1", 10_000)}
    refused = (*RELEASED[:2], "refuse", *RELEASED[3:])
    assert events(con, bill, decisions=[refused])["S1"][:2] == ("REFUSED", "REVIEW_REFUSED")


def test_the_feed_s_row_of_a_bill_that_was_claimed_says_nothing_new(con: duckdb.DuckDBPyConnection) -> None:
    """The centre's own settlement of the bill comes back by the feed, with what the fund paid: no second bill and no news."""
    bill = settlement("S1", delivery_id=HAND, hifp_pay=0)
    back = settlement("S1", 2, delivery_id=FEED, hifp_pay=6_000)
    assert events(con, bill, back, decisions=[RELEASED]) == {"S1": ("LIVE", None, "1", 10_000)}
    assert fetched(con, "select hifp_pay from facts.care_event") == [{"hifp_pay": 0}]


def test_a_bill_that_the_feed_told_first_is_not_claimed_again(con: duckdb.DuckDBPyConnection) -> None:
    told, claimed = settlement("S1", delivery_id="D1"), settlement("S1", 2, delivery_id="D2")
    assert events(con, told, claimed, hand="D2") == {"S1": ("LIVE", None, None, 10_000)}


def test_the_same_stay_under_another_id_waits_for_a_look_whichever_came_first(con: duckdb.DuckDBPyConnection) -> None:
    rows = (settlement("S1", delivery_id="D1"), settlement("S2", 2, delivery_id="D2"))
    found = events(con, *rows, decisions=[RELEASED])
    assert (found["S1"][0], found["S2"][:2]) == ("LIVE", ("HELD", "SETTLEMENT_RENUMBERED"))
    agreed = ("S2", *RELEASED[1:])
    found = events(con, *rows, hand="D2", decisions=[agreed])
    assert (found["S1"][0], found["S2"][:2]) == ("LIVE", ("HELD", "SETTLEMENT_RENUMBERED"))


def test_a_fee_claimed_at_a_window_counts_once_its_case_agreed(con: duckdb.DuckDBPyConnection) -> None:
    fee = {"person_key": "P1", "benefit_year": 2026, "paid_on": date(2026, 2, 1), "fee_fen": 40_000, "line_no": 2}
    given(con, "staging.enrolment", *({**fee, "enrol_id": key, "delivery_id": one} for key, one in (("F1", HAND), ("F2", FEED))))
    given(con, "staging.settlement")
    bound = {"enrolment_deliveries": [HAND, FEED], "hand_deliveries": [HAND]}
    made_events(con, **bound)
    assert [row["event_id"] for row in made(con, "facts.enrolment_event", **bound)] == ["F2"]
    made_events(con, decisions=[("F1", *RELEASED[1:])], **bound)
    assert [row["event_id"] for row in made(con, "facts.enrolment_event", **bound)] == ["F1", "F2"]
