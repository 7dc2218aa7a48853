from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mianshen.core.days import Month
from mianshen.core.pack import Pack
from mianshen.synth.roll import OPEN, deal, make_roll, month_number
from mianshen.synth.shape import Shape, listed_categories
from mianshen.synth.streams import stream

NONE_CLASH = np.eye(4, dtype=np.bool_)


def test_every_category_is_dealt_exactly() -> None:
    counts = np.array([500, 300, 40, 7])
    person, category = deal(stream(1, "x"), counts=counts, clashes=NONE_CLASH, several_share=0.3)
    assert np.bincount(category).tolist() == counts.tolist()
    sizes = np.bincount(person)
    assert sizes.min() >= 1
    assert 0.25 < (sizes > 1).mean() < 0.35
    assert not pd.DataFrame({"person": person, "category": category}).duplicated().any()


def test_categories_that_clash_never_meet() -> None:
    clashes = NONE_CLASH.copy()
    clashes[0, 1] = clashes[1, 0] = True
    person, category = deal(stream(1, "x"), counts=np.array([500, 300, 200, 200]), clashes=clashes, several_share=0.3)
    assert not set(person[category == 0]) & set(person[category == 1])


def test_when_everything_clashes_everyone_has_one_category() -> None:
    clashes = np.ones((2, 2), dtype=np.bool_)
    person, category = deal(stream(1, "x"), counts=np.array([50, 30]), clashes=clashes, several_share=0.3)
    assert len(set(person)) == 80
    assert np.bincount(category).tolist() == [50, 30]


def test_a_person_holds_a_category_from_the_first_month_until_before_the_last(xinjin: Pack) -> None:
    roll = make_roll(xinjin, month=Month(2026, 10), insured=3_000, seed=1, shape=Shape())
    span = roll.spans[roll.spans["until"] < OPEN].iloc[0]
    person, bit = np.array([span["person"]] * 4), 1 << int(span["category"])
    months = np.array([span["since"] - 1, span["since"], span["until"] - 1, span["until"]])
    others = roll.spans[(roll.spans["person"] == span["person"]) & (roll.spans["category"] == span["category"])]
    assert len(others) == 1
    assert [bool(one & bit) for one in roll.holds(person, months)] == [False, True, True, False]


def test_nobody_is_on_one_list_twice_in_a_month(xinjin: Pack) -> None:
    month = Month(2026, 10)
    roll = make_roll(xinjin, month=month, insured=8_000, seed=2, shape=Shape())
    spans = roll.spans.assign(list_code=np.array(roll.lists, dtype=object)[roll.spans["category"]])
    for number in range(month_number(Month(2026, 1)), month_number(month) + 1):
        there = spans[(spans["since"] <= number) & (number < spans["until"])]
        assert not there.duplicated(["person", "list_code"]).any()


def test_rates_can_be_set_by_category(xinjin: Pack) -> None:
    roll = make_roll(xinjin, month=Month(2026, 1), insured=10_000, seed=1, shape=Shape(rates_per_10k={"DIBAO": 100}))
    place = roll.categories.index("DIBAO")
    today = roll.spans[(roll.spans["until"] == OPEN) & (roll.spans["category"] == place)]
    assert len(today) == 100


@pytest.mark.parametrize("number", [1, 12])
def test_the_first_and_the_last_month_of_a_year_work(xinjin: Pack, number: int) -> None:
    roll = make_roll(xinjin, month=Month(2026, number), insured=2_000, seed=1, shape=Shape())
    assert (roll.spans["since"] < roll.spans["until"]).all()
    assert roll.spans["person"].nunique() == roll.persons


def test_each_category_has_one_list(xinjin: Pack) -> None:
    codes = [one.code for one, _ in listed_categories(xinjin)]
    assert codes == [one.code for one in xinjin.plan.categories]
