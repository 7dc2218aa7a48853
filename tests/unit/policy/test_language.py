"""What the reference keeps under every construct of the policy language: no fen is lost, none is made, the best order is best."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.core.plan import EventKind, Plan
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.packs import POLICIES, load_pack

OVERLAYS = (POLICIES / "_example" / "overlays").glob("*.yaml")
PAGES = sorted(path.stem for path in OVERLAYS if "\nbanner_zh: 构造示例" in path.read_text("utf-8"))
CLAIMS = st.builds(
    lambda name, on, days, fen, med, disease, stay, level, place, referred: Claim(
        event_id=name,
        kind=EventKind.CARE,
        benefit_year=on.year,
        since=on - timedelta(days=days),
        until_on=on,
        settled_on=on,
        med_type=med,
        dise_code=disease,
        amounts_fen={"inscp_scp_amt": fen, "maf_pay": 0},
        stay_id=stay,
        hosp_level=level,
        care_place=place,
        is_referred=referred,
    ),
    st.uuids(version=4).map(str),
    st.dates(date(2025, 11, 1), date(2026, 4, 30)),
    st.integers(0, 4),
    st.sampled_from((0, 1, 49, 50, 51, 100, 20_000, 20_001, 100_000, 300_000, 500_000, 4_000_000)) | st.integers(0, 2_000_000),
    st.sampled_from(("11", "12", "13", "14", "21", "21", None)),
    st.sampled_from(("C34.900", "N18.500", "E10", None)),
    st.sampled_from(("Z1", "Z2", None)),
    st.sampled_from(("1", "3", None)),
    st.sampled_from(("1", "4", None)),
    st.sampled_from((True, False, None)),
)
SPANS = st.lists(
    st.builds(
        lambda code, late: IdentitySpan(code, Span(date(2025, 1, 1)), late),
        st.sampled_from(("POOR", "ILL", "WORKER")),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


@cache
def plan_of(page: str) -> Plan:
    return load_pack("_example", on=date(2026, 6, 30), overlays=[page]).plan


@pytest.mark.parametrize("page", PAGES)
@settings(max_examples=30, deadline=None)
@given(claims=st.lists(CLAIMS, min_size=1, max_size=8), spans=SPANS, dice=st.randoms(use_true_random=False))
def test_no_fen_is_lost_and_none_is_made(page: str, claims: list[Claim], spans: list[IdentitySpan], dice: object) -> None:
    result = assess_person(plan_of(page), events=claims, spans=spans)
    assert Counter(one.event_id for one in result.assessments) == Counter(one.event_id for one in claims)
    by_year: defaultdict[tuple[int, str], int] = defaultdict(int)
    for line in result.lines:
        assert 0 < line.entitled_fen == line.amount_fen <= line.base_fen
        if line.event_id is None:
            by_year[line.benefit_year, "sums"] += line.amount_fen
    for one in result.assessments:
        assert one.base_fen is not None and one.left_fen is not None
        own = sum(line.amount_fen for line in result.lines if line.event_id == one.event_id)
        assert own <= one.relief_fen == one.base_fen - one.left_fen
        assert (one.outcome == "REFUSED") == (one.relief_fen == 0), one
        by_year[one.benefit_year, "sums"] -= one.relief_fen - own
    assert not any(by_year.values()), "every fen of a sum of the year lies on a claim"
    shuffled = list(claims)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assess_person(plan_of(page), events=shuffled, spans=spans[::-1]) == result


@pytest.mark.parametrize("page", ["orders", "three_orders"])
@settings(max_examples=30, deadline=None)
@given(claims=st.lists(CLAIMS, min_size=1, max_size=6), spans=SPANS)
def test_the_order_that_counts_is_the_best_of_all(page: str, claims: list[Claim], spans: list[IdentitySpan]) -> None:
    plan = plan_of(page)
    found = assess_person(plan, events=claims, spans=spans)
    for year in {one.benefit_year for one in claims}:
        events = [one for one in claims if one.benefit_year == year]
        singles = [
            assess_person(replace(plan, arrangements=(order,)), events=events, spans=spans).total_fen()
            for order in plan.arrangements
        ]
        assert sum(one.amount_fen for one in found.lines if one.benefit_year == year) == max(singles)
        tried = {one.arrangement_no: one for one in found.orders if one.benefit_year == year}
        assert all(singles[number] == one.total_fen for number, one in tried.items())
        best = [number for number, one in tried.items() if one.is_chosen]
        assert best in ([], [singles.index(max(singles))])


def test_every_construct_has_a_page() -> None:
    assert len(PAGES) >= 9
