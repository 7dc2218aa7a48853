"""Every construct of the policy language stands on both sides: the generator draws it, or the compiler refuses it by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from random import Random
from typing import Any

import pytest
from tests.properties.relief_cases import county_of, focused_county

from mianshen.core.errors import MianshenError
from mianshen.core.identity import IdentityRule, Upgrade
from mianshen.core.plan import BaseScale, Benefit, Plan, Term
from mianshen.core.rates import (
    Bracket,
    BracketsOn,
    Cap,
    CapKind,
    Condition,
    Deductible,
    DeductibleKind,
    Form,
    Modifier,
    Period,
    Rate,
    Rounding,
    Variant,
)
from mianshen.warehouse.compile_scope import require_compilable

CONSTRUCTS = (
    *(Benefit, Rate, Deductible, Bracket, Variant, Cap, Rounding, Modifier, Condition),
    *(IdentityRule, Upgrade, Term, BaseScale),
)
"""The parts of a Plan that say what is paid, to whom and on what."""
REFUSED: set[str] = set()
"""Fields that the compiler refuses by name as soon as they are used; empty when it knows the whole language."""
COUNTIES = 60


def parts_of(whole: Any) -> Iterator[Any]:
    """The whole and all its parts that are data classes."""
    yield whole
    for one in fields(whole):
        value = getattr(whole, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                yield from parts_of(part)


@pytest.fixture(scope="module")
def drawn() -> dict[str, set[Any]]:
    """Values of every field of every construct, over drawn counties."""
    found: dict[str, set[Any]] = defaultdict(set)
    for seed in range(COUNTIES):
        plan = county_of(Random(seed), people=1, is_varied=True).plan
        leaping = focused_county(Random(f"leap {seed}"), "leap", people=1).plan
        found["Plan.base_rounding"].add(plan.base_rounding)
        for whole in (
            *plan.benefits,
            *leaping.benefits,
            *(one.identity for one in plan.categories),
            *plan.upgrades,
            *plan.base,
            *plan.base_scales,
        ):
            for part in parts_of(whole):
                for one in fields(part):
                    found[f"{type(part).__name__}.{one.name}"].add(getattr(part, one.name))
    return found


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_field_is_drawn_with_several_values(construct: type, drawn: dict[str, set[Any]]) -> None:
    names = {f"{construct.__name__}.{one.name}" for one in fields(construct)} - REFUSED
    assert [name for name in sorted(names) if len(drawn[name]) < 2] == []


def test_every_value_of_a_closed_list_is_drawn(drawn: dict[str, set[Any]]) -> None:
    missing = []
    for name, values in drawn.items():
        for kind in {type(value) for value in values if isinstance(value, Enum)}:
            missing += [f"{name} {value}" for value in kind if value not in values and (name, value) not in NARROWER]
    assert missing == []


NARROWER = {("Rounding.period", one) for one in (Period.MONTH, Period.QUARTER, Period.ONCE)}
"""Values that the loader refuses for a field."""


def plan_with(**changes: Any) -> Plan:
    plan = county_of(Random("plain"), people=1, is_varied=False).plan
    return replace(plan, benefits=(replace(plan.benefits[0], **changes),))


def test_what_is_not_compiled_is_refused_by_name() -> None:
    first = plan_with().benefits[0].rates[0]
    leaping = (
        replace(first, deductible=Deductible((1,), DeductibleKind.GATE)),
        replace(first, form=Form.BANDS, brackets_on=BracketsOn.AMOUNT),
        replace(first, caps=(Cap(1, CapKind.ALL_OR_NOTHING),)),
    )
    for rate in leaping:
        require_compilable(plan_with(rates=(rate,)))
    lasting = plan_with(rates=(replace(first, deductible=Deductible((1,), period=Period.ONCE)),))
    with pytest.raises(MianshenError, match="orders"):
        require_compilable(replace(lasting, arrangements=(("a",), ("b",))))
    require_compilable(plan_with(bucket_code="one"))
    require_compilable(replace(plan_with(), arrangements=(("a",), ("b",))))
    require_compilable(plan_with())
