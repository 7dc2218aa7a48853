"""Experts are drawn by chance, never one who is recused, and anybody can draw again from the record."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mianshen.core.errors import MianshenError
from mianshen.core.experts import Expert, ExpertPool, draw

POOL = ExpertPool(tuple(Expert(f"e{number}", "H1", ("M1",) if number > 6 else ()) for number in range(10)), 3)
CODES = [one.code for one in POOL.experts]


@given(st.text(), st.sets(st.sampled_from(CODES), max_size=3), st.sampled_from([None, "M1", "M2"]))
def test_no_recused_expert_and_none_of_another_disease_is_drawn(seed: str, recused: set[str], item: str | None) -> None:
    drawn = draw(POOL, item=item, recused=recused, seed=seed)
    assert len({one.code for one in drawn}) == 3
    assert recused.isdisjoint(one.code for one in drawn)
    assert all(item in (None, *one.items) or not one.items for one in drawn)
    assert draw(POOL, item=item, recused=recused, seed=seed) == drawn


def test_everybody_has_the_same_chance() -> None:
    counted = Counter(one.code for seed in range(3_000) for one in draw(POOL, item=None, recused=(), seed=str(seed)))
    assert set(counted) == set(CODES)
    assert all(800 <= times <= 1_000 for times in counted.values()), "900 of 3,000 is fair; 100 is five deviations"


def test_too_few_experts_draw_nobody() -> None:
    with pytest.raises(MianshenError, match="EXPERTS_SHORT"):
        draw(POOL, item="M2", recused=CODES[:5], seed="s")
