"""What a department may see is its county's page: known departments and columns, bands that band; else refused with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.extract import COLUMNS
from mianshen.policy.extracts import load_extracts
from mianshen.policy.packs import POLICIES, load_pack

PAGE = (POLICIES / "_example" / "extracts.yaml").read_text("utf-8")


def loaded(tmp_path: Path, text: str) -> None:
    (tmp_path / "_example").mkdir()
    (tmp_path / "_example" / "extracts.yaml").write_text(text, "utf-8")
    load_extracts("_example", departments={"bureau", "union"}, root=tmp_path)


@pytest.mark.parametrize("pack", ["_example", "510118_xinjin"])
def test_every_department_with_a_list_is_granted_its_own(pack: str) -> None:
    county = load_pack(pack, on=date(2026, 11, 6))
    granted = load_extracts(pack, departments={one.code for one in county.departments})
    assert {one.department_code for one in county.lists} <= set(granted)
    assert all(set(one.columns) <= set(COLUMNS) and one.fewest_alike >= 5 for one in granted.values())


def test_a_county_without_a_page_grants_nothing(tmp_path: Path) -> None:
    assert load_extracts("_example", departments={"bureau"}, root=tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("department: union", "department: police"),
        ("department: union", "department: bureau"),
        ("columns: [category, age_band", "columns: [person_key, age_band"),
        ("age_years: 10", "age_years: 1"),
        ("fewest_alike: 5", "fewest_alike: 1"),
        ("[1, 5000, 20000, 50000]", "[1, 20000, 5000, 50000]"),
    ],
)
def test_a_page_that_tells_too_much_or_of_nobody_is_refused_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    assert old in PAGE
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*_example/extracts\.yaml:\d+"):
        loaded(tmp_path, PAGE.replace(old, new))
