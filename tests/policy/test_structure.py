"""Rules and formulas are counted by structure: constants do not make two of one, a step does, and each has its example."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mianshen.core.plan import Plan
from mianshen.core.rates import (
    Bracket,
    Cap,
    Condition,
    Deductible,
    Form,
    Modifier,
    Period,
    Position,
    Rate,
    Rounding,
    RoundingMode,
)
from mianshen.policy.examples import judge_example, load_examples, plan_of
from mianshen.policy.packs import load_pack, pack_names
from mianshen.policy.structure import formula, formulas_of
from mianshen.policy.structure_rules import rules_of
from mianshen.policy.structure_shown import Structure, structure_of

ON = date(2026, 10, 31)
XINJIN = "510118_xinjin"


def plan_on(pack: str = XINJIN) -> Plan:
    return load_pack(pack, on=ON).plan


@pytest.fixture(scope="module")
def found() -> Structure:
    return structure_of(XINJIN, on=ON)


def test_xinjin_has_twenty_rules_and_forty_formulas_each_with_its_example(found: Structure) -> None:
    """R001-08: 20 rules and 40 formulas."""
    assert len(found.rules) >= 20
    assert len(found.formulas) >= 40
    for rows in (found.rules, found.formulas):
        assert len({one.structure for one in rows}) == len(rows)
        assert [one.structure for one in rows if one.example is None] == []
    names = {one.name for one in load_examples(XINJIN)}
    assert {one.example for one in (*found.rules, *found.formulas)} <= names


def other_constants(rate: Rate) -> Rate:
    """The same steps with every amount, ratio and code another."""

    def moved(one: Condition) -> Condition:
        return replace(
            one, **{name: ("Z",) for name in ("med_types", "dise_codes", "hosp_levels", "marks") if getattr(one, name)}
        )

    brackets = tuple(
        replace(
            one,
            low_fen=one.low_fen * 3,
            high_fen=None if one.high_fen is None else one.high_fen * 3,
            ratio_ppm=one.ratio_ppm // 2,
            lump_fen=None if one.lump_fen is None else one.lump_fen + 7,
            variants=tuple(replace(it, condition=moved(it.condition), ratio_ppm=1) for it in one.variants),
        )
        for one in rate.brackets
    )
    caps = tuple(replace(one, amount_fen=one.amount_fen + 11, waived=tuple(map(moved, one.waived))) for one in rate.caps)
    amounts = tuple(one * 5 for one in rate.deductible.amounts_fen)
    deductible = replace(rate.deductible, amounts_fen=amounts, waived=tuple(map(moved, rate.deductible.waived)))
    return replace(rate, category_code="OTHER", clause_id="other", brackets=brackets, caps=caps, deductible=deductible)


@pytest.mark.parametrize("pack", pack_names())
def test_constants_are_no_structure(pack: str) -> None:
    for benefit in plan_on(pack).benefits:
        for rate in benefit.rates:
            assert formula(benefit, other_constants(rate)) == formula(benefit, rate)


def test_every_other_step_is_another_structure() -> None:
    """R001-08: a formula is counted once for each structure."""
    benefit = next(one for one in plan_on().benefits if one.code == "special_disabled")
    rate = benefit.rates[0]
    first, mark = rate.deductible, Condition(marks=("X",))
    others = [
        (benefit, replace(rate, deductible=replace(first, period=Period.MONTH))),
        (benefit, replace(rate, deductible=Deductible((0,)))),
        (benefit, replace(rate, deductible=replace(first, waived=(mark,)))),
        (benefit, replace(rate, brackets=(Bracket(0, 100, 1), Bracket(100, None, 2)))),
        (benefit, replace(rate, form=Form.BANDS)),
        (benefit, replace(rate, caps=())),
        (benefit, replace(rate, caps=(*rate.caps, Cap(1, period=Period.CLAIM)))),
        (replace(benefit, rounding=Rounding(RoundingMode.DOWN)), rate),
        (replace(benefit, modifiers=(Modifier(mark, Position.AFTER_CAP, "x", factor_ppm=500_000),)), rate),
        (replace(benefit, modifiers=(Modifier(mark, Position.BEFORE_CAP, "x", factor_ppm=500_000),)), rate),
        (replace(benefit, modifiers=(Modifier(mark, Position.BEFORE_CAP, "x", add_ppm=1),)), rate),
    ]
    told = [formula(benefit, rate), *(formula(*one) for one in others)]
    assert len(set(told)) == len(told)


def test_a_table_of_one_formula_counts_once() -> None:
    plan = plan_on("320902_tinghu")
    assert len(formulas_of(plan)) < sum(len(one.rates) for one in plan.benefits)


def test_the_law_without_a_rule_fails_its_example(found: Structure) -> None:
    shown = {one.structure: one.example for one in found.rules}
    examples = {one.name: one for one in load_examples(XINJIN)}
    for structure, name in shown.items():
        assert name is not None
        example = examples[name]
        plan = plan_of(example)
        (rule,) = (one for one in rules_of(plan) if one.structure == structure)
        assert judge_example(example, plan) == ()
        assert judge_example(example, rule.without) != (), structure
