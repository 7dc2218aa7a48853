"""Beside every threshold of every paper table stand cases: a fen below it, at it and a fen above it.

Thresholds are counted by structure, in the Plans of the days and overlays that the cases name: every amount of a deductible or
gate, every bound of a bracket or band, every cap and every bound of a shared purse. A clause that an overlay repeats counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from unittest import mock

import pytest

from mianshen.core.plan import Bucket, EventKind, Plan
from mianshen.core.rates import Rate
from mianshen.policy import accounts, pipeline
from mianshen.policy.examples import Example, load_examples, result_of, with_plans
from mianshen.policy.packs import pack_names
from mianshen.policy.results import Trace


@dataclass(frozen=True, order=True)
class Threshold:
    """One amount of the law at which what is paid changes."""

    clause_id: str
    """Where it stands."""
    what: str
    """Deductible, bracket, cap or purse, with its place where there may be several."""
    fen: int
    """How high it is."""


Differences = defaultdict[Threshold, set[int]]
"""By threshold: how far from it, in fen, the cases come."""


@lru_cache(maxsize=16)
def examples_of(pack: str) -> tuple[tuple[Example, Plan], ...]:
    return tuple(with_plans(load_examples(pack)))


def thresholds_of(plan: Plan) -> Iterator[tuple[Threshold, int | None]]:
    """Each threshold with the smallest step on either side of it; None where fixed sums reach a cap in leaps.

    A service package is always worth its cap.
    """
    for benefit in (one for one in plan.benefits if one.event_kind is not EventKind.SERVICE):
        for rate in benefit.rates:
            clause = rate.clause_id
            yield from ((Threshold(clause, "deductible", fen), 1) for fen in rate.deductible.amounts_fen if fen)
            yield from ((Threshold(clause, "bracket", fen), 1) for fen in bounds_of(rate))
            leaps = all(one.lump_fen is not None for one in rate.brackets)
            step = None if leaps else benefit.rounding.place_fen
            yield from ((Threshold(clause, f"cap {number}", one.amount_fen), step) for number, one in enumerate(rate.caps, 1))
    for bucket in plan.buckets:
        yield from ((purse_of(bucket, code), 1) for code, _ in bucket.amounts_fen)


def purse_of(bucket: Bucket, category_code: str) -> Threshold:
    return Threshold(bucket.clause_id, "purse", dict(bucket.amounts_fen)[category_code])


def bounds_of(rate: Rate) -> set[int]:
    """Bounds at which the ratio or the sum changes."""
    bounds = {one.low_fen for one in rate.brackets} | {one.high_fen for one in rate.brackets}
    return {fen for fen in bounds if fen}


def differences(examples: Iterable[tuple[Example, Plan]]) -> Differences:
    """How far from each threshold the examples' claims come, as the reference computes them."""
    found: Differences = defaultdict(set)
    step, take = pipeline.Pipe.step, accounts.Purse.take

    def watched(pipe: pipeline.Pipe, visit: pipeline.Visit) -> Trace:
        trace = step(pipe, visit)
        clause, asked = pipe.rate.clause_id, trace.deductible_fen
        found[Threshold(clause, "deductible", asked)].add(trace.deducted_before_fen + trace.burden_fen - asked)
        for fen in bounds_of(pipe.rate):
            found[Threshold(clause, "bracket", fen)].add(trace.top_fen - fen)
        for cap in trace.caps:
            fen = pipe.rate.caps[cap.cap_no - 1].amount_fen
            found[Threshold(clause, f"cap {cap.cap_no}", fen)].add(cap.before_fen + cap.came_fen - cap.bound_fen)
        return trace

    def taken(purse: accounts.Purse, year: int, category_code: str, amount: int) -> tuple[int, bool]:
        one = purse_of(purse.bucket, category_code)
        found[one].add(purse.used_fen[year] + amount - one.fen)
        return take(purse, year, category_code, amount)

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(pipeline.Pipe, "step", watched))
        stack.enter_context(mock.patch.object(accounts.Purse, "take", taken))
        for example, plan in examples:
            result_of(example, plan)
    return found


def is_shown(came: Collection[int], step: int | None) -> bool:
    """Whether the cases stand below the threshold, at it and above it, no further off than one step."""
    if step is not None:
        return {-step, 0, step} <= set(came)
    return min(came, default=0) < 0 < max(came, default=0) and 0 in came


def wanting(examples: Collection[tuple[Example, Plan]]) -> list[Threshold]:
    """Thresholds of the examples' Plans without their three cases."""
    asked = {one for plan in {plan for _, plan in examples} for one in thresholds_of(plan)}
    found = differences(examples)
    return sorted(one for one, step in asked if not is_shown(found[one], step))


@pytest.mark.parametrize("pack", pack_names())
def test_every_threshold_has_a_case_below_at_and_above(pack: str) -> None:
    assert wanting(examples_of(pack)) == []


@pytest.mark.parametrize(
    ("pack", "least"), [("_example", 55), ("320902_tinghu", 9), ("360981_fengcheng", 7), ("510118_xinjin", 100)]
)
def test_the_thresholds_are_counted_by_structure(pack: str, least: int) -> None:
    plans = {plan for _, plan in examples_of(pack)}
    assert len({one for plan in plans for one, _ in thresholds_of(plan)}) >= least


@pytest.mark.parametrize("pack", ["_example", "360981_fengcheng", "510118_xinjin"])
def test_a_threshold_without_its_table_is_named(pack: str) -> None:
    """Without the tables the thresholds that they are for are wanting: the count sees what is not there."""
    without = [(one, plan) for one, plan in examples_of(pack) if "，救助" not in one.name.rpartition(":")[2]]
    assert len(without) < len(examples_of(pack))
    assert wanting(without) != []


def test_a_case_one_fen_off_is_not_enough() -> None:
    assert is_shown({-1, 0, 1}, 1)
    assert not is_shown({-2, 0, 1}, 1)
    assert not is_shown({-1, 1}, 1)
    assert is_shown({-700, 0, 300}, None)
    assert not is_shown({-700, 300}, None)
