"""Every example beside a pack's law, run by the reference calculator."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pytest
from ruamel.yaml import YAML

from mianshen.core.plan import EventKind, Plan
from mianshen.policy.examples import Example, judge_example, load_examples, result_of
from mianshen.policy.explain import explain_person, explain_refusal
from mianshen.policy.packs import POLICIES, load_pack, pack_names

EXAMPLES = [example for name in pack_names() for example in load_examples(name)]


@lru_cache(maxsize=64)
def plan_on(pack: str, on: date, overlays: tuple[str, ...]) -> Plan:
    return load_pack(pack, on=on, overlays=overlays).plan


def plan_for(example: Example) -> Plan:
    return plan_on(example.pack, example.row["on"], tuple(example.row["overlays"]))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.pack}-{one.requirement}-{one.name}")
def test_the_law_says_what_the_example_says(example: Example) -> None:
    assert judge_example(example, plan_for(example)) == (), example.where


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.pack}-{one.requirement}-{one.name}")
def test_every_result_can_be_explained_and_adds_up(example: Example) -> None:
    plan = plan_for(example)
    result = result_of(example, plan)
    for line, told in zip(result.lines, explain_person(plan, result), strict=True):
        assert plan.clause(line.clause_id).article in told.zh
        assert line.clause_id in told.en
    for one in result.assessments:
        if one.reason_code is not None:
            assert explain_refusal(plan, one, result).zh
        assert one.outcome in ("PAID", "REFUSED", "HELD")
        assert (one.outcome == "PAID") == (one.reason_code is None)


def test_every_pack_has_examples() -> None:
    assert {one.pack for one in EXAMPLES} == set(pack_names())


def test_names_are_sentences_of_their_own() -> None:
    names = [(one.pack, one.name) for one in EXAMPLES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("requirement", [f"R003-{number:02}" for number in (*range(1, 12), 16)])
def test_every_expressible_article_of_tinghu_has_an_example(requirement: str) -> None:
    assert any(one.requirement == requirement for one in EXAMPLES if one.pack == "320902_tinghu")


@pytest.mark.parametrize("pack", [name for name in pack_names() if name != "_example"])
def test_each_threshold_of_each_rate_is_met_from_both_sides(pack: str) -> None:
    """For every row of every paper table some example shows its benefit at nothing or below its cap, and some at its cap."""
    shown: dict[str, set[int]] = {}
    for example in (one for one in EXAMPLES if one.pack == pack):
        plan = plan_for(example)
        for line, working in zip((result := result_of(example, plan)).lines, result.workings, strict=True):
            shown.setdefault(line.clause_id, set()).add(working.best_fen)
    plan = load_pack(pack, on=date(2026, 10, 31)).plan
    for benefit in plan.benefits:
        for rate in benefit.rates:
            assert rate.clause_id in shown, rate.clause_id
            for cap in rate.caps:
                assert cap.amount_fen in shown[rate.clause_id], rate.clause_id
                is_package = benefit.event_kind is EventKind.SERVICE  # always worth its cap: it is paid once or not at all
                assert is_package or any(fen < cap.amount_fen for fen in shown[rate.clause_id]), rate.clause_id


@pytest.mark.parametrize("pack", pack_names())
def test_each_pack_records_its_changes_and_sources(pack: str) -> None:
    assert (POLICIES / pack / "CHANGES.md").read_text("utf-8").startswith("# 政策变更")
    written = YAML(typ="safe", pure=True).load((POLICIES / pack / "policy.yaml").read_text("utf-8"))
    for document in written["documents"].values():
        assert (POLICIES / pack / document["file"]).read_text("utf-8").startswith(f"# {document['title_zh']}")


@pytest.mark.parametrize("pack", pack_names())
def test_the_readme_names_the_pack(pack: str) -> None:
    assert f"`{pack}`" in (POLICIES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("pack", pack_names())
def test_the_base_is_told_in_words_that_a_patient_reads(pack: str) -> None:
    told = load_pack(pack, on=date(2023, 6, 1) if pack == "320902_tinghu" else date(2026, 10, 31)).plan.clause("base").text_zh
    assert told.startswith("合规自付:符合范围金额、减") and not any(one.isascii() and one.isalpha() for one in told)
