"""Several permitted orders through the stages: a refusal makes another plan, money moves between funds, a payment locks one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.stages.money_county import County, make_county
from tests.stages.staged_county import StagedCounty, example_pack, listed, make_staged
from tests.stages.test_reviews_and_withdrawals import computed
from tests.stages.test_year_sums import bill

from mianshen.core.cases import Happening
from mianshen.core.decisions import Outcome
from mianshen.core.moves import Act
from mianshen.core.plan import Bucket, Plan
from mianshen.core.rates import Bracket, Cap, Deductible
from mianshen.stages import pay
from mianshen.stages.replay import replay
from mianshen.vault.records import Fact
from mianshen.warehouse import approvals
from mianshen.warehouse.case_moves import move
from mianshen.warehouse.ledger import APPROVAL_ITEM, AWARD_POSTING

ORDERED, LOCKED = "orders", "locked_order"


def two_departments(plan: Plan) -> Plan:
    """Scheme A: above 3,000 yuan 50 %, at most 600; scheme B, of another department and fund: above 2,000 yuan 60 %.

    4,000 yuan: A then B 500 + 900, B then A 1,200. 6,000 yuan: A then B 600 + 2,040, B then A 2,400 + 300.
    """
    said = {"scheme_a": ("bureau", "public", 300_000, 500_000, 60_000), "scheme_b": ("union", "union", 200_000, 600_000, None)}
    changed = []
    for one in plan.benefits:
        if one.code in said:
            department, fund, deductible, ratio, cap = said[one.code]
            rates = tuple(
                replace(
                    rate,
                    deductible=Deductible((deductible,)),
                    brackets=(Bracket(0, None, ratio),),
                    caps=(Cap(cap),) if cap else (),
                )
                for rate in one.rates
            )
            one = replace(one, department_code=department, fund_code=fund, rates=rates)
        changed.append(one)
    return replace(plan, benefits=tuple(changed))


def with_orders(county: StagedCounty, overlay: str, change: Callable[[Plan], Plan] = two_departments) -> StagedCounty:
    """The county under the overlay's orders, and October's lists with P1 and P2."""
    pack = example_pack(county.job.as_of.date(), overlay)
    county.job = replace(county.job, pack=replace(pack, plan=change(pack.plan)), overlays=(overlay,))
    return county


def listed_people(county: StagedCounty, *people: str) -> None:
    county.deliver("roster", "bureau_list", "2026-10", *(listed(one) for one in people))
    county.deliver("roster", "union_list", "2026-10")


def standing(county: StagedCounty) -> dict[tuple[str, str], int]:
    """(person, benefit) to what is posted of it, in yuan."""
    found: dict[tuple[str, str], int] = {}
    for row in postings(county):
        key = (row["person_key"], row["benefit_code"])
        found[key] = found.get(key, 0) + row["amount_fen"] // 100
    return found


def postings(county: StagedCounty) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(AWARD_POSTING)).mappings()]


def items(county: StagedCounty) -> dict[str, str]:
    """Approval item to its department."""
    query = select(APPROVAL_ITEM.c.approval_item_id, APPROVAL_ITEM.c.department_code)
    with county.job.ledger.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def refuse(county: StagedCounty, department: str, person: str) -> None:
    """The department's office refuses the person's item."""
    with county.job.ledger.begin() as connection:
        (item,) = [
            one
            for one in approvals.undecided(connection, county_code=county.job.county_code)
            if (one["department_code"], one["person_key"]) == (department, person)
        ]
        act = Act(
            Happening.DECIDED,
            department,
            "approver",
            item["holder_department"],
            county.job.as_of,
            outcome_code=Outcome.REFUSE.value,
            reason_code="INCOME_ABOVE_LINE",
            how="person",
        )
        assert not move(connection, county.job.pack, [(item["application_id"], act)]).refused


def chosen(county: StagedCounty) -> dict[str, tuple[str, int]]:
    """Person to the order that counts and its total in yuan."""
    tried = county.rows("out.order_tried")
    return {row["person_key"]: (row["sequence"], row["total_fen"] // 100) for row in tried if row["is_chosen"]}


def test_a_refusal_recomputes_the_plan_and_only_what_changed_is_opened_again(tmp_path: Path) -> None:
    county = with_orders(make_staged(tmp_path / "home"), ORDERED)
    listed_people(county, "P1", "P2")
    bills = [bill("S1", 6_000, day=5), bill("S2", 4_000, day=6, med_type="11"), bill("S3", 6_000, day=7, person_key="P2")]
    county.deliver("settlement", "settlement", "2026-10-01", *bills)
    computed(county)
    both = {("P1", "scheme_b"): 2_400, ("P1", "scheme_a"): 300, ("P1", "fund_one"): 1_500}
    assert standing(county) == both | {("P2", "scheme_b"): 2_400, ("P2", "scheme_a"): 300}
    assert chosen(county) == {"P1": ("scheme_b>scheme_a>fund_one", 4_200), "P2": ("scheme_b>scheme_a", 2_700)}
    before, known = items(county), {row["award_id"] for row in postings(county)}
    refuse(county, "union", "P1")
    computed(county)
    fresh = [row for row in postings(county) if row["award_id"] not in known]
    assert {(row["person_key"], row["benefit_code"]) for row in fresh} == {("P1", "scheme_a"), ("P1", "scheme_b")}
    assert standing(county)["P1", "scheme_a"] == 600, "the cap is reached once the other department is out"
    assert standing(county)["P1", "scheme_b"] == 0
    assert standing(county)["P1", "fund_one"] == 1_500 and standing(county)["P2", "scheme_b"] == 2_400
    opened = {item: department for item, department in items(county).items() if item not in before}
    assert set(opened.values()) == {"bureau"} and len(opened) == 1
    settled = postings(county)
    computed(county)
    assert postings(county) == settled


def test_records_name_every_order_and_are_replayed_byte_for_byte(tmp_path: Path) -> None:
    county = with_orders(make_staged(tmp_path / "home"), ORDERED)
    listed_people(county, "P1")
    county.deliver("settlement", "settlement", "2026-10-01", bill("S1", 6_000, day=5))
    computed(county)
    rows = {row["benefit_code"]: row for row in county.rows("out.calculation_record")}
    tried = [
        {"sequence": "scheme_a>scheme_b", "total_fen": 264_000, "is_chosen": False},
        {"sequence": "scheme_b>scheme_a", "total_fen": 270_000, "is_chosen": True},
    ]
    assert rows["scheme_a"]["orders"] == rows["scheme_b"]["orders"] == tried
    said = "2026 年度比较了 2 种次序:甲项→乙项 2,640.00 元;乙项→甲项 2,700.00 元,采用。"
    assert rows["scheme_a"]["sentence_zh"].endswith(said)
    done = replay(county.job, sample=10)
    assert done.differing == () and len(done.records) == len(rows) == 2


def test_money_moves_between_funds_and_the_total_of_the_person_does_not_fall(tmp_path: Path) -> None:
    county = with_orders(make_staged(tmp_path / "home"), ORDERED)
    listed_people(county, "P1")
    county.deliver("settlement", "settlement", "2026-10-01", bill("S1", 4_000, day=5))
    computed(county)
    assert standing(county) == {("P1", "scheme_a"): 500, ("P1", "scheme_b"): 900}
    county.deliver("settlement", "settlement", "2026-10-02", bill("S2", 2_000, day=9))
    computed(county)
    assert chosen(county)["P1"] == ("scheme_b>scheme_a", 2_700)
    assert standing(county) == {("P1", "scheme_a"): 300, ("P1", "scheme_b"): 2_400}
    of_fund: dict[str, int] = {}
    for row in postings(county):
        of_fund[row["fund_code"]] = of_fund.get(row["fund_code"], 0) + row["amount_fen"]
    assert of_fund == {"public": 30_000, "union": 240_000}


def paying(root: Path) -> tuple[County, StagedCounty, str]:
    """The county with a person whose account is known, under an order that the first payment locks."""

    def known(name: str, number: int) -> list[Fact]:
        return [Fact("name", "bureau_list", name, "2026-10"), Fact("account", "bureau_list", f"62{number:017d}", "2026-10")]

    county = make_county(root, ["甲"], facts=known, go_live_on=None)
    staged = with_orders(StagedCounty(county.job), LOCKED)
    county.job = staged.job
    return county, staged, county.people["甲"]


def test_the_first_payment_locks_the_order_where_the_policy_says_so(tmp_path: Path, agree_all: Callable[..., None]) -> None:
    county, staged, person = paying(tmp_path / "home")
    listed_people(staged, person)
    staged.deliver("settlement", "settlement", "2026-10-01", bill("S1", 4_000, day=5, person_key=person))
    computed(staged)
    county.job = staged.job
    agree_all(county)
    assert pay.run(county.job).counts["sent_fen"] == 140_000
    staged.deliver("settlement", "settlement", "2026-10-02", bill("S2", 2_000, day=9, person_key=person))
    staged.later(days=1)
    computed(staged)
    assert chosen(staged)[person] == ("scheme_a>scheme_b", 2_640), "the other order would bring 2,700"
    assert standing(staged) == {(person, "scheme_a"): 600, (person, "scheme_b"): 2_040}


def test_without_a_payment_nothing_is_locked(tmp_path: Path) -> None:
    _, staged, person = paying(tmp_path / "home")
    listed_people(staged, person)
    staged.deliver("settlement", "settlement", "2026-10-01", bill("S1", 4_000, day=5, person_key=person))
    computed(staged)
    staged.deliver("settlement", "settlement", "2026-10-02", bill("S2", 2_000, day=9, person_key=person))
    computed(staged)
    assert chosen(staged)[person] == ("scheme_b>scheme_a", 2_700)


@pytest.mark.parametrize(("bound", "expected"), [(100_000, 1_000), (200_000, 2_000)])
def test_a_purse_that_free_benefits_share_bounds_every_order(bound: int, expected: int, tmp_path: Path) -> None:
    def sharing(plan: Plan) -> Plan:
        two = two_departments(plan)
        benefits = tuple(replace(one, bucket_code="purse") if one.code.startswith("scheme") else one for one in two.benefits)
        rated = sorted({rate.category_code for one in benefits if one.bucket_code for rate in one.rates})
        purse = Bucket("purse", "共用", tuple((code, bound) for code in rated), "base")
        return replace(two, benefits=benefits, buckets=(purse,))

    county = with_orders(make_staged(tmp_path / "home"), ORDERED, sharing)
    listed_people(county, "P1")
    county.deliver("settlement", "settlement", "2026-10-01", bill("S1", 6_000, day=5))
    computed(county)
    assert sum(standing(county).values()) == expected
    assert {row["total_fen"] // 100 for row in county.rows("out.order_tried")} == {expected}
