"""The proof passes the packs and finds fifty seeded bugs, each with a person who falls into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from mianshen.core.money import PPM
from mianshen.core.plan import AcceptedBreak, Category, EventKind, Plan, Status
from mianshen.core.rates import Bracket, Cap, CapKind, Condition, Deductible, Form, Modifier, Position, Rate, Variant
from mianshen.policy.packs import POLICIES, load_pack, pack_names
from mianshen.policy.prove import Hole, breakpoints, prove, relief_of

DAYS = {"320902_tinghu": date(2023, 6, 1)}
OVERLAYS = [(pack, path.stem) for pack in pack_names() for path in sorted((POLICIES / pack / "overlays").glob("*.yaml"))]
Change = Callable[[Rate], Rate]


@cache
def plan_of(pack: str = "_example") -> Plan:
    return load_pack(pack, on=DAYS.get(pack, date(2026, 10, 1))).plan


def part(low: int, high: int | None, ratio: int) -> Bracket:
    return Bracket(low, high, ratio)


RATE_BUGS: dict[str, tuple[Hole, Change]] = {
    "a hole between two brackets": (Hole.GAP, lambda one: replace(one, brackets=(part(0, 100, 1), part(200, None, 1)))),
    "the first bracket begins too late": (Hole.GAP, lambda one: replace(one, brackets=(part(1, None, 1),))),
    "no bracket": (Hole.GAP, lambda one: replace(one, brackets=())),
    "two brackets overlap": (Hole.OVERLAP, lambda one: replace(one, brackets=(part(0, 200, 1), part(100, None, 1)))),
    "an empty bracket": (Hole.DEAD, lambda one: replace(one, brackets=(part(0, 0, 1), part(0, None, 1)))),
    "a negative ratio": (Hole.FALLS, lambda one: replace(one, brackets=(part(0, None, -1),))),
    "a ratio above one": (Hole.ABOVE_COST, lambda one: replace(one, brackets=(part(0, None, PPM + 1),))),
    "a negative deductible": (Hole.NUMBER, lambda one: replace(one, deductible=Deductible((-1,)))),
    "a negative cap": (Hole.NUMBER, lambda one: replace(one, caps=(Cap(-1),))),
    "a ratio of nothing": (Hole.DEAD, lambda one: replace(one, brackets=(part(0, None, 0),))),
    "a cap of nothing": (Hole.DEAD, lambda one: replace(one, caps=(Cap(0),))),
    "a cap that a closed bracket never reaches": (
        Hole.CAP_UNREACHABLE,
        lambda one: replace(one, brackets=(part(0, 1_000, 500_000),), caps=(Cap(501),)),
    ),
    "a bracket behind the cap": (
        Hole.DEAD,
        lambda one: replace(one, brackets=(part(0, 1_000, 500_000), part(1_000, None, 600_000)), caps=(Cap(500),)),
    ),
    "nothing at all above a sum": (Hole.FALLS, lambda one: replace(one, caps=(Cap(5_000, CapKind.ALL_OR_NOTHING),))),
    "a band that pays less than the one before": (
        Hole.FALLS,
        lambda one: replace(one, brackets=(part(0, 500_000, 500_000), part(500_000, None, 300_000)), caps=(), form=Form.BANDS),
    ),
}
"""What may be wrong with one rate."""


def with_rate(plan: Plan, place: int, change: Change) -> Plan:
    """The plan with the first rate of the benefit changed."""
    benefit = plan.benefits[place]
    changed = replace(benefit, rates=(change(benefit.rates[0]), *benefit.rates[1:]))
    return replace(plan, benefits=(*plan.benefits[:place], changed, *plan.benefits[place + 1 :]))


def bugs() -> Iterator[tuple[str, Hole, Plan]]:
    plan = plan_of()
    for place, benefit in enumerate(plan.benefits):
        if benefit.event_kind is EventKind.CARE:
            for name, (hole, change) in RATE_BUGS.items():
                yield f"{benefit.code}: {name}", hole, with_rate(plan, place, change)
    first, second = plan.benefits[1], plan.benefits[-1]
    stranger = Category("STRANGER", "外人", "stranger", "bureau", Status.ILLUSTRATIVE)
    unknown = replace(second, rates=(replace(second.rates[0], category_code="NOBODY"), *second.rates[1:]))
    whole = tuple(replace(one, deductible=Deductible((0,)), brackets=(part(0, None, PPM),), caps=()) for one in first.rates)
    yield "a category that nothing rates", Hole.GAP, replace(plan, categories=(*plan.categories, stranger))
    yield "a rate of an unknown category", Hole.DEAD, replace(plan, benefits=(*plan.benefits[:-1], unknown))
    yield (
        "a category rated twice",
        Hole.OVERLAP,
        replace(plan, benefits=(*plan.benefits[:-1], replace(second, rates=second.rates[:1] * 2))),
    )
    yield "a benefit without a rate", Hole.DEAD, replace(plan, benefits=(*plan.benefits, replace(first, code="empty", rates=())))
    yield "a benefit twice", Hole.OVERLAP, replace(plan, benefits=(*plan.benefits, second))
    ended = replace(second, valid_until=second.valid_since)
    yield "a benefit that ends before it begins", Hole.DEAD, replace(plan, benefits=(*plan.benefits[:-1], ended))
    greedy = replace(first, rates=whole, med_types=(), valid_until=None, valid_since=date(2020, 1, 1))
    yield "an earlier benefit that leaves nothing", Hole.DEAD, replace(plan, benefits=(greedy, *plan.benefits[2:]))
    yield "a base without cost", Hole.DEAD, replace(plan, base=tuple(one for one in plan.base if one.sign < 0), benefits=())
    yield "a payer taken off twice", Hole.OVERLAP, replace(plan, base=(*plan.base, plan.base[-1]))


ELSEWHERE = Condition(med_types=("99",))
"""A kind of care that no benefit of the county covers."""


def _condition_bugs() -> Iterator[tuple[str, Hole, Plan]]:
    plan, place = plan_of(), 1
    benefit = plan.benefits[place]
    rate, clause = benefit.rates[0], benefit.rates[0].clause_id

    def modified(condition: Condition, factor: int) -> Plan:
        changed = replace(benefit, modifiers=(Modifier(condition, Position.AFTER_CAP, clause, factor_ppm=factor),))
        return replace(plan, benefits=(*plan.benefits[:place], changed, *plan.benefits[place + 1 :]))

    yield "a modifier for care that is not covered", Hole.DEAD, modified(ELSEWHERE, 500_000)
    yield "a modifier that ends before the benefit begins", Hole.DEAD, modified(Condition(until=date(2000, 1, 1)), 500_000)
    yield "a modifier that leaves all as it is", Hole.DEAD, modified(Condition(marks=("ILL",)), PPM)
    waived = replace(rate, deductible=replace(rate.deductible, waived=(ELSEWHERE,)))
    yield "a waiver that nobody meets", Hole.DEAD, with_rate(plan, place, lambda _: waived)
    varied = replace(rate, brackets=(replace(rate.brackets[0], variants=(Variant(ELSEWHERE, 1),)), *rate.brackets[1:]))
    yield "a ratio for care that is not covered", Hole.DEAD, with_rate(plan, place, lambda _: varied)
    uncapped = replace(rate, caps=(Cap(900_000, waived=(ELSEWHERE,)),))
    yield "a cap waived for care that is not covered", Hole.DEAD, with_rate(plan, place, lambda _: uncapped)


def _purse_bugs() -> Iterator[tuple[str, Hole, Plan]]:
    plan = load_pack("_example", on=date(2026, 10, 1), overlays=("combination",)).plan
    (purse,) = plan.buckets
    category, bound = purse.amounts_fen[0]
    alone = [replace(one, bucket_code=None) if one.bucket_code else one for one in plan.benefits]
    first = next(place for place, one in enumerate(plan.benefits) if one.bucket_code)
    yield "a purse that nobody shares", Hole.DEAD, replace(plan, benefits=tuple(alone))
    yield (
        "a purse of one benefit",
        Hole.DEAD,
        replace(plan, benefits=(*alone[:first], plan.benefits[first], *alone[first + 1 :])),
    )
    yield "a purse with nothing in it", Hole.DEAD, replace(plan, buckets=(replace(purse, amounts_fen=((category, 0),)),))
    stray = (*purse.amounts_fen, ("ZZZ", 1))
    yield "a purse for a category that nothing rates", Hole.DEAD, replace(plan, buckets=(replace(purse, amounts_fen=stray),))
    capped = tuple(
        replace(one, rates=tuple(replace(rate, caps=(Cap(bound // 4),)) for rate in one.rates)) if one.bucket_code else one
        for one in plan.benefits
    )
    yield "a purse larger than all that may come from it", Hole.CAP_UNREACHABLE, replace(plan, benefits=capped)


BUGS = [*bugs(), *_condition_bugs(), *_purse_bugs()]


def test_fifty_bugs_are_seeded() -> None:
    assert len({name for name, _, _ in BUGS}) == len(BUGS) >= 60


@pytest.mark.parametrize(("name", "hole", "plan"), BUGS, ids=[name for name, _, _ in BUGS])
def test_a_seeded_bug_is_found(name: str, hole: Hole, plan: Plan) -> None:
    assert hole in {one.hole for one in prove(plan)}, name


@pytest.mark.parametrize("pack", pack_names())
def test_the_packs_have_no_hole(pack: str) -> None:
    assert prove(plan_of(pack)) == ()


def _read(pack: str, overlay: str) -> Plan:
    return load_pack(pack, on=DAYS.get(pack, date(2026, 10, 1)), overlays=(overlay,)).plan


@pytest.mark.parametrize(("pack", "overlay"), OVERLAYS)
def test_no_other_reading_of_a_pack_has_a_hole_that_its_page_does_not_accept(pack: str, overlay: str) -> None:
    """Every overlay, the fictional county's shown constructs too: holes that the text wants are accepted with their source."""
    assert [f"{one.hole} {one.benefit_code} {one.category_code}: {one.zh}" for one in prove(_read(pack, overlay))] == []


def test_an_overlay_of_another_county_is_proven_like_any_pack(tmp_path: Path) -> None:
    """A county that is not shipped: its own page for the year, with a hole; then without."""
    root = tmp_path / "policies"
    shutil.copytree(POLICIES, root)
    page = root / "_example" / "overlays" / "rounding.yaml"
    whole = page.read_text("utf-8")
    page.write_text(whole.replace("categories: [POOR, WORKER]", "categories: [POOR]", 1), "utf-8")
    found = prove(load_pack("_example", on=date(2026, 10, 1), root=root, overlays=("rounding",)).plan)
    assert [(one.hole, one.category_code) for one in found] == [(Hole.GAP, "WORKER")]
    page.write_text(whole, "utf-8")
    assert prove(load_pack("_example", on=date(2026, 10, 1), root=root, overlays=("rounding",)).plan) == ()


def test_a_finding_shows_a_person_with_both_sums() -> None:
    (found,) = (
        one for one in prove(with_rate(plan_of(), 1, RATE_BUGS["nothing at all above a sum"][1])) if one.hole is Hole.FALLS
    )
    # 50 % above 5,000 yuan: 50 yuan of relief at 5,100 yuan; one fen and a half more and all is lost
    assert "少花" in found.zh and "救助 0.00 元" in found.zh and "却能得 50.00 元" in found.zh


def test_what_january_leaves_whole_falls_just_above_the_deductible_and_the_page_accepts_it() -> None:
    plan = load_pack("_example", on=date(2026, 10, 1), overlays=("january",)).plan
    assert prove(plan) == ()
    (found,) = prove(replace(plan, accepted_breaks=()))
    assert (found.hole, found.benefit_code) == (Hole.FALLS, "whole_in_january")
    assert "自付 3,000.01 元" in found.zh and "却能得 1,200.00 元" in found.zh


def test_an_acceptance_of_what_is_not_there_is_found() -> None:
    plan = plan_of()
    (benefit, rate) = (plan.benefits[0].code, plan.benefits[0].rates[0])
    stale = AcceptedBreak(benefit, rate.category_code, Hole.FALLS.value, rate.clause_id)
    (found,) = prove(replace(plan, accepted_breaks=(stale,)))
    assert (found.hole, found.benefit_code, found.category_code) == (Hole.DEAD, benefit, rate.category_code)


def test_between_the_breakpoints_nothing_bends() -> None:
    plan = plan_of()
    for benefit in plan.benefits:
        for rate in benefit.rates:
            points = breakpoints(rate)
            for low, high in pairwise(points):
                middle = (low + high) // 2
                low_fen, middle_fen, high_fen = (relief_of(plan, benefit, rate, one) for one in (low, middle, high))
                chord = (middle_fen - low_fen) * (high - low) - (high_fen - low_fen) * (middle - low)
                assert abs(chord) <= high - low, (benefit.code, rate.category_code, low, high)
