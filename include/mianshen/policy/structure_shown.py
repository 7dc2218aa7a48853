"""The rules and formulas of a pack with their articles, and for each an example of the law that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mianshen.core.plan import Plan
from mianshen.policy.examples import Example, judge_example, load_examples, plan_of, result_of
from mianshen.policy.packs import load_pack
from mianshen.policy.structure import formula, formulas_of
from mianshen.policy.structure_rules import rules_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule or formula as a page lists it."""

    structure: str
    """What it says, without constants."""
    article: str
    """Chapter and item where it first stands."""
    status: str
    """How sure the product is of that clause."""
    example: str | None
    """Name of the first example that shows it; None when none does."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A pack's rules and formulas."""

    rules: tuple[Shown, ...]
    """What decides who, for what, when and in which order."""
    formulas: tuple[Shown, ...]
    """How amounts are reckoned."""


def structure_of(pack: str, *, on: date, root: Path | None = None) -> Structure:
    """The rules and formulas in force on the day, each with the example that shows it. POLICY_* as `load_pack` raises it."""
    plan = load_pack(pack, on=on, root=root).plan
    by_day: dict[date, list[Example]] = {}
    for one in load_examples(pack, root=root):
        if not one.row["overlays"]:
            by_day.setdefault(one.row["on"], []).append(one)
    days = [(plan_of(examples[0], root=root), examples) for examples in by_day.values()]
    ruled, reckoned = _rules_shown(days), _formulas_shown(days)
    return Structure(
        tuple(_shown(plan, one.structure, one.clause_ids, ruled) for one in rules_of(plan)),
        tuple(_shown(plan, one.structure, [clause for _, clause in one.places], reckoned) for one in formulas_of(plan)),
    )


def _shown(plan: Plan, structure: str, clause_ids: Sequence[str], examples: Mapping[str, str]) -> Shown:
    clause = plan.clause(clause_ids[0])
    return Shown(structure, clause.article, clause.status.value, examples.get(structure))


def _rules_shown(days: Sequence[tuple[Plan, Sequence[Example]]]) -> dict[str, str]:
    """Structure to the first example that comes out otherwise without the rule."""
    found: dict[str, str] = {}
    for plan, examples in days:
        rules = rules_of(plan)
        for example in (one for one in examples if not judge_example(one, plan)):
            for rule in rules:
                if rule.structure not in found and judge_example(example, rule.without):
                    found[rule.structure] = example.name
    return found


def _formulas_shown(days: Sequence[tuple[Plan, Sequence[Example]]]) -> dict[str, str]:
    """Structure to the first example in which it brings money."""
    found: dict[str, str] = {}
    for plan, examples in days:
        rates = {(one.code, rate.category_code): formula(one, rate) for one in plan.benefits for rate in one.rates}
        for example in examples:
            for line in result_of(example, plan).lines:
                found.setdefault(rates[(line.benefit_code, line.category_code)], example.name)
    return found
