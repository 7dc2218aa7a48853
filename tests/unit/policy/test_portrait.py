"""What the person-month record goes by is data: complete, dated, illustrative where no document states it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.core.portrait import DIALYSIS, FLAG_LINES, PUBLISHED_LINES
from mianshen.policy.packs import POLICIES, county_names
from mianshen.policy.portrait import PAGE, load_portrait

ON = date(2026, 10, 31)


def copied(tmp_path: Path, *, pack: str = "_example", **changes: tuple[str, str]) -> Path:
    """The national and the county's own page, one text of each named page replaced."""
    for page in (PAGE, f"{pack}/portrait.yaml"):
        text = (POLICIES / page).read_text("utf-8")
        old, new = changes.get(page.split("/")[0].strip("_"), ("", ""))
        assert old in text
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("pack", county_names())
def test_every_county_has_lines_for_its_flags_and_tells_what_is_illustrative(pack: str) -> None:
    rules = load_portrait(pack, on=ON)
    assert set(FLAG_LINES) <= set(rules.lines)
    assert {rules.lines[code].status for code in FLAG_LINES} == {"illustrative"}, "no document states them"
    assert rules.is_illustrative
    assert DIALYSIS in {one.code for one in rules.groups}


def test_only_a_county_that_states_a_line_has_it() -> None:
    assert not set(PUBLISHED_LINES) & set(load_portrait("320902_tinghu", on=ON).lines)
    assert load_portrait("510118_xinjin", on=ON).lines["income_yuan"].amount == 3 * 1100


def test_a_line_holds_from_its_day_on() -> None:
    assert load_portrait("_example", on=date(2025, 12, 31)).lines["minimum_living_yuan"].amount == 900
    assert load_portrait("_example", on=date(2026, 1, 1)).lines["minimum_living_yuan"].amount == 1000


def test_no_diagnosis_belongs_to_two_groups_alike() -> None:
    prefixes = [prefix for one in load_portrait("_example", on=ON).groups for prefix in one.prefixes]
    assert len(prefixes) == len(set(prefixes))
    assert set("ABCEFGIJKLMNOPQRSTUVWXYZ") <= {one for one in prefixes if len(one) == 1}, "every chapter that is one letter"


@pytest.mark.parametrize(
    ("page", "old", "new"),
    [
        ("national", "code: frequent_visits, amount", "code: long_stay_days, amount"),
        ("national", "code: frequent_visits, amount", "code: frequent_cases, amount"),
        ("national", "code: long_stay_days, amount: 30,", "code: long_stay_days, amount: 一个月,"),
        ("national", "code: catastrophic_yuan", "code: income_yuan"),
        ("national", '["N"]', '["N", "O"]'),
        ("national", 'prefixes: ["A", "B"]', "prefixes: []"),
        ("example", "code: income_yuan", "code: income"),
        ("example", "amount: 1000, since: 2026-01-01", "amount: 1000, since: 2023-01-01"),
    ],
)
def test_a_page_that_cannot_be_is_refused_with_its_line(tmp_path: Path, page: str, old: str, new: str) -> None:
    with pytest.raises(MianshenError, match=r"POLICY_DAMAGED.*portrait\.yaml:\d+"):
        load_portrait("_example", on=ON, root=copied(tmp_path, **{page: (old, new)}))


def test_a_county_may_state_its_own_line_and_group(tmp_path: Path) -> None:
    own = "  - {code: catastrophic_yuan, amount: 5, since: 2024-01-01, source: example, article: 一, status: quoted}\n"
    root = copied(tmp_path)
    page = root / "_example" / "portrait.yaml"
    page.write_text(page.read_text("utf-8") + own, encoding="utf-8")
    line = load_portrait("_example", on=ON, root=root).lines["catastrophic_yuan"]
    assert (line.amount, line.status) == (5, "quoted")
    shutil.rmtree(root / "_example")
    assert load_portrait("_example", on=ON, root=root).lines["catastrophic_yuan"].amount == 30_000
