"""A county whose law confirms people: what its pages may not say, each refused with file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.departments import Department, in_charge
from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES, load_pack

PACK = "360702_zhanggong"
ON = date(2026, 12, 1)
OF_NOTHING = """forms:
  - {code: acceptance, of: [nowhere], name_zh: 单, name_en: x, paragraphs: [x], source: x, article: x, status: inferred}
"""
"""A form of a process that there is not."""
DAMAGES = {
    "a paper of no list": ("process.yaml", "list: minzheng_dibao}", "list: minzheng_dibo}", "feeds/ 中没有 minzheng_dibo"),
    "a match by no law": ("process.yaml", "matches: {confirmation: free_treatment", "matches: {confirmation: free", "没有 free"),
    "a match for the county itself": ("process.yaml", "fit: free_treatment", "fit: yearly_lists", "没有 yearly_lists"),
    "a match that is never over": ("process.yaml", "outcome: exported}", "outcome: printed}", "outcomes 中没有 printed"),
    "a list that forgets who is on none": ("process.yaml", ", when: unlisted}", "}", "when 须写全且各一次"),
    "a list without a law": (
        "process.yaml",
        "    confirmation: free_treatment\n    starts: [call]",
        "    starts: [call]",
        "写了 when 的流程须写 confirmation",
    ),
    "a people list for nobody": (
        "process.yaml",
        "for: approval_service, shows: [item",
        "for: office, shows: [item",
        "没有 office",
    ),
    "a people list after no outcome": ("process.yaml", "outcome: returned}]", "outcome: back}]", "steps 中没有 back"),
    "nobody follows": ("process.yaml", "followed_by: left_lists", "followed_by: left", "processes 中没有 left"),
    "who was not reached declined": (
        "process.yaml",
        "opens: [ordinary_notice], reached: false}",
        "ends: declined, reached: false}",
        "联系不上不能办结",
    ),
    "a letter declined": ("process.yaml", "ends: ordinary_route}", "ends: declined}", "没有问到人,不能按本人不需要办结"),
    "a deadline declined": ("process.yaml", "done_as: served", "done_as: declined", "本人不需要只能由本人说"),
    "a letter that does not tell": ("process.yaml", "        tells: true\n", "", "联系不上之后的环节也须问人,或书面告知"),
    "people of no category": ("feeds/minzheng_dibao.yaml", "category_code: DIBAO", "category_code: DIBO", "没有 DIBO"),
    "a list of no department": ("feeds/weijian_jiuzhi.yaml", "department: health", "department: office", "未登记的部门 office"),
    "a reason of no list": ("eligibility.yaml", "reason: NOT_CONFIRMED_BEFORE", "reason: NO", "未知的原因代码 NO"),
    "a successor of nobody": ("departments.yaml", "successor: agriculture", "successor: farming", "未登记的部门 farming"),
    "an end without a successor": ("departments.yaml", ", successor: agriculture", "", "until 与 successor 须一并写明"),
    "a successor of itself": ("departments.yaml", "successor: agriculture", "successor: rural_revitalisation", "又接回自己"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_page_is_refused(name: str, tmp_path: Path) -> None:
    page, old, new, found = DAMAGES[name]
    for folder in (PACK, "national"):
        shutil.copytree(POLICIES / folder, tmp_path / folder)
    text = (tmp_path / PACK / page).read_text("utf-8")
    assert old in text, "the sound page no longer holds the text to damage"
    (tmp_path / PACK / page).write_text(text.replace(old, new, 1), "utf-8")
    loads = lambda: load_pack(PACK, on=ON, root=tmp_path)  # noqa: E731 - one of two readers refuses
    if page == "eligibility.yaml":
        from mianshen.policy.eligibility_pages import load_eligibility

        loads = lambda: load_eligibility(PACK, on=ON, root=tmp_path)  # type: ignore[assignment,return-value]  # noqa: E731
    with pytest.raises(MianshenError) as refused:
        loads()
    assert (refused.value.code, found in refused.value.found) == ("POLICY_DAMAGED", True), refused.value.found
    assert refused.value.where.startswith(f"{PACK}/{page}:")


def test_a_form_of_a_process_that_there_is_not_is_refused(tmp_path: Path) -> None:
    for folder in (PACK, "national"):
        shutil.copytree(POLICIES / folder, tmp_path / folder)
    (tmp_path / PACK / "forms.yaml").write_text(OF_NOTHING, "utf-8")
    with pytest.raises(MianshenError, match="中没有 nowhere") as refused:
        load_pack(PACK, on=ON, root=tmp_path)
    assert refused.value.where.startswith(f"{PACK}/forms.yaml:")


def test_r002_13_a_free_process_loads_with_no_step_that_asks_a_fee(tmp_path: Path) -> None:
    for folder in ("420281_daye", "national"):
        shutil.copytree(POLICIES / folder, tmp_path / folder)
    sound = load_pack("420281_daye", on=ON, root=tmp_path).process("chronic_disease")
    assert {step.fee_fen for step in sound.steps} == {0}
    page = tmp_path / "420281_daye" / "process.yaml"
    text = page.read_text("utf-8")
    asked = "        limit: first_check\n"
    assert asked in text
    page.write_text(text.replace(asked, f'{asked}        fee_yuan: "5"\n', 1), "utf-8")
    with pytest.raises(MianshenError) as refused:
        load_pack("420281_daye", on=ON, root=tmp_path)
    assert (refused.value.code, "不得收费" in refused.value.found) == ("POLICY_DAMAGED", True)


def test_a_department_is_followed_by_the_last_of_its_line_from_each_day_on() -> None:
    line = (
        Department("a", "甲", "A", "x", date(2023, 1, 1), "b"),
        Department("b", "乙", "B", "x", date(2025, 1, 1), "c"),
        Department("c", "丙", "C", "x"),
    )
    days = [date(2022, 12, 31), date(2023, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert [in_charge(line, "a", on=day) for day in days] == ["a", "b", "b", "c"]


@pytest.mark.parametrize(("day", "holder"), [("2024-12-31", "rural_revitalisation"), ("2025-01-01", "agriculture")])
def test_steps_lists_and_categories_are_the_successor_s_from_its_day_on(day: str, holder: str) -> None:
    pack = load_pack(PACK, on=date.fromisoformat(day))
    assert pack.process("yearly_lists").step("agriculture_lists").department_code == holder
    assert pack.contract("xiangcun_tuopin").department_code == holder
    assert {one.department_code for one in pack.plan.categories if one.code == "TUOPIN_SANLEI"} == {holder}
