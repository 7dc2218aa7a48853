"""The reference calculator and the compiled SQL agree fen by fen, line by line, reason by reason; and they are seen to differ
when either of them is wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Shard
from tests.properties.mutants import CALCULATOR, COMPILER, Mutant, running
from tests.properties.relief_cases import County, county_of, reduced
from tests.properties.relief_sides import Rows, by_reference, by_sql, difference

COUNTIES = 40
"""Drawn counties that every change must pass; a mutant must differ on one of them."""
MANY = 400
"""Drawn counties of `make prove`, over all shards."""


def agree(county: County) -> None:
    if found := difference(county):
        small = reduced(county, still_differs=lambda one: bool(difference(one)))
        pytest.fail(f"reference and SQL differ:\n{difference(small)}\n{small}\nfirst seen as\n{found}")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.randoms(use_true_random=True))
def test_they_agree_on_a_county_never_seen_before(draw: Random) -> None:
    agree(county_of(draw))


def test_the_order_in_which_rows_lie_does_not_matter() -> None:
    county = county_of(Random("order"))
    people = tuple(replace(one, claims=one.claims[::-1], spans=one.spans[::-1]) for one in reversed(county.people))
    assert by_sql(county) == by_sql(replace(county, people=people))


@pytest.mark.proof
def test_they_agree_on_many_counties(shard: Shard) -> None:
    for seed in shard.take(range(MANY)):
        agree(county_of(Random(seed)))


@cache
def _county(seed: int) -> County:
    return county_of(Random(seed))


@cache
def _true_reference(seed: int) -> Rows:
    return by_reference(_county(seed))


@cache
def _true_sql(seed: int) -> Rows:
    return by_sql(_county(seed))


def is_seen(mutant: Mutant, seed: int) -> bool:
    """Whether the mutated side differs from the other on this county."""
    if mutant in CALCULATOR:
        return by_reference(_county(seed)) != _true_sql(seed)
    return by_sql(_county(seed)) != _true_reference(seed)


@pytest.mark.proof
@pytest.mark.parametrize("side", [CALCULATOR, COMPILER], ids=["calculator", "compiler"])
def test_every_mutant_is_caught(side: tuple[Mutant, ...], shard: Shard) -> None:
    assert len({one.name for one in side}) == len(side) >= 20
    assert not is_seen(side[0], 0), "without a mutation both sides agree"
    alive = []
    for mutant in shard.take(side):
        with running(mutant):
            if not any(is_seen(mutant, seed) for seed in range(COUNTIES)):
                alive.append(mutant.name)
    assert alive == []
