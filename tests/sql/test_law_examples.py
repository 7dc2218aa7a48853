"""Every example that stands beside a pack's law gives the same lines in the compiled SQL as in the reference."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from tests.properties.relief_cases import County, Person
from tests.properties.relief_sides import by_reference, by_sql

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Plan
from mianshen.policy.examples import Example, claim_of, decided_of, load_examples, plan_of, span_of
from mianshen.policy.packs import pack_names
from mianshen.warehouse.compile_scope import require_compilable

AWAITED: set[str] = set()
"""Overlays of `_example` whose constructs the compiler refuses; empty when both computations know the whole language."""


def person_of(example: Example, plan: Plan, place: int) -> Person:
    """The example's person under a key of its own."""
    key = f"P{place:03d}"
    claims = (claim_of(row, plan) for row in example.row["claims"])
    spans = (span_of(one) for one in example.row["identities"])
    made = tuple(replace(one, event_id=f"{key}-{one.event_id}") for one in claims)
    return Person(key, made, tuple(spans), decided_of(example, plan))


@pytest.mark.parametrize("pack", pack_names())
def test_the_examples_of_the_law_agree_in_both_computations(pack: str) -> None:
    by_plan: dict[Plan, list[Person]] = defaultdict(list)
    plans: dict[str, Plan] = {}
    for place, example in enumerate(load_examples(pack)):
        day = f"{example.row['on']} {example.row['overlays']}"
        plan = plans[day] if day in plans else plans.setdefault(day, plan_of(example))
        if AWAITED.intersection(example.row["overlays"]):
            with pytest.raises(MianshenError, match="POLICY_NOT_CARRIED"):
                require_compilable(plan)
            continue
        by_plan[plan].append(person_of(example, plan, place))
    assert by_plan, f"{pack} has no examples"
    for plan, people in by_plan.items():
        county = County(plan, tuple(people))
        reference, sql = by_reference(county), by_sql(county)
        assert sql, "the examples give rows"
        assert sorted(reference ^ sql, key=repr) == []
