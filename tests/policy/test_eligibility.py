"""Counties whose law confirms people and names no amount: examples, proofs, and a confirmed disease that flows into relief."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.plan import EventKind
from mianshen.core.spans import Span
from mianshen.policy.calculator import assess_person
from mianshen.policy.claims import Claim, IdentitySpan
from mianshen.policy.eligibility import Demand
from mianshen.policy.eligibility_pages import (
    EligibilityExample,
    EligibilityPack,
    decided_of,
    eligibility_examples,
    eligibility_names,
    explain_decided,
    judge_eligibility,
    load_eligibility,
)
from mianshen.policy.eligibility_prove import prove_eligibility
from mianshen.policy.packs import POLICIES, load_pack, pack_names
from mianshen.policy.prove import Hole

ON = date(2026, 10, 31)
NAMES = eligibility_names()
EXAMPLES = [(name, one) for name in NAMES for one in eligibility_examples(name)]
IDS = [f"{name}-{one.requirement}-{one.name}" for name, one in EXAMPLES]


def test_three_counties_confirm_people_and_one_of_them_pays_besides() -> None:
    assert NAMES == ("360702_zhanggong", "360981_fengcheng", "420281_daye")
    assert set(NAMES) & set(pack_names()) == {"360981_fengcheng"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=IDS)
def test_the_law_says_what_the_example_says(name: str, example: EligibilityExample) -> None:
    pack = load_eligibility(name, on=example.row["on"])
    assert judge_eligibility(pack, example) == (), example.where
    for item, decided in decided_of(pack, example).items():
        zh, en = explain_decided(pack.confirmation(example.row["confirmation"]), item=item, decided=decided)
        assert item in zh and item in en
        assert all(one.clause.article in zh and one.remedy_zh in zh for one in decided.refusals)


@pytest.mark.parametrize("name", NAMES)
def test_the_law_without_a_rule_fails_an_example(name: str) -> None:
    examples = eligibility_examples(name)
    pack = load_eligibility(name, on=ON)
    for confirmation in pack.confirmations:
        for rule in confirmation.rules:
            rest = tuple(one for one in confirmation.rules if one is not rule)
            loose = with_confirmation(pack, confirmation.code, rules=rest)
            assert any(judge_eligibility(loose, one) for one in examples), rule.code


def with_confirmation(pack: EligibilityPack, code: str, **changes: object) -> EligibilityPack:
    return replace(
        pack,
        confirmations=tuple(replace(one, **changes) if one.code == code else one for one in pack.confirmations),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_counties_have_no_hole(name: str) -> None:
    assert prove_eligibility(load_eligibility(name, on=ON), on=ON) == ()


def test_seeded_holes_are_found() -> None:
    pack = load_eligibility("420281_daye", on=ON)
    (confirmation,) = pack.confirmations
    papers = confirmation.rules[-1]
    idle = replace(papers, code="IDLE", demand=Demand(materials=("id_or_card",)))
    seeded = {
        Hole.GAP: (*confirmation.rules, replace(papers, code="NEVER", demand=Demand(insutypes=("999",)))),
        Hole.DEAD: (*confirmation.rules, idle),
        Hole.OVERLAP: (*confirmation.rules, replace(papers, remedy_en="again")),
    }
    for hole, rules in seeded.items():
        found = prove_eligibility(with_confirmation(pack, confirmation.code, rules=rules), on=ON)
        assert hole in {one.hole for one in found}, hole
    assert Hole.GAP in {one.hole for one in prove_eligibility(with_confirmation(pack, confirmation.code, items=("M999",)), on=ON)}


def test_a_confirmed_disease_is_an_identity_that_relief_counts_from_its_day() -> None:
    """大冶 附件1 九4: the list is entered into the system, then benefits begin; here under the fictional county's relief."""
    pack = load_eligibility("420281_daye", on=ON)
    example = next(one for one in eligibility_examples("420281_daye") if "自录入之日享受" in one.name)
    ((_, decided),) = decided_of(pack, example).items()
    assert decided.identity == ("MENMANTE", Span(date(2026, 11, 20), None))
    spans = [IdentitySpan("ILL", decided.identity[1])]
    plan = load_pack("_example", on=ON).plan

    def relief(day: date) -> int:
        amounts: dict[str, int | None] = {**{one.field: 0 for one in plan.base}, "maf_pay": 0, "inscp_scp_amt": 2_500_000}
        claim = Claim(
            event_id="S",
            kind=EventKind.CARE,
            benefit_year=2026,
            since=day,
            until_on=day,
            settled_on=day,
            med_type="21",
            dise_code=None,
            amounts_fen=amounts,
            fee_fen=0,
        )
        return assess_person(plan, events=[claim], spans=spans).total_fen("bureau_relief")

    assert [relief(date(2026, 11, day)) for day in (19, 20)] == [0, 1_000_000], "(25,000 - 5,000) x 50 % from the day of entry"


@pytest.mark.parametrize(
    ("name", "page", "old", "new", "told"),
    [
        ("360981_fengcheng", "departments.yaml", "code: agriculture", "code: farming", "agriculture"),
        ("420281_daye", "eligibility.yaml", '"390": resident', '"390": farmers', "items_by_insutype"),
        ("420281_daye", "eligibility.yaml", "gives: MENMANTE", "gives: NOBODY", "NOBODY"),
        ("360702_zhanggong", "eligibility.yaml", "[DIBAO, TEKUN,", "[DIBAO, TEKEN,", "holds_any"),
        ("360702_zhanggong", "eligibility.yaml", "value: any", "value: some", "some"),
        ("360702_zhanggong", "eligibility.yaml", '"360702"', '"360703"', "360702_zhanggong"),
    ],
)
def test_a_damaged_page_is_refused_with_file_and_line(
    name: str, page: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    shutil.copytree(POLICIES / name, tmp_path / name)
    path = tmp_path / name / page
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(MianshenError) as refused:
        load_eligibility(name, on=ON, root=tmp_path)
    assert refused.value.code == "POLICY_DAMAGED"
    assert f"{name}/" in refused.value.where
    line = int(refused.value.where.rsplit(":", 1)[1])
    shown = refused.value.found + (tmp_path / refused.value.where.rsplit(":", 1)[0]).read_text("utf-8").splitlines()[line - 1]
    assert told in shown


@pytest.mark.parametrize("key", ["county", "documents", "categories"])
def test_what_both_laws_say_is_written_once(key: str, tmp_path: Path) -> None:
    for name in ("360981_fengcheng", "420281_daye", "national"):
        shutil.copytree(POLICIES / name, tmp_path / name)
    twice = tmp_path / "360981_fengcheng" / "eligibility.yaml"
    said = {
        "county": '{code: "360981", name_zh: 丰城市, name_en: Fengcheng City}',
        "documents": "{plan: {title_zh: 方案, file: sources/fengcheng_plan.md, status: official}}",
        "categories": "[]",
    }
    twice.write_text(twice.read_text("utf-8") + f"{key}: {said[key]}\n", "utf-8")
    with pytest.raises(MianshenError, match=f"{key} 与 policy.yaml 共用"):
        load_pack("360981_fengcheng", on=ON, root=tmp_path)
    never = tmp_path / "420281_daye" / "eligibility.yaml"
    kept = re.sub(rf"^{key}:.*?(?=^\S)", "", never.read_text("utf-8"), count=1, flags=re.MULTILINE | re.DOTALL)
    never.write_text(kept, "utf-8")
    with pytest.raises(MianshenError, match=f"缺少 {key}"):
        load_pack("420281_daye", on=ON, root=tmp_path)


def test_a_county_nobody_wrote_is_unknown() -> None:
    with pytest.raises(MianshenError, match="POLICY_UNKNOWN"):
        load_eligibility("999999_nowhere", on=ON)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_leaves_out_what_changed_and_where_it_comes_from(name: str) -> None:
    assert load_eligibility(name, on=ON).cannot_express
    assert (POLICIES / name / "CHANGES.md").read_text("utf-8").startswith("# 政策变更")
    assert f"`{name}`" in (POLICIES / "README.md").read_text("utf-8")
