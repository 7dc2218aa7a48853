"""Whom a notice may list: nobody with HIV or a mental illness, no child, whatever a pack calls them; names are masked."""

from __future__ import annotations

from datetime import date

import pytest

from mianshen.core.notices import is_only_counted, masked_name
from mianshen.policy.packs import load_pack, pack_names

ON = date(2026, 11, 3)
ADULT = date(1960, 5, 1)


@pytest.mark.parametrize(
    "said",
    [
        "艾滋病患者",
        "HIV感染者",
        "hiv_list",
        "重性精神病",
        "精神残疾",
        "JINGSHENBING",
        "困境儿童",
        "KUNJING_ERTONG",
        "事实无人抚养儿童",
        "GUER",
        "未成年人",
    ],
)
def test_people_of_such_categories_are_counted(said: str) -> None:
    assert is_only_counted(born=ADULT, on=ON, said=["DIBAO", said])


@pytest.mark.parametrize("diagnosis", ["F20.001", "f32.9", "B20.9", "B24", "Z21", "R75.x"])
def test_people_with_such_a_diagnosis_are_counted(diagnosis: str) -> None:
    assert is_only_counted(born=ADULT, on=ON, said=["低保对象"], diagnoses=["I10", diagnosis])


@pytest.mark.parametrize(("born", "is_counted"), [(date(2008, 11, 3), False), (date(2008, 11, 4), True), (None, True)])
def test_nobody_is_listed_before_the_eighteenth_birthday_or_without_one(born: date | None, is_counted: bool) -> None:
    assert is_only_counted(born=born, on=ON, said=[]) is is_counted


def test_others_are_listed() -> None:
    assert not is_only_counted(born=ADULT, on=ON, said=["低保对象", "DIBAO", "特困人员"], diagnoses=["I10", "C34", "B18.1"])


def test_every_shipped_category_of_children_is_counted() -> None:
    packs = [load_pack(name, on=ON) for name in pack_names()]
    named = {(one.code, one.name_zh) for pack in packs for one in pack.plan.categories}
    children = {one for one in named if "儿" in one[1] or "孤" in one[1]}
    assert children
    assert [one for one in sorted(children) if not is_only_counted(born=ADULT, on=ON, said=one)] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("王小明", "王*明"), ("欧阳修远", "欧**远"), ("𠮷", "𠮷*"), ("", "*"), ("阿依古丽·买买提", "阿******提")],
)
def test_names_are_masked(name: str, shown: str) -> None:
    assert masked_name(name) == shown
