"""Given events and identity spans, expect lines, outcomes, the funnel and the checks; each check is seen to fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from tests.sql.given import Row, fetched, given, made, picked
from tests.sql.small_plan import benefit, plan, rate

from mianshen.core.errors import MianshenError
from mianshen.core.plan import EventKind, MafCounting, Plan
from mianshen.warehouse.assessing import assess_claims
from mianshen.warehouse.build import require_checks

D = date.fromisoformat
TODAY = {"run_month": "2026-10", "run_year": 2026}
LINE = ("event_id", "benefit_code", "category_code", "base_fen", "entitled_fen", "window_fen", "amount_fen", "is_held")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        given(connection, "facts.enrolment_event")
        yield connection


def care(event_id: str, fen: int | None, *, on: str = "2026-10-05", **changes: Any) -> Row:
    days = {"since": D(on), "until_on": D(on), "settled_on": D(on), "settled_at": datetime.fromisoformat(f"{on} 10:00")}
    row = {"event_id": event_id, "person_key": "P1", "state": "LIVE", "inscp_scp_amt": fen, "maf_pay": 0}
    return row | days | {"benefit_year": D(on).year} | changes


def span(category: str = "POOR", since: str = "2020-01-01", until: str | None = None, **changes: Any) -> Row:
    row = {"person_key": "P1", "category_code": category, "since": D(since), "until": until and D(until)}
    return row | {"list_code": "L1", "is_provisional": False} | changes


def assess(con: duckdb.DuckDBPyConnection, policy: Plan, *, events: list[Row], spans: list[Row]) -> list[tuple[Any, ...]]:
    """Lines, after every table of the stage was made and its checks passed."""
    given(con, "facts.care_event", *events)
    given(con, "facts.identity_span", *spans)
    assess_claims(con, [(policy, [2025, 2026])])
    summed(con)
    require_checks(con, "checks.assess")
    return picked(fetched(con, "from out.award_line order by event_id, benefit_code"), *LINE)


def summed(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("out.funnel", "out.refusals", "out.relief_summary", "checks.assess"):
        made(con, table, **TODAY)


def outcomes(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str | None]]:
    return {row["event_id"]: (row["outcome"], row["reason_code"]) for row in fetched(con, "from out.assessment")}


def test_window_relief_is_an_advance_of_the_benefit_that_counts_it(con: duckdb.DuckDBPyConnection) -> None:
    # (20,000 - 3,000) x 50 % = 8,500; the window paid 4,000; 4,500 remain.
    policy = plan(benefit("bureau", rate("POOR", 500_000, deductible=300_000), window=True), maf=MafCounting.SAME_BENEFIT)
    lines = assess(con, policy, events=[care("S1", 2_000_000, maf_pay=400_000)], spans=[span()])
    assert lines == [("S1", "bureau", "POOR", 2_000_000, 850_000, 400_000, 450_000, False)]


def test_window_relief_is_an_earlier_payer_where_the_policy_says_so(con: duckdb.DuckDBPyConnection) -> None:
    # 20,000 - 4,000 = 16,000; (16,000 - 3,000) x 50 % = 6,500.
    policy = plan(benefit("bureau", rate("POOR", 500_000, deductible=300_000)))
    lines = assess(con, policy, events=[care("S1", 2_000_000, maf_pay=400_000)], spans=[span()])
    assert lines == [("S1", "bureau", "POOR", 1_600_000, 650_000, 0, 650_000, False)]


def test_each_benefit_sees_what_the_earlier_ones_left(con: duckdb.DuckDBPyConnection) -> None:
    # A: (20,000 - 3,000) x 50 % = 8,500; B: (11,500 - 5,000) x 60 % = 3,900; together 12,400.
    first = benefit("a", rate("POOR", 500_000, deductible=300_000))
    second = benefit("b", rate("POOR", 600_000, deductible=500_000))
    lines = assess(con, plan(first, second), events=[care("S1", 2_000_000)], spans=[span()])
    assert [(line[1], line[3], line[6]) for line in lines] == [("a", 2_000_000, 850_000), ("b", 1_150_000, 390_000)]
    assert picked(fetched(con, "from out.assessment"), "relief_fen", "left_fen") == [(1_240_000, 760_000)]


def test_half_a_fen_rounds_up_once_over_the_year(con: duckdb.DuckDBPyConnection) -> None:
    # 70 % of 5, 5 and 5 fen: 3.5 -> 4, 7, 10.5 -> 11; the claims get 4, 3 and 4 and not 4 each.
    events = [care(f"S{place}", 5, on=f"2026-10-0{place}") for place in (1, 2, 3)]
    lines = assess(con, plan(benefit("a", rate("POOR", 700_000))), events=events, spans=[span()])
    assert [line[6] for line in lines] == [4, 3, 4]


def test_what_rests_on_a_late_list_is_held_and_what_does_not_is_paid(con: duckdb.DuckDBPyConnection) -> None:
    policy = plan(
        benefit("a", rate("LATE", 500_000)), benefit("b", rate("SURE", 100_000)), benefit("c", rate("SURE", 1_000_000, cap=7))
    )
    late = span("LATE", is_provisional=True)
    lines = assess(con, policy, events=[care("S1", 1_000)], spans=[late, span("SURE")])
    # With the late list a pays 500, b 10 % of 500, c its cap; without it b pays 10 % of 1,000: only c stands either way.
    assert [(line[1], line[6], line[7]) for line in lines] == [("a", 500, True), ("b", 50, True), ("c", 7, False)]
    assert outcomes(con) == {"S1": ("PAID", None)}
    assert picked(fetched(con, "from out.assessment"), "relief_fen", "held_fen") == [(557, 550)]


def test_a_claim_whose_every_amount_is_held_waits(con: duckdb.DuckDBPyConnection) -> None:
    lines = assess(
        con, plan(benefit("a", rate("LATE", 500_000))), events=[care("S1", 1_000)], spans=[span("LATE", is_provisional=True)]
    )
    assert [line[7] for line in lines] == [True]
    assert outcomes(con) == {"S1": ("HELD", "IDENTITY_PROVISIONAL")}
    assert ("5_held", 1, 1, 500) in picked(fetched(con, "from out.funnel"), "step", "people", "visits", "relief_fen")


def test_the_same_category_on_a_list_that_came_makes_it_sure(con: duckdb.DuckDBPyConnection) -> None:
    spans = [span("POOR", is_provisional=True), span("POOR", list_code="L2")]
    lines = assess(con, plan(benefit("a", rate("POOR", 500_000))), events=[care("S1", 1_000)], spans=spans)
    assert [line[7] for line in lines] == [False]


def test_a_line_that_is_sure_cites_the_identity_that_is_sure(con: duckdb.DuckDBPyConnection) -> None:
    policy = plan(benefit("a", rate("LATE", 500_000), rate("SURE", 500_000)))
    lines = assess(con, policy, events=[care("S1", 1_000)], spans=[span("LATE", is_provisional=True), span("SURE")])
    assert [(line[2], line[7]) for line in lines] == [("SURE", False)]


def test_refusals_carry_the_first_reason_that_fits(con: duckdb.DuckDBPyConnection) -> None:
    policy = plan(benefit("a", rate("POOR", 500_000, deductible=1_000, cap=100), since=D("2026-02-01")))
    events = [
        care("early", 5_000, on="2026-01-31"),
        care("zero", 0, on="2026-02-02"),
        care("below", 1_000, on="2026-02-03"),
        care("odd", 1, on="2026-02-04", person_key="P2"),
        care("paid", 5_000, on="2026-02-05"),
        care("capped", 5_000, on="2026-02-06"),
        care("unknown", None, on="2026-02-07"),
        care("struck", 5_000, on="2026-02-08", state="STRUCK"),
    ]
    assess(con, policy, events=events, spans=[span()])
    assert outcomes(con) == {
        "early": ("REFUSED", "POLICY_EXPIRED"),
        "zero": ("REFUSED", "NOTHING_LEFT"),
        "below": ("REFUSED", "BELOW_DEDUCTIBLE"),
        "odd": ("REFUSED", "NO_CATEGORY"),
        "paid": ("PAID", None),
        "capped": ("REFUSED", "CAP_REACHED"),
        "unknown": ("HELD", "PAYER_UNKNOWN"),
        "struck": ("REFUSED", "REFUND_STRUCK"),
    }
    steps = {row["step"]: row["visits"] for row in fetched(con, "from out.funnel where scope = 'year'")}
    assert steps == {"1_fetched": 8, "2_eligible": 5, "4_payable": 1, "5_held": 1, "6_nothing_due": 3}
    refused = picked(fetched(con, "from out.refusals where scope = 'year'"), "reason_code", "people", "visits")
    assert sorted(refused) == sorted((reason, 1, 1) for _, reason in outcomes(con).values() if reason)


def test_an_enrolment_fee_meets_its_own_benefits(con: duckdb.DuckDBPyConnection) -> None:
    fee = {"event_id": "E1", "person_key": "P1", "paid_on": D("2026-01-20"), "benefit_year": 2026, "fee_fen": 40_000}
    given(con, "facts.enrolment_event", fee)
    policy = plan(
        benefit("fee", rate("POOR", 1_000_000, cap=30_000), kind=EventKind.ENROLMENT), benefit("care", rate("POOR", 500_000))
    )
    lines = assess(con, policy, events=[care("S1", 1_000)], spans=[span()])
    assert [(line[0], line[1], line[6]) for line in lines] == [("E1", "fee", 30_000), ("S1", "care", 500)]


def test_each_benefit_year_has_its_own_policy(con: duckdb.DuckDBPyConnection) -> None:
    given(con, "facts.care_event", care("old", 1_000, on="2025-12-31"), care("new", 1_000, on="2026-01-01"))
    given(con, "facts.identity_span", span())
    ran = assess_claims(
        con, [(plan(benefit("a", rate("POOR", 300_000))), [2025]), (plan(benefit("a", rate("POOR", 600_000))), [2026])]
    )
    lines = fetched(con, "from out.award_line order by event_id")
    assert picked(lines, "event_id", "amount_fen") == [("new", 600), ("old", 300)]
    assert {one.years for one in ran} == {(2025,), (2026,)}
    assert set(outcomes(con)) == {"old", "new"}


def test_relief_is_summed_by_benefit_for_month_and_year(con: duckdb.DuckDBPyConnection) -> None:
    events = [care("S1", 1_000, on="2026-09-30"), care("S2", 1_000, on="2026-10-01")]
    assess(con, plan(benefit("a", rate("POOR", 500_000))), events=events, spans=[span()])
    rows = picked(fetched(con, "from out.relief_summary order by scope"), "scope", "people", "visits", "amount_fen")
    assert rows == [("month", 1, 1, 500), ("year", 1, 2, 1_000)]


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("claim_judged_once", "delete from out.assessment where event_id = 'S2'"),
        ("claim_judged_once", "insert into out.assessment select * from out.assessment where event_id = 'S1'"),
        ("base_conserved", "update out.assessment set left_fen = left_fen + 1 where event_id = 'S1'"),
        ("base_conserved", "delete from out.award_line where event_id = 'S1'"),
        ("lines_conserved", "update out.assessment set relief_fen = relief_fen - 1 where event_id = 'S1'"),
        ("line_within_burden", "update out.award_line set amount_fen = base_fen + 1, entitled_fen = base_fen + 1"),
        ("line_within_burden", "update out.award_line set window_fen = 1"),
        ("line_once", "insert into out.award_line select * from out.award_line where event_id = 'S1'"),
        ("year_not_negative", "update out.award_line set amount_fen = -1"),
        ("paid_has_no_reason", "update out.assessment set reason_code = 'CAP_REACHED' where event_id = 'S1'"),
    ],
)
def test_each_check_can_fail(con: duckdb.DuckDBPyConnection, check: str, damage: str) -> None:
    assess(con, plan(benefit("a", rate("POOR", 500_000))), events=[care("S1", 1_000), care("S2", 1_000)], spans=[span()])
    con.execute(damage)
    summed(con)
    failed = fetched(con, "from checks.assess where failures <> 0 or fen_in <> fen_out")
    assert check in [row["check_code"] for row in failed]
    with pytest.raises(MianshenError, match="CONSERVATION_BROKEN"):
        require_checks(con, "checks.assess")


def test_the_funnel_counts_people_and_visits(con: duckdb.DuckDBPyConnection) -> None:
    """R001-17: fetched and eligible are numbers of people and of visits, beside the money and never in its place."""
    events = [care("S1", 1_000), care("S2", 1_000), care("S3", 1_000, person_key="P2")]
    assess(con, plan(benefit("a", rate("POOR", 500_000))), events=events, spans=[span()])
    rows = picked(fetched(con, "from out.funnel where scope = 'year' order by step"), "step", "people", "visits", "relief_fen")
    assert rows == [("1_fetched", 2, 3, 1_000), ("2_eligible", 1, 2, 1_000), ("4_payable", 1, 2, 1_000)]


def test_the_funnel_s_check_can_fail(con: duckdb.DuckDBPyConnection) -> None:
    assess(con, plan(benefit("a", rate("POOR", 500_000))), events=[care("S1", 1_000)], spans=[span()])
    con.execute("delete from out.funnel where step = '4_payable'")
    made(con, "checks.assess")
    assert "funnel_narrows" in [row["check_code"] for row in fetched(con, "from checks.assess where failures <> 0")]
