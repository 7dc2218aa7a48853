"""Every construct of the policy language stands on both sides: the generator draws it, or the compiler refuses it by name; and a
benefit of the fictional county shows it, with cases."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
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
from mianshen.policy.packs import load_pack
from mianshen.warehouse.compile_scope import require_compilable

CONSTRUCTS = (
    *(Benefit, Rate, Deductible, Bracket, Variant, Cap, Rounding, Modifier, Condition),
    *(IdentityRule, Upgrade, Term, BaseScale),
)
"""The parts of a Plan that say what is paid, to whom and on what."""
REFUSED: set[str] = set()
"""Fields that the compiler refuses by name as soon as they are used; empty when it knows the whole language."""
COUNTIES = 60
OVERLAYS = Path(__file__).parents[2] / "include" / "policies" / "_example" / "overlays"
PAGE = OVERLAYS.parents[3] / "docs" / "reference" / "policy-language.md"
SHOWN_ON = date(2026, 11, 6)


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


@pytest.fixture(scope="module")
def shown() -> dict[str, set[Any]]:
    """Values of every field of every construct in the fictional county and its overlays."""
    found: dict[str, set[Any]] = defaultdict(set)
    for overlay in ((), *((path.stem,) for path in sorted(OVERLAYS.glob("*.yaml")))):
        plan = load_pack("_example", on=SHOWN_ON, overlays=overlay).plan
        for whole in (*plan.benefits, *(one.identity for one in plan.categories), *plan.upgrades, *plan.base, *plan.base_scales):
            for part in parts_of(whole):
                for one in fields(part):
                    found[f"{type(part).__name__}.{one.name}"].add(getattr(part, one.name))
    return found


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_the_fictional_county_shows_every_construct(construct: type, shown: dict[str, set[Any]]) -> None:
    """A field that may be left out is written somewhere, and every word of a closed list is used."""
    left_out = [
        one.name
        for one in fields(construct)
        if not shown[f"{construct.__name__}.{one.name}"] - ({one.default} if one.default is not MISSING else set())
    ]
    unused = [
        f"{one.name} {word}"
        for one in fields(construct)
        for kind in {type(value) for value in shown[f"{construct.__name__}.{one.name}"] if isinstance(value, Enum)}
        for word in kind
        if word not in shown[f"{construct.__name__}.{one.name}"] and (f"{construct.__name__}.{one.name}", word) not in NARROWER
    ]
    assert (left_out, unused) == ([], [])


def test_the_page_of_the_language_names_pages_and_benefits_that_there_are() -> None:
    rows = [line.split("|")[1:4] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "---" not in line][
        1:
    ]
    wrong = []
    for _, written, where in rows:
        for place in where.split(";"):
            page, *codes = re.findall(r"`([^`]+)`", place)
            path = OVERLAYS / page if (OVERLAYS / page).exists() else OVERLAYS.parent / page
            text = path.read_text("utf-8")
            wrong += [f"{page}: {code}" for code in codes if f"code: {code}\n" not in text]
        keys = [key for named in re.findall(r"`([^`]+)`", written) for key in named.split(":")[0].split(".") if key != "tiers"]
        wrong += [f"{where.strip()} lacks {key}" for key in keys if not any(f"{key}:" in text for text in _texts(where))]
    assert len(rows) > 30 and wrong == []


def _texts(where: str) -> list[str]:
    pages = [name for name in re.findall(r"`([^`]+)`", where) if name.endswith(".yaml")]
    return [path.read_text("utf-8") for page in pages for path in (OVERLAYS / page, OVERLAYS.parent / page) if path.exists()]


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
