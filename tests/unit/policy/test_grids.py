"""Grids are county data: every town of the pack, a village in one grid, and what cannot be is refused with its line."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.grids import grid_named
from mianshen.core.pack import Pack
from mianshen.policy.packs import POLICIES, load_pack

XINJIN, ON = "510118_xinjin", date(2026, 11, 1)


def loaded(root: Path, old: str, new: str) -> Pack:
    """The pack with a change of its grids."""
    shutil.copytree(POLICIES, root)
    page = root / XINJIN / "grids.yaml"
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_pack(XINJIN, on=ON, root=root)


def test_every_town_has_grids_and_every_village_stands_in_one_of_them() -> None:
    pack = load_pack(XINJIN, on=ON)
    assert {one.town for one in pack.grids} == set(pack.towns)
    placed = Counter((one.town, village) for one in pack.grids for village in one.villages)
    assert set(placed.values()) == {1}
    known = grid_named(pack.grids, "huayuan_2")
    assert known is not None and (known.town, known.name_zh, known.name_en) == ("花源街道", "花源第二网格", "Huayuan grid 2")
    assert grid_named(pack.grids, "nowhere_1") is grid_named(pack.grids, None) is None


def test_a_county_without_the_page_has_none() -> None:
    assert load_pack("_example", on=ON).grids == ()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("town: 五津街道", "town: 五金街道", "towns 中没有 五金街道"),
        ("code: wujin_2", "code: wujin_1", "wujin_1 写了两次"),
        ("villages: [华村,", "villages: [新村,", "新村已属于另一网格"),
        ("source: illustration", "source: rumour", "documents 中没有 rumour"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(MianshenError, match=rf"POLICY_DAMAGED.*{why}.*grids\.yaml:\d+"):
        loaded(tmp_path / "policies", old, new)
