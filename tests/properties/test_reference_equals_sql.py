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
from tests.properties.calculator_mutants import CALCULATOR
from tests.properties.compiler_mutants import COMPILER
from tests.properties.mutation import Mutant, running, text_with
from tests.properties.relief_cases import County, county_of, focused_county, reduced
from tests.properties.relief_sides import Rows, by_reference, by_sql, difference
from tests.properties.relief_steps import FOCI

LOOKED_AT = 60
"""Drawn counties on one of which a mutant must differ; most differ on the first that have the mutated step."""
WIDE = 240
"""Drawn counties with steps of all kinds that `make prove` compares, over all shards."""
FOCUSED = 8
"""Drawn counties with one kind of step that it compares, of each kind."""


def agree(county: County) -> None:
    if found := difference(county):
        small = reduced(county, still_differs=lambda one: bool(difference(one)))
        pytest.fail(f"reference and SQL differ:\n{difference(small)}\n{small}\nfirst seen as\n{found}")


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.randoms(use_true_random=True))
def test_they_agree_on_a_county_never_seen_before(draw: Random) -> None:
    agree(focused_county(draw, draw.choice(FOCI)) if draw.random() < 0.4 else county_of(draw))


def test_the_order_in_which_rows_lie_does_not_matter() -> None:
    county = county_of(Random("order"))
    people = tuple(replace(one, claims=one.claims[::-1], spans=one.spans[::-1]) for one in reversed(county.people))
    assert by_sql(county) == by_sql(replace(county, people=people))


@pytest.mark.proof
def test_they_agree_on_many_counties(shard: Shard) -> None:
    wide: list[tuple[str | None, int]] = [(None, seed) for seed in range(WIDE)]
    for focus, seed in shard.take([*wide, *((one, seed) for one in FOCI for seed in range(FOCUSED))]):
        agree(county_of(Random(seed)) if focus is None else focused_county(Random(f"{focus} {seed}"), focus))


@cache
def _county(focus: str | None, seed: int) -> County:
    """One that has the step, or, of no step, one in which plain benefits and stepped ones take turns."""
    draw = Random(f"{focus} {seed}")
    return county_of(draw, people=30, is_varied=seed % 3 == 2) if focus is None else focused_county(draw, focus)


@cache
def _true_reference(focus: str | None, seed: int) -> Rows:
    return by_reference(_county(focus, seed))


@cache
def _true_sql(focus: str | None, seed: int) -> Rows:
    return by_sql(_county(focus, seed))


def is_seen(mutant: Mutant, seed: int) -> bool:
    """Whether the mutated side differs from the other on this county."""
    if mutant in CALCULATOR:
        return by_reference(_county(mutant.focus, seed)) != _true_sql(mutant.focus, seed)
    return by_sql(_county(mutant.focus, seed)) != _true_reference(mutant.focus, seed)


@pytest.mark.proof
@pytest.mark.parametrize("side", [CALCULATOR, COMPILER], ids=["calculator", "compiler"])
def test_every_mutant_is_caught(side: tuple[Mutant, ...], shard: Shard) -> None:
    assert len({one.name for one in side}) == len(side) >= 20
    assert all(text_with(one) for one in side)
    assert not is_seen(side[0], 0), "without a mutation both sides agree"
    alive = []
    for mutant in shard.take(side):
        with running(mutant):
            if not any(is_seen(mutant, seed) for seed in range(LOOKED_AT)):
                alive.append(mutant.name)
    assert alive == []
