"""Other payers in the base: waited for, taken off when they tell, a late word corrected by difference, all of it counted."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.sql.given import given
from tests.sql.settled import made_events
from tests.stages.staged_county import StagedCounty, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import computed, outcomes, posted, stay

from mianshen.core.days import ZONE, Month
from mianshen.stages import supervise
from mianshen.warehouse.claim_reviews import PAYERS_TOLD, summary_of

AS_OF = datetime(2027, 4, 6, 9, tzinfo=ZONE)
FIRST, SECOND = date(2027, 2, 10), date(2027, 3, 10)


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    """Two bills of 2027, when the county takes off what the inclusive insurance and charities gave."""
    made = make_staged(tmp_path / "home", month=Month(2027, 3), as_of=AS_OF)
    for month in ("2027-01", "2027-02", "2027-03"):
        made.deliver("roster", "bureau_list", month, listed("P1"))
        made.deliver("roster", "union_list", month)
    made.deliver("settlement", "settlement", "2027-02", bill("S1", FIRST))
    made.deliver("settlement", "settlement", "2027-03", bill("S2", SECOND))
    return made


def bill(setl_id: str, on: date) -> Mapping[str, Any]:
    found: Mapping[str, Any] = stay(setl_id, on=on, inscp_scp_amt=500_000, medfee_sumamt=500_000, psn_part_amt=500_000)
    return found


def paid(number: int, fen: int, code: str = "PAY_INCLUSIVE", **place: Any) -> Mapping[str, Any]:
    return {"notice_id": f"N{number}", "notice_code": code, "fen": fen, "list_code": "other_payer"} | place


def payers(county: StagedCounty) -> dict[str, tuple[bool, int, int, int]]:
    rows = summary_of(county.job.lake, county_code=county.job.county_code, month="2027-03", table=PAYERS_TOLD)
    return {row["payer_code"]: (row["is_counted"], row["unknown"], row["held"], row["fen"]) for row in rows}


def test_a_payer_that_has_not_delivered_holds_the_claims_and_the_run_says_how_many(county: StagedCounty) -> None:
    report = computed(county)[1]
    assert outcomes(county) == {"S1": ("HELD", "PAYER_UNKNOWN"), "S2": ("HELD", "PAYER_UNKNOWN")}
    assert posted(county) == {}
    assert report.counts["payers_unknown"] == 4, "two claims, two payers that count"
    assert any("惠民保" in note and "未交付(未知) 2 笔,其中因此暂缓 2 笔" in note for note in report.notes)
    assert payers(county)["PAY_INCLUSIVE"] == (True, 2, 2, 0)
    assert payers(county)["PAY_COMMERCIAL"] == (False, 2, 2, 0), "counted by nobody, and known to be unknown"
    supervise.run(county.job)
    assert "惠民保 inclusive insurance(计入基数)" in supervise.read_summary(county.job)


def test_a_delivery_frees_the_months_that_it_reaches_and_no_later_one(county: StagedCounty) -> None:
    county.deliver("notice", "other_payer", "2027-02")
    report = computed(county)[1]
    assert outcomes(county) == {"S1": ("PAID", None), "S2": ("HELD", "PAYER_UNKNOWN")}
    assert posted(county) == {"S1": 100_000 + 90_000}, "(5000 - 3000) x 50 % and (4000 - 1000) x 30 %"
    assert report.counts["payers_unknown"] == 2


def test_what_a_payer_gave_is_taken_off_and_a_late_word_is_taken_back_by_difference(county: StagedCounty) -> None:
    county.deliver("notice", "other_payer", "2027-03")
    computed(county)
    before = posted(county)
    county.deliver("notice", "other_payer", "2027-04", paid(1, 200_000, setl_id="S1"))
    computed(county)
    after = posted(county)
    assert before == {"S1": 190_000, "S2": 250_000 + 75_000}
    assert after == {"S1": 60_000, "S2": 250_000 + 75_000}, "base 3,000: below the deductible; (3000 - 1000) x 30 %"
    assert county.rows("out.assessment")[0]["base_fen"] == 300_000
    computed(county)
    assert posted(county) == after, "told once, taken off once"


def test_a_year_s_payment_is_spread_over_the_claims_in_order_whatever_came_first(county: StagedCounty) -> None:
    county.deliver("notice", "other_payer", "2027-03", paid(1, 600_000, person_key="P1", benefit_year=2027))
    computed(county)
    assert {row["event_id"]: row["base_fen"] for row in county.rows("out.assessment")} == {"S1": 0, "S2": 400_000}
    assert payers(county)["PAY_INCLUSIVE"] == (True, 0, 0, 600_000)


def test_the_spread_depends_on_the_bills_and_not_on_their_deliveries() -> None:
    bills = [bill("S1", FIRST), bill("S2", SECOND), bill("S3", SECOND)]
    told = [
        paid(1, 900_000, person_key="P1", benefit_year=2027),
        paid(2, 50_000, "PAY_CHARITY", person_key="P1", benefit_year=2027),
    ]
    told.append(paid(3, 70_000, setl_id="S3"))
    found = {str(_shares(rows, notes)) for rows in itertools.permutations(bills) for notes in itertools.permutations(told)}
    assert len(found) == 1
    shares = _shares(bills, told)
    assert [row["pay_inclusive"] for row in shares] == [500_000, 400_000, 70_000]
    assert [row["pay_charity"] for row in shares] == [0, 50_000, 0], "the next payer goes on where the one before it ended"


def _shares(bills: Any, told: Any) -> list[dict[str, Any]]:
    """Every row in a delivery of its own, in this order."""
    deliveries, notices = [f"D{place}" for place in range(len(bills))], [f"N{place}" for place in range(len(told))]
    with duckdb.connect(":memory:", config={"threads": 1}) as con:
        given(
            con,
            "staging.settlement",
            *({**row, "delivery_id": one, "line_no": 2} for one, row in zip(deliveries, bills, strict=True)),
        )
        given(con, "staging.notice", *({**row, "delivery_id": one, "line_no": 2} for one, row in zip(notices, told, strict=True)))
        reach = {"payer_reach_codes": ["PAY_INCLUSIVE", "PAY_CHARITY"], "payer_reach_months": ["2027-03", "2027-03"]}
        rows = made_events(con, settlement_deliveries=deliveries, notice_deliveries=notices, **reach)
    return [{name: row[name] for name in ("event_id", "pay_inclusive", "pay_charity")} for row in rows]
