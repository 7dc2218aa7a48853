"""A sum of the year goes from facts to posting and payment: late bills and refunds post the difference, a second run nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.money_county import County, Line, make_county
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged, settlement
from tests.stages.test_pay import paid
from tests.stages.test_reviews_and_withdrawals import computed

from mianshen.core.days import ZONE, Month
from mianshen.stages import apply, pay
from mianshen.stages.replay import replay
from mianshen.warehouse.ledger import APPROVAL_ITEM, AWARD_POSTING

GATE = "year_gate"
"""Of the fictional county: 3,000 yuan in the year open 50 % of all of it."""


def gated(root: Path) -> StagedCounty:
    made = make_staged(root)
    pack = example_pack(made.job.as_of.date(), "deductibles")
    made.job = replace(made.job, pack=pack, overlays=("deductibles",))
    made.deliver("roster", "bureau_list", "2026-10", listed("P1", "ILL"), listed("P2", "ILL"))
    made.deliver("roster", "union_list", "2026-10")
    return made


def bill(setl_id: str, yuan: int, *, day: int, **changes: Any) -> dict[str, Any]:
    return dict(settlement(setl_id, on=date(2026, 10, day), inscp_scp_amt=yuan * 100, medfee_sumamt=yuan * 100) | changes)


def posted(county: StagedCounty | County) -> list[tuple[str, int, str, int]]:
    """(event, number, kind, fen) of what was posted, in order."""
    columns = (AWARD_POSTING.c[name] for name in ("event_id", "posting_no", "kind", "amount_fen"))
    query = select(*columns).where(AWARD_POSTING.c.benefit_code.in_((GATE, "special_civil_affairs")))
    with county.job.ledger.connect() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(AWARD_POSTING.c.posted_at, AWARD_POSTING.c.posting_no))]


def test_a_late_bill_and_a_refund_post_the_difference_and_a_second_run_nothing(tmp_path: Path) -> None:
    county = gated(tmp_path / "home")
    county.deliver("settlement", "settlement", "2026-10-01", bill("S1", 2_000, day=5))
    computed(county)
    assert posted(county) == []
    county.deliver("settlement", "settlement", "2026-10-02", bill("S2", 1_500, day=9))
    computed(county)
    assert posted(county) == [("", 1, "award", 175_000)]
    county.deliver("settlement", "settlement", "2026-10-03", bill("S0", 1_000, day=2))
    computed(county)
    assert posted(county)[1:] == [("", 2, "award", 50_000)]
    refund = bill("S2R", -1_500, day=9, refd_setl_flag="1", init_setl_id="S2")
    county.deliver("settlement", "settlement", "2026-10-04", refund)
    computed(county)
    assert sum(row[3] for row in posted(county)) == 150_000, "3,000 yuan reach the gate"
    before = posted(county)
    computed(county)
    assert posted(county) == before


def test_the_records_say_the_sum_and_where_it_lies_and_are_replayed_byte_for_byte(tmp_path: Path) -> None:
    county = gated(tmp_path / "home")
    bills = [bill("S1", 2_000, day=5), bill("S2", 1_500, day=9), bill("S3", 100, day=9, person_key="P2")]
    county.deliver("settlement", "settlement", "2026-10-01", *bills)
    computed(county)
    rows = {(row["event_id"], row["person_key"]): row for row in county.rows("out.calculation_record")}
    whole, first = rows[None, "P1"], rows["S1", "P1"]
    trace = whole["trace"]
    assert (whole["amount_fen"], trace["deductible_fen"], trace["parts"][0]["fen"]) == (175_000, 300_000, 350_000)
    assert "全年合规自付合计 3,500.00 元,达到年度门槛 3,000.00 元,计入 3,500.00 元" in whole["sentence_zh"]
    assert "3,500.00 × 50% = 1,750.00 元;全年救助 1,750.00 元" in whole["sentence_zh"]
    assert first["share_fen"] == 175_000 and "救助合计 1,750.00 元,其中落在本次 1,750.00 元" in first["sentence_zh"]
    assert rows["S2", "P1"]["reason_code"] == "MET_EARLIER"
    assert rows["S3", "P2"]["reason_code"] == "BELOW_DEDUCTIBLE"
    done = replay(county.job, sample=10)
    assert done.differing == () and len(done.records) == len(rows)
    alone = replay(county.job, ("S1",))
    assert {json.loads(one)["event_id"] for one in alone.records} == {"S1", None} and alone.differing == ()


@pytest.mark.parametrize(
    ("before", "opening", "award"),
    [(3_200, 160_000, 50_000), (2_500, 0, 175_000), (3_000, 150_000, 50_000)],
    ids=["open before", "opened after", "just open before"],
)
def test_what_the_claims_before_the_go_live_day_gave_by_themselves_is_an_opening(
    before: int, opening: int, award: int, tmp_path: Path
) -> None:
    county = gated(tmp_path / "home")
    county.job = replace(county.job, go_live_on=date(2026, 10, 10))
    county.deliver("settlement", "settlement", "2026-10-01", bill("S1", before, day=5), bill("S2", 1_000, day=12))
    computed(county)
    found = {kind: fen for _, _, kind, fen in posted(county)}
    assert (found.get("opening", 0), found["award"]) == (opening, award)
    computed(county)
    assert sum(row[3] for row in posted(county)) == opening + award


def test_a_sum_is_approved_and_paid_like_any_relief_and_corrected_by_its_difference(
    tmp_path: Path, agree_all: Callable[..., None]
) -> None:
    county = make_county(tmp_path / "home", ["甲", "乙"])
    county.assess([Line("甲", None, 5_000), Line("甲", "e1", 700), Line("乙", "e2", 900)])
    apply.run(county.job)
    with county.job.ledger.connect() as connection:
        assert sorted(connection.execute(select(APPROVAL_ITEM.c.amount_fen)).scalars()) == [900, 5_700]
    agree_all(county)
    pay.run(county.job)
    assert paid(county) == {"甲": 5_700, "乙": 900}
    county.later(days=1)
    county.assess([Line("甲", None, 5_400), Line("甲", "e1", 700), Line("乙", "e2", 900)])
    assert apply.run(county.job).counts["award_fen"] == 400
    county.later(days=1)
    assert apply.run(county.job).counts["postings"] == 0
    agree_all(county)
    pay.run(county.job)
    assert paid(county) == {"甲": 6_100, "乙": 900}


def test_a_sum_does_not_fall_while_a_claim_of_the_year_is_held(tmp_path: Path, agree_all: Callable[..., None]) -> None:
    county = make_county(tmp_path / "home", ["甲"])
    county.assess([Line("甲", None, 5_000)])
    apply.run(county.job)
    agree_all(county)
    county.later(days=1)
    county.assess([Line("甲", None, 3_000)], held=["e1"], of="甲")
    assert apply.run(county.job).counts["postings"] == 0
    county.later(days=1)
    county.assess([Line("甲", None, 3_000)])
    assert apply.run(county.job).counts["award_fen"] == -2_000


def settled_in_january(root: Path, *, day: int) -> StagedCounty:
    """The county on a day of January 2027, with what January settles of 2026 in it; it settles from the 20th on."""
    made = make_staged(root, month=Month(2026, 12), as_of=datetime(2027, 1, day, 9, tzinfo=ZONE))
    pack = example_pack(made.job.as_of.date(), "january")
    made.job = replace(made.job, pack=pack, overlays=("january",))
    made.deliver("roster", "bureau_list", "2026-10", listed("P1"), listed("P2"))
    made.deliver("roster", "union_list", "2026-10")
    paid_whole = bill("S1", 1_000, day=5)
    closed = [bill(setl_id, 1_200, day=day, person_key="P2", med_type="11") for setl_id, day in (("S2", 5), ("S3", 6))]
    made.deliver("settlement", "settlement", "2026-10-01", paid_whole, *closed)
    computed(made)
    return made


@pytest.mark.parametrize("day", [19, 20])
def test_the_past_year_is_settled_from_the_day_of_january_on_which_the_policy_says(tmp_path: Path, day: int) -> None:
    county = settled_in_january(tmp_path / "home", day=day)
    reasons = {row["event_id"]: row["reason_code"] for row in county.rows("out.assessment")}
    notices = county.rows("out.closing_notice")
    if day == 19:
        assert reasons == dict.fromkeys(("S1", "S2", "S3"), "BELOW_DEDUCTIBLE") and notices == []
        return
    assert reasons == {"S1": None, "S2": "YEAR_CLOSED", "S3": "YEAR_CLOSED"}
    (told,) = notices
    assert (told["person_key"], told["benefit_year"], told["visits"], told["base_fen"]) == ("P2", 2026, 2, 240_000)
    assert "2026 年度共 2 次费用,合规自付合计 2,400.00 元" in told["notice_zh"]
