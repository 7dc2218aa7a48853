"""Each construct that the policy language must say has a case of the fictional county that runs through it, and is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.properties.relief_cases import county_of, focused_county
from tests.properties.relief_steps import FOCI

from mianshen.core.plan import Plan
from mianshen.policy.examples import Example, load_examples, plan_of, result_of

ROWS = YAML(typ="safe", pure=True).load((Path(__file__).parent / "language.yaml").read_text("utf-8"))["rows"]
ITEMS = (
    *("base", "deductible", "brackets", "cap", "modifiers", "combination", "flips", "identity", "time", "rounding"),
    *("aggregation", "subsidies", "cannot_express"),
)
"""The points of the list, in its order."""
CASES = {one.name: one for one in load_examples("_example")}
SEEDS = 60


def named(row: dict[str, Any]) -> str:
    return f"{row['item']}: {row['words']}"


def parts_of(whole: Any) -> Iterator[Any]:
    yield whole
    for one in fields(whole):
        value = getattr(whole, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                yield from parts_of(part)


def says(parts: Iterable[Any], key: str) -> bool:
    """Whether some part has the field set, or has the word of `Class.field=word` there."""
    place, _, word = key.partition("=")
    kind, name = place.split(".")
    values = [getattr(one, name) for one in parts if type(one).__name__ == kind]
    if not word:
        return any(value not in ((), None, False) for value in values)
    return any(word in ([str(one) for one in value] if isinstance(value, tuple) else [str(value)]) for value in values)


@cache
def loaded(day: Any, overlays: tuple[str, ...]) -> Plan:
    return plan_of(next(one for one in CASES.values() if (one.row["on"], tuple(one.row["overlays"])) == (day, overlays)))


def plan_for(example: Example) -> Plan:
    return loaded(example.row["on"], tuple(example.row["overlays"]))


def shown_parts(plan: Plan, benefit: str | None) -> list[Any]:
    """The Plan's own parts, and those of this benefit alone."""
    around = [plan, *plan.base, *plan.base_scales, *plan.upgrades, *(one.identity for one in plan.categories)]
    return around + [part for one in plan.benefits if one.code == benefit for part in parts_of(one)]


@cache
def drawn_parts(focus: str) -> tuple[Any, ...]:
    """Parts of the plans of drawn counties."""
    made = (
        county_of(Random(seed), people=1, is_varied=True)
        if focus == "county"
        else focused_county(Random(f"{focus} {seed}"), focus, people=1)
        for seed in range(SEEDS)
    )
    return tuple(part for one in made for part in parts_of(one.plan))


def test_every_point_of_the_list_has_rows() -> None:
    assert list(dict.fromkeys(row["item"] for row in ROWS)) == list(ITEMS)


@pytest.mark.parametrize("row", [row for row in ROWS if row["case"]], ids=named)
def test_the_case_runs_through_the_benefit_that_says_it(row: dict[str, Any]) -> None:
    example = CASES[row["case"]]
    plan = plan_for(example)
    assert [key for key in row["plan"] if not says(shown_parts(plan, row["benefit"]), key)] == []
    result = result_of(example, plan)
    if row["benefit"]:
        assert row["benefit"] in {one.benefit_code for one in result.lines}
    else:
        assert {one.outcome for one in result.assessments} & {"HELD", "REFUSED"}, (
            "a case without a benefit is one that is not paid"
        )


@pytest.mark.parametrize("row", [row for row in ROWS if row["drawn"]], ids=named)
def test_drawn_counties_say_it_too(row: dict[str, Any]) -> None:
    assert row["drawn"] in (*FOCI, "county")
    assert [key for key in row["plan"] if not says(drawn_parts(row["drawn"]), key)] == []


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_what_is_not_there_is_named(row: dict[str, Any]) -> None:
    lacks = {name for name in ("case", "drawn") if not row[name]}
    assert {row["missing"].split(":")[0]} == lacks if "missing" in row else not lacks


@pytest.mark.parametrize("row", [row for row in ROWS if not row["case"]], ids=named)
def test_no_page_shows_what_is_said_to_be_missing(row: dict[str, Any]) -> None:
    """When a page comes to show it, its row must name the case."""
    plans = {(one.row["on"], tuple(one.row["overlays"])) for one in CASES.values()}
    assert [where for where in plans if all(says(parts_of(loaded(*where)), key) for key in row["plan"])] == []


@pytest.mark.parametrize("row", [row for row in ROWS if not row["drawn"] and row["plan"]], ids=named)
def test_nothing_drawn_says_what_is_said_to_be_undrawn(row: dict[str, Any]) -> None:
    """When the generator comes to draw it, its row must name the kind of county."""
    assert [focus for focus in (*FOCI, "county") if all(says(drawn_parts(focus), key) for key in row["plan"])] == []
