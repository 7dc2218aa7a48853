"""What a release must keep is data: complete, and a county is stricter than the nation or refused with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.release import QUASI_IDENTIFIERS
from mianshen.policy.packs import POLICIES
from mianshen.policy.releases import PAGE, load_release

DAY, TOWNS = date(2026, 11, 1), ("东镇", "西乡")
SOURCED = "source: house, article: 示例, status: illustrative"


def written(tmp_path: Path, county: str = "", *, old: str = "", new: str = "") -> Path:
    """A policies folder with the national page, changed, and a county's own page."""
    text = (POLICIES / PAGE).read_text("utf-8")
    assert old in text
    (tmp_path / "national").mkdir()
    (tmp_path / PAGE).write_text(text.replace(old, new) if old else text, "utf-8")
    if county:
        (tmp_path / "_example").mkdir()
        (tmp_path / "_example" / "release.yaml").write_text(county, "utf-8")
    return tmp_path


def test_the_nation_asks_for_ten_people_and_three_values() -> None:
    found = load_release("_example", on=DAY, towns=TOWNS)
    assert (found.k, dict(found.diversity)) == (10, {"disease_group": 3, "relief_band": 3})
    assert set(found.levels) == set(QUASI_IDENTIFIERS)
    assert "group" not in found.levels["town"], "the fictional county groups no towns"
    assert list(found.band_edges_fen) == sorted(found.band_edges_fen)


def test_a_county_may_group_its_towns() -> None:
    found = load_release(
        "510118_xinjin", on=DAY, towns=("五津街道", "普兴街道", "花源街道", "花桥街道", "宝墩镇", "兴义镇", "安西镇", "永商镇")
    )
    assert found.town_groups["五津街道"] == "街道"
    assert "group" in found.levels["town"]


def test_a_county_may_be_stricter(tmp_path: Path) -> None:
    county = f"""limits:
  - {{code: k, amount: 20, since: 2022-01-01, {SOURCED}}}
sensitive:
  - {{column: disease_group, values: 5, {SOURCED}}}
"""
    found = load_release("_example", on=DAY, towns=TOWNS, root=written(tmp_path, county))
    assert (found.k, dict(found.diversity)) == (20, {"disease_group": 5, "relief_band": 3})


@pytest.mark.parametrize(
    "county",
    [
        f"limits:\n  - {{code: k, amount: 9, since: 2022-01-01, {SOURCED}}}\n",
        f"limits:\n  - {{code: suppressed_ppm, amount: 1, since: 2022-01-01, {SOURCED}}}\n",
        f"sensitive:\n  - {{column: relief_band, values: 2, {SOURCED}}}\n",
        f"town_groups:\n  - {{name_zh: 北片, towns: [南镇], {SOURCED}}}\n",
        f"town_groups:\n  - {{name_zh: 北片, towns: [东镇, 东镇], {SOURCED}}}\n",
        "k: 10\n",
    ],
)
def test_a_county_that_is_laxer_or_unclear_is_refused_with_its_line(tmp_path: Path, county: str) -> None:
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*_example/release\.yaml:\d+"):
        load_release("_example", on=DAY, towns=TOWNS, root=written(tmp_path, county))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{code: k,", "{code: kk,"),
        ("{column: relief_band, values: 3", "{column: disease_group, values: 3"),
        ("column: gend, levels: [said, all]", "column: gend, levels: [town, all]"),
        ("[1, 1000, 3000", "[1, 3000, 1000"),
        ("{column: category, levels: [set, single, all]", "{column: town, levels: [town]"),
    ],
)
def test_a_national_page_that_is_incomplete_or_wrong_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*national/release\.yaml:\d+"):
        load_release("_example", on=DAY, towns=TOWNS, root=written(tmp_path, old=old, new=new))
