"""Claims of before the go-live day only post opening balances: no review holds them, none runs a clock, each is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.stages.staged_county import StagedCounty, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import clocks, computed, decided, outcomes, posted
from tests.stages.test_reviews_and_withdrawals import stay as stayed

from mianshen.core.reviews import ReviewCode, ReviewOutcome
from mianshen.stages import supervise
from mianshen.warehouse.claim_reviews import summary_of

BEFORE, LIVE = date(2026, 9, 30), date(2026, 10, 1)


def stay(setl_id: str, **changes: Any) -> Mapping[str, Any]:
    """A stay that leaves room below the cap for others of the year."""
    bill: Mapping[str, Any] = stayed(setl_id, inscp_scp_amt=500_000, **changes)
    return bill


def made(root: Path, *rows: Mapping[str, Any]) -> StagedCounty:
    county = make_staged(root)
    county.job = replace(county.job, go_live_on=LIVE)
    for month in ("2026-09", "2026-10"):
        county.deliver("roster", "bureau_list", month, listed("P1"), listed("P2"))
        county.deliver("roster", "union_list", month)
    county.deliver("settlement", "settlement", "2026-09", *rows)
    return county


@pytest.fixture
def county(tmp_path: Path) -> StagedCounty:
    return made(tmp_path / "home", stay("OLD", on=BEFORE, dise_code="S72.000"), stay("NEW", on=LIVE))


def looked(county: StagedCounty) -> dict[str, dict[str, Any]]:
    rows = summary_of(county.job.lake, county_code=county.job.county_code, month=str(county.job.month))
    return {row["review_code"]: row for row in rows}


def test_an_accident_of_before_go_live_counts_in_the_opening_as_if_no_rule_had_asked(
    county: StagedCounty, tmp_path: Path
) -> None:
    told = computed(county)
    plain = made(tmp_path / "plain", stay("OLD", on=BEFORE, dise_code="I63.900"), stay("NEW", on=LIVE))
    computed(plain)
    assert posted(county) == posted(plain)
    assert (outcomes(county), clocks(county)) == ({"OLD": ("PAID", None), "NEW": ("PAID", None)}, [])
    row = looked(county)["ACCIDENT_PENDING"]
    assert (row["waiting"], row["opening_counted"], row["opening_fen"]) == (0, 1, posted(county)["OLD"])
    assert any("上线前" in note and "计入期初 1 笔" in note for note in told[1].notes)
    supervise.run(county.job)
    assert "ACCIDENT_PENDING" in supervise.read_summary(county.job)


def test_the_day_of_going_live_waits_as_any_later_one(tmp_path: Path) -> None:
    county = made(tmp_path / "home", stay("NEW", on=LIVE, dise_code="S72.000"))
    computed(county)
    assert outcomes(county) == {"NEW": ("HELD", "ACCIDENT_PENDING")}
    assert [one["subject_id"] for one in clocks(county)] == ["ACCIDENT_PENDING|NEW"]


def test_a_renumbered_month_of_before_go_live_opens_once_and_is_listed(county: StagedCounty) -> None:
    computed(county)
    before = posted(county)
    county.deliver("settlement", "settlement", "2026-10", stay("AGAIN", on=BEFORE, dise_code="S72.000"))
    computed(county)
    assert posted(county) == before, "the opening stands once, and what is live does not move"
    assert outcomes(county)["AGAIN"] == ("REFUSED", "LEFT_OUT_OF_OPENING")
    assert (looked(county)["SETTLEMENT_RENUMBERED"]["opening_left_out"], clocks(county)) == (1, [])
    assert decided(county, ReviewCode.SETTLEMENT_RENUMBERED, ReviewOutcome.RELEASE, "AGAIN") == 1
    computed(county)
    assert outcomes(county)["AGAIN"][0] == "PAID", "a person may still say that they were two"


def test_what_nobody_looks_at_is_not_decided_by_every(county: StagedCounty) -> None:
    computed(county)
    before = posted(county)
    assert decided(county, ReviewCode.ACCIDENT_PENDING, ReviewOutcome.REFUSE) == 0
    computed(county)
    assert posted(county) == before


def test_an_unreadable_refund_of_before_go_live_does_not_stop_the_person_s_year(county: StagedCounty) -> None:
    computed(county)
    before = posted(county)
    refund = {"setl_id": "OLDR", "init_setl_id": "OLD", "refd_setl_flag": "1", "reason_code": "MONEY_INVALID"}
    county.deliver("settlement", "settlement", "2026-10", stay("MORE", on=date(2026, 10, 9)), set_aside=[refund])
    computed(county)
    after = posted(county)
    assert (after["OLD"], after["NEW"]) == (before["OLD"], before["NEW"]) and after["MORE"] > 0
    assert looked(county)["REFUND_UNREADABLE"]["opening_counted"] == 1
