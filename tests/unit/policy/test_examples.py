"""Examples are believed when they can fail: wrong expectations differ, and a calculator with a fault is found out."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from types import ModuleType

import pytest
from tests.properties.mutation import Mutant, running

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Plan
from mianshen.policy import accounts, base, chain, claims, conditions, formula, pipeline, verdicts
from mianshen.policy.examples import Example, compare, load_examples, plan_of, result_of, run_example
from mianshen.policy.layout_examples import EXAMPLES
from mianshen.policy.packs import pack_names
from mianshen.policy.pages import read_page

HEAD = "examples:\n  - name: 一例\n    article: 第六条\n    arithmetic: 算式\n    on: 2026-06-30\n"
PERSON = (
    HEAD
    + "    identities: [{category: POOR, since: 2025-01-01}]\n    claims: [{id: s1, settled_on: 2026-03-10, borne_yuan: 20000}]\n"
)


def example_of(text: str) -> Example:
    row = EXAMPLES.read(read_page(text, shown_as="t.yaml"))["examples"][0]
    return Example("_example", row["name"], row["article"], None, "t.yaml:2", row)


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ("{relief_yuan: 11650}", []),
        ("{relief_yuan: 11651}", ["合计"]),
        ('{relief_yuan: "11650.01"}', ["合计"]),
        ("{benefits_yuan: {bureau_relief: 8500, last_resort: 3150}}", []),
        ("{benefits_yuan: {bureau_relief: 8499, last_resort: 3151}}", ["bureau_relief", "last_resort"]),
        ("{claims: {s1: {outcome: PAID, relief_yuan: 11650, left_yuan: 8350, category: POOR}}}", []),
        (
            "{claims: {s1: {outcome: REFUSED, relief_yuan: 1, left_yuan: 1, category: ILL}}}",
            ["outcome", "category", "relief", "left"],
        ),
        ("{claims: {s1: {reason_code: NO_CATEGORY}}}", ["reason_code"]),
        ("{claims: {s2: {outcome: PAID}}}", ["no claim s2"]),
    ],
)
def test_what_differs_is_said(expect: str, found: list[str]) -> None:
    differences = run_example(example_of(f"{PERSON}    expect: {expect}\n"))
    assert len(differences) == len(found)
    for difference, part in zip(differences, found, strict=True):
        assert part in difference and difference.endswith("(算式)")


def test_an_example_that_expects_nothing_is_refused() -> None:
    with pytest.raises(MianshenError) as refused:
        run_example(example_of(f"{PERSON}    expect: {{}}\n"))
    assert refused.value.where == "t.yaml:8"


def test_an_example_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(MianshenError) as refused:
        example_of(PERSON.replace("borne_yuan", "bourne_yuan") + "    expect: {relief_yuan: 1}\n")
    assert "是否 borne_yuan" in refused.value.found


FAULTS: list[tuple[ModuleType, str, str]] = [
    (formula, "return 2 * rest >= unit", "return False"),
    (formula, "return 2 * rest >= unit", "return True"),
    (formula, "max(top - bracket.low_fen, 0)", "max(top, 0)"),
    (formula, "min(bracket.high_fen, amount_fen)", "amount_fen"),
    (pipeline, "lambda total: max(total - amount_fen, 0)", "lambda total: total"),
    (pipeline, "lambda total: max(total - amount_fen, 0)", "lambda total: total if total > amount_fen else 0"),
    (pipeline, "lambda total: min(total, bound)", "lambda total: total"),
    (pipeline, "lambda total: min(total, bound)", "lambda total: total if total <= bound else 0"),
    (pipeline, "self.totals[key] = before + amount", "self.totals[key] = amount"),
    (claims, "for tested in rule.tested_on", "for tested in (Tested.SETTLED_ON,)"),
    (claims, "for tested in rule.tested_on", "for tested in (Tested.UNTIL_ON,)"),
    (claims, "any(span.holds(days[tested])", "all(span.holds(days[tested])"),
    (base, "total += term.sign * (amount or 0)", "total += amount or 0"),
    (base, 'if amount is None and term.absent_means == "unknown"', "if False"),
    (base, 'if amount is None and term.absent_means == "unknown"', "if amount is None"),
    (chain, "progress.left_fen = max(0, burden - given.entitled_fen)", "progress.left_fen = burden"),
    (chain, "amount_fen=given.entitled_fen - given.window_fen", "amount_fen=given.entitled_fen"),
    (chain, "elif benefit.counts_window_relief:", "elif False:"),
    (accounts, "max(year.best_fen, year.relief_fen[chosen])", "year.best_fen + year.relief_fen[chosen]"),
    (accounts, "else year.best_fen - best_before", "else year.best_fen"),
    (accounts, "max(before, year.best_fen, year.window_fen)", "max(before, year.best_fen)"),
    (accounts, "year.window_fen += window_fen", "year.window_fen = window_fen"),
    (accounts, "min(traces, key=lambda code: (-year", "min(traces, key=lambda code: (year"),
    (accounts, "code for code in self._pipes if code in visit.held", "code for code in self._pipes"),
    (accounts, "year.relief_fen[code] += trace.relief_fen", "year.relief_fen[code] = trace.relief_fen"),
    (verdicts, "day < benefit.valid_until", "day <= benefit.valid_until"),
    (verdicts, "benefit.valid_since <= day and", "True and"),
    (verdicts, '("BELOW_DEDUCTIBLE", not any(one.is_above', '("CAP_REACHED", not any(one.is_above'),
    (accounts, "year.best_fen > year.relief_fen[chosen]", "year.best_fen < year.relief_fen[chosen]"),
    (conditions, "value.startswith(listed)", "bool(value)"),
    (conditions, "not listed or value in listed", "True"),
]


@lru_cache(maxsize=1)
def cases() -> list[tuple[Example, Plan]]:
    plans: dict[tuple[str, date, tuple[str, ...]], Plan] = {}
    found = []
    for example in (one for name in pack_names() for one in load_examples(name)):
        key = (example.pack, example.row["on"], tuple(example.row["overlays"]))
        if key not in plans:
            plans[key] = plan_of(example)
        found.append((example, plans[key]))
    return found


def first_complaint() -> str | None:
    for example, plan in cases():
        row = example.row
        if compare(result_of(example, plan), row["expect"], arithmetic=row["arithmetic"]):
            return example.name
    return None


def test_the_sound_calculator_is_not_complained_of() -> None:
    assert first_complaint() is None


@pytest.mark.parametrize(("where", "old", "new"), FAULTS, ids=[f"{where.__name__}: {new}" for where, _, new in FAULTS])
def test_a_fault_in_the_calculator_fails_an_example(where: ModuleType, old: str, new: str) -> None:
    with running(Mutant(new, where, old, new)):
        assert first_complaint() is not None
