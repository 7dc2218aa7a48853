"""The reference calculator: what the semantics page promises, over generated people of the fictional county."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mianshen.core.codes import REASONS
from mianshen.core.plan import EventKind, MafCounting, Plan
from mianshen.core.spans import Span
from mianshen.policy.base import base_of
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan, categories_held
from mianshen.policy.packs import load_pack
from mianshen.policy.results import PersonResult

ALWAYS = Span(date(2020, 1, 1))


@lru_cache
def plan() -> Plan:
    return load_pack("_example", on=date(2026, 6, 30)).plan


def care(
    event_id: str,
    on: date,
    *,
    inscp: int | None,
    maf: int | None = 0,
    med_type: str | None = "21",
    dise: str | None = None,
    days: int = 0,
) -> Claim:
    return Claim(
        event_id=event_id,
        kind=EventKind.CARE,
        benefit_year=on.year,
        since=on - timedelta(days=days),
        until_on=on,
        settled_on=on,
        med_type=med_type,
        dise_code=dise,
        amounts_fen={"inscp_scp_amt": inscp, "hifp_pay": 0, "hifmi_pay": 0, "hifes_pay": None, "maf_pay": maf},
    )


def fee(event_id: str, on: date, fen: int) -> Claim:
    return Claim(event_id, EventKind.ENROLMENT, on.year, on, on, on, fee_fen=fen)


CLAIMS = st.builds(
    care,
    st.uuids(version=4).map(str),
    st.dates(date(2025, 12, 20), date(2027, 1, 15)),
    inscp=st.integers(0, 900_000) | st.none(),
    maf=st.sampled_from((0, 0, 0, 1, 20_000, 400_000, None)),
    med_type=st.sampled_from(("11", "21", "41", None)),
    dise=st.sampled_from(("N18.500", "C34.900", "I10", None)),
    days=st.integers(0, 20),
) | st.builds(fee, st.uuids(version=4).map(str), st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 60_000))
SPANS = st.lists(
    st.builds(
        lambda code, since, length, late: IdentitySpan(
            code, Span(since, None if length is None else since + timedelta(days=length)), late
        ),
        st.sampled_from(("POOR", "ILL", "WORKER", "STRANGER")),
        st.dates(date(2025, 6, 1), date(2026, 12, 31)),
        st.none() | st.integers(1, 300),
        st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CLAIMS, max_size=8), SPANS)
def test_what_the_semantics_page_promises(claims: list[Claim], spans: list[IdentitySpan]) -> None:
    result = assess_person(plan(), events=claims, spans=spans)
    assert Counter(one.event_id for one in result.assessments) == Counter(one.event_id for one in claims)
    by_event = {one.event_id: one for one in claims}
    counting = next(one.code for one in plan().benefits if one.counts_window_relief)
    window_left = 0
    for line in result.lines:
        assert line.amount_fen == line.entitled_fen - line.window_fen
        assert line.category_code in categories_held(by_event[line.event_id], spans)
        if line.benefit_code == counting:
            assert 0 <= line.entitled_fen <= max(line.base_fen, line.window_fen)
        else:
            assert 0 < line.entitled_fen <= line.base_fen and line.window_fen == 0
        window_left += line.window_fen
    for one in result.assessments:
        _check_conserved(one.event_id, result, by_event[one.event_id])
        assert one.reason_code is None or one.reason_code in REASONS
        assert one.outcome != "PAID" or any(line.amount_fen for line in result.lines if line.event_id == one.event_id)
    for code in {line.benefit_code for line in result.lines}:
        for year in (2025, 2026, 2027):
            amounts = [line.amount_fen for line in result.lines if (line.benefit_code, line.benefit_year) == (code, year)]
            assert sum(amounts) >= 0


def _check_conserved(event_id: str, result: PersonResult, claim: Claim) -> None:
    assessed = next(one for one in result.assessments if one.event_id == event_id)
    lines = [line for line in result.lines if line.event_id == event_id]
    assert assessed.relief_fen == sum(line.amount_fen for line in lines)
    if assessed.base_fen is None:
        assert (lines, assessed.left_fen, assessed.relief_fen) == ([], None, 0)
        return
    assert assessed.left_fen is not None
    taken = sum(min(line.entitled_fen, line.base_fen) for line in lines)
    uncounted = assessed.base_fen - taken - assessed.left_fen
    is_care_outside = claim.kind is EventKind.CARE and not any(line.window_fen for line in lines)
    assert 0 <= uncounted <= ((claim.amounts_fen.get("maf_pay") or 0) if is_care_outside else 0)
    assert 0 <= assessed.left_fen <= assessed.base_fen


@settings(max_examples=100, deadline=None)
@given(st.lists(CLAIMS, max_size=6), SPANS, st.randoms(use_true_random=False))
def test_the_order_in_which_claims_are_given_does_not_matter(
    claims: list[Claim], spans: list[IdentitySpan], dice: object
) -> None:
    shuffled = list(claims)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assess_person(plan(), events=claims, spans=spans) == assess_person(plan(), events=shuffled, spans=spans[::-1])


@settings(max_examples=100, deadline=None)
@given(st.lists(CLAIMS, min_size=1, max_size=6), SPANS)
def test_an_unknown_claim_changes_nothing_for_the_others(claims: list[Claim], spans: list[IdentitySpan]) -> None:
    unknown = care("zzz", date(2026, 5, 5), inscp=None)
    alone = assess_person(plan(), events=claims, spans=spans)
    both = assess_person(plan(), events=[*claims, unknown], spans=spans)
    assert [one for one in both.assessments if one.event_id != "zzz"] == list(alone.assessments)
    assert both.lines == alone.lines


def test_the_window_case_both_ways() -> None:
    """20,000 yuan, deductible 3,000, 50 %, 4,000 paid at the window: 4,500 as the same benefit, 6,500 as an earlier payer."""
    claim = care("s1", date(2026, 5, 1), inscp=2_000_000, maf=400_000)
    spans = [IdentitySpan("POOR", ALWAYS)]
    same = assess_person(plan(), events=[claim], spans=spans)
    assert same.total_fen("bureau_relief") == 450_000
    tinghu = load_pack("320902_tinghu", on=date(2022, 6, 30)).plan
    assert tinghu.maf_counts_as is MafCounting.EARLIER_PAYER
    earlier = replace(claim, settled_on=date(2022, 5, 1), since=date(2022, 5, 1), until_on=date(2022, 5, 1))
    amounts = dict.fromkeys([one.field for one in tinghu.base], 0) | {"inscp_scp_amt": 2_000_000, "maf_pay": 400_000}
    found = assess_person(tinghu, events=[replace(earlier, amounts_fen=amounts)], spans=[IdentitySpan("DIBAO", ALWAYS)])
    assert found.total_fen() == 650_000


@pytest.mark.parametrize(
    ("claim", "spans", "reason"),
    [
        (care("s", date(2026, 5, 1), inscp=900_000), [], "NO_CATEGORY"),
        (care("s", date(2026, 5, 1), inscp=900_000), [IdentitySpan("STRANGER", ALWAYS)], "NO_CATEGORY"),
        (fee("s", date(2026, 5, 1), 40_000), [IdentitySpan("ILL", ALWAYS)], "NO_CATEGORY"),
        (care("s", date(2026, 5, 1), inscp=900_000, med_type="41"), [IdentitySpan("POOR", ALWAYS)], "CARE_NOT_COVERED"),
        (care("s", date(2026, 5, 1), inscp=900_000, med_type=None), [IdentitySpan("POOR", ALWAYS)], "CARE_NOT_COVERED"),
        (care("s", date(2028, 1, 1), inscp=900_000), [IdentitySpan("POOR", ALWAYS)], "POLICY_EXPIRED"),
        (care("s", date(2028, 1, 1), inscp=None), [IdentitySpan("POOR", ALWAYS)], "POLICY_EXPIRED"),
        (care("s", date(2026, 5, 1), inscp=None), [IdentitySpan("POOR", ALWAYS)], "PAYER_UNKNOWN"),
        (care("s", date(2026, 5, 1), inscp=900_000, maf=None), [IdentitySpan("POOR", ALWAYS)], "PAYER_UNKNOWN"),
        (care("s", date(2026, 5, 1), inscp=0), [IdentitySpan("POOR", ALWAYS)], "NOTHING_LEFT"),
        (care("s", date(2026, 5, 1), inscp=90_000), [IdentitySpan("POOR", ALWAYS)], "BELOW_DEDUCTIBLE"),
        (care("s", date(2026, 5, 1), inscp=5_000, maf=5_000), [IdentitySpan("POOR", ALWAYS)], "WINDOW_PAID"),
        (care("s", date(2026, 5, 1), inscp=5_000, maf=5_000), [IdentitySpan("WORKER", ALWAYS)], "NOTHING_LEFT"),
    ],
)
def test_the_first_reason_that_fits(claim: Claim, spans: list[IdentitySpan], reason: str) -> None:
    assessed = assess_person(plan(), events=[claim], spans=spans).assessments[0]
    assert assessed.reason_code == reason
    assert assessed.outcome == ("HELD" if reason == "PAYER_UNKNOWN" else "REFUSED")


def test_a_line_is_held_when_only_a_late_list_proves_its_category() -> None:
    claim = care("s1", date(2026, 5, 1), inscp=2_000_000)
    late = IdentitySpan("POOR", ALWAYS, is_provisional=True)
    assert all(line.is_held for line in assess_person(plan(), events=[claim], spans=[late]).lines)
    sure = assess_person(plan(), events=[claim], spans=[late, IdentitySpan("POOR", Span(date(2026, 5, 1), date(2026, 5, 2)))])
    assert not any(line.is_held for line in sure.lines)


def test_on_a_tie_the_smallest_code_is_named() -> None:
    spans = [IdentitySpan("WORKER", ALWAYS), IdentitySpan("POOR", ALWAYS)]
    result = assess_person(plan(), events=[care("s1", date(2026, 5, 1), inscp=150_000)], spans=spans)
    assert [line.category_code for line in result.lines if line.benefit_code == "last_resort"] == ["POOR"]


def test_claims_of_one_day_stand_by_moment_then_id() -> None:
    first = replace(care("b", date(2026, 5, 1), inscp=150_000), settled_at=datetime(2026, 5, 1, 8))  # noqa: DTZ001
    second = replace(care("a", date(2026, 5, 1), inscp=150_000), settled_at=datetime(2026, 5, 1, 9))  # noqa: DTZ001
    without = care("c", date(2026, 5, 1), inscp=150_000)
    result = assess_person(plan(), events=[second, first, without], spans=[IdentitySpan("WORKER", ALWAYS)])
    assert [one.event_id for one in result.assessments] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("since", "until", "held"), [(25, 26, True), (1, 25, False), (30, 31, True), (26, 30, False), (31, None, False)]
)
def test_identity_counts_on_the_first_day_the_last_day_and_the_settlement_day(since: int, until: int | None, held: bool) -> None:
    claim = care("s1", date(2026, 5, 30), inscp=1, days=5)
    span = Span(date(2026, 5, since), date(2026, 5, until) if until else None)
    assert (categories_held(claim, [IdentitySpan("POOR", span)]) == {"POOR"}) is held


def test_identity_counts_on_a_settlement_day_after_discharge() -> None:
    claim = replace(care("s1", date(2026, 5, 30), inscp=1), settled_on=date(2026, 6, 20))
    assert categories_held(claim, [IdentitySpan("POOR", Span(date(2026, 6, 20), date(2026, 6, 21)))]) == {"POOR"}


def test_the_base_is_never_below_nothing() -> None:
    claim = care("s1", date(2026, 5, 30), inscp=100)
    assert base_of(plan(), replace(claim, amounts_fen=dict(claim.amounts_fen) | {"hifp_pay": 300}), frozenset()).fen == 0


def test_years_do_not_mix() -> None:
    spans = [IdentitySpan("WORKER", ALWAYS)]
    claims = [care("a", date(2025, 12, 31), inscp=200_000), care("b", date(2026, 1, 1), inscp=200_000)]
    assert [line.entitled_fen for line in assess_person(plan(), events=claims, spans=spans).lines] == [30_000, 30_000]


def test_by_discharge_the_last_day_of_care_decides_whether_a_benefit_holds() -> None:
    by_discharge = replace(plan(), benefit_year_by="discharge")
    claim = replace(care("s1", date(2027, 12, 31), inscp=900_000), settled_on=date(2028, 1, 5))
    spans = [IdentitySpan("WORKER", ALWAYS)]
    assert assess_person(plan(), events=[claim], spans=spans).assessments[0].reason_code == "POLICY_EXPIRED"
    assert assess_person(by_discharge, events=[claim], spans=spans).assessments[0].outcome == "PAID"
