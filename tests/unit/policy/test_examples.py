"""Examples are believed when they can fail: wrong expectations differ, and a calculator with a fault is found out."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Plan
from mianshen.policy import calculator, claims, formula
from mianshen.policy.claims import IdentitySpan
from mianshen.policy.examples import Example, claim_of, compare, load_examples, plan_of, run_example
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


CALCULATOR, FORMULA, CLAIMS = (Path(str(one.__file__)) for one in (calculator, formula, claims))
FAULTS: list[tuple[Path, str, str]] = [
    (FORMULA, "Fraction(1, 2)", "Fraction(0)"),
    (FORMULA, "Fraction(1, 2)", "Fraction(1)"),
    (FORMULA, "burden_fen - rate.deductible_fen", "burden_fen"),
    (FORMULA, "max(burden_fen - rate.deductible_fen, 0)", "(burden_fen if burden_fen > rate.deductible_fen else 0)"),
    (FORMULA, "found if rate.cap_fen is None else min(found, rate.cap_fen)", "found"),
    (FORMULA, "min(found, rate.cap_fen)", "(found if found <= rate.cap_fen else 0)"),
    (FORMULA, "max(top - bracket.low_fen, 0)", "max(top, 0)"),
    (FORMULA, "min(bracket.high_fen, excess_fen)", "excess_fen"),
    (CLAIMS, "claim.since, claim.until_on, claim.settled_on", "claim.settled_on"),
    (CLAIMS, "claim.since, claim.until_on, claim.settled_on", "claim.until_on"),
    (CLAIMS, "any(one.span.holds(day) for day in days)", "all(one.span.holds(day) for day in days)"),
    (CALCULATOR, "total += term.sign * (amount or 0)", "total += amount or 0"),
    (CALCULATOR, 'if amount is None and term.absent_means == "unknown"', "if False"),
    (CALCULATOR, 'if amount is None and term.absent_means == "unknown"', "if amount is None"),
    (CALCULATOR, "progress.left_fen = max(0, burden - entitled)", "progress.left_fen = burden"),
    (CALCULATOR, "max(relief.values())", "sum(relief.values())"),
    (CALCULATOR, "max(relief.values())", "min(relief.values())"),
    (CALCULATOR, "account.best_fen - best_before", "account.best_fen"),
    (CALCULATOR, "amount_fen=entitled - window", "amount_fen=entitled"),
    (CALCULATOR, "max(before, account.best_fen, account.window_fen)", "max(before, account.best_fen)"),
    (CALCULATOR, "account.window_fen += window_fen", "account.window_fen = window_fen"),
    (CALCULATOR, "elif benefit.counts_window_relief:", "elif False:"),
    (
        CALCULATOR,
        "accounts.setdefault((claim.benefit_year, benefit.code), opened)",
        "accounts.setdefault((0, benefit.code), opened)",
    ),
    (CALCULATOR, "accounts.setdefault((claim.benefit_year, benefit.code), opened)", "opened"),
    (CALCULATOR, "account.burden_fen[rate.category_code] += burden", "account.burden_fen[rate.category_code] = burden"),
    (CALCULATOR, "day < benefit.valid_until", "day <= benefit.valid_until"),
    (CALCULATOR, "benefit.valid_since <= day and", "True and"),
    (CALCULATOR, "claim.dise_code.startswith(benefit.dise_codes)", "True"),
    (CALCULATOR, "not benefit.med_types or claim.med_type in benefit.med_types", "True"),
    (CALCULATOR, "for rate in benefit.rates if rate.category_code in progress.held", "for rate in benefit.rates"),
    (CALCULATOR, "(-relief[rate.category_code], rate.category_code)", "(relief[rate.category_code], rate.category_code)"),
    (CALCULATOR, "account.best_fen = account.best_fen, max", "account.best_fen = 0, max"),
    (CALCULATOR, '("BELOW_DEDUCTIBLE", not any', '("CAP_REACHED", not any'),
    (CALCULATOR, "one.best_fen > one.held_best_fen", "one.best_fen < one.held_best_fen"),
]


def calculator_with(path: Path, old: str, new: str) -> Callable[..., Any]:
    """`assess_person` of a copy of the calculator in which one piece of text is another."""
    space = types.ModuleType("faulty_calculator")
    sys.modules["faulty_calculator"] = space
    for source in (FORMULA, CLAIMS, CALCULATOR):
        text = source.read_text("utf-8")
        if source == path:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {source.name}"
            text = text.replace(old, new)
        lines = [line for line in text.splitlines() if not line.startswith("from mianshen.policy.")]
        exec(compile("\n".join(lines), str(source), "exec"), space.__dict__)
    return space.assess_person  # type: ignore[no-any-return]


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


def first_complaint(assess: Callable[..., Any]) -> str | None:
    for example, plan in cases():
        row = example.row
        spans = [
            IdentitySpan(one["category"], claims.Span(one["since"], one["until"]), one["is_provisional"])
            for one in row["identities"]
        ]
        result = assess(plan, events=[claim_of(one, plan) for one in row["claims"]], spans=spans)
        if compare(result, row["expect"], arithmetic=row["arithmetic"]):
            return example.name
    return None


def test_the_sound_calculator_is_not_complained_of() -> None:
    assert first_complaint(calculator_with(FORMULA, "Fraction(1, 2)", "Fraction(1, 2)")) is None


@pytest.mark.parametrize(("path", "old", "new"), FAULTS, ids=[f"{path.stem}: {new}" for path, _, new in FAULTS])
def test_a_fault_in_the_calculator_fails_an_example(path: Path, old: str, new: str) -> None:
    try:
        assert first_complaint(calculator_with(path, old, new)) is not None
    except (KeyError, TypeError, ValueError):
        return
