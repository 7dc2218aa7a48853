"""Damaged policy pages: each is refused with its file, its line and a sentence that helps."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.unit.policy import damaged_constructs, damaged_meaning, damaged_processes, damaged_typing, damaged_writing
from tests.unit.policy.damage import Damage

from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES, load_pack

DAMAGES = [
    *damaged_writing.DAMAGES,
    *damaged_typing.DAMAGES,
    *damaged_meaning.DAMAGES,
    *damaged_constructs.DAMAGES,
    *damaged_processes.DAMAGES,
]


def damaged(tmp_path: Path, damage: Damage) -> tuple[Path, int]:
    root = tmp_path / "policies"
    root.mkdir()
    for name in ("_example", "national"):
        shutil.copytree(POLICIES / name, root / name)
    page = root / "_example" / damage.page
    sound = page.read_text("utf-8")
    assert sound.count(damage.old) >= 1, "the sound page no longer holds the text to damage"
    text = sound.replace(damage.old, damage.new, 1)
    page.write_text(text, "utf-8")
    line = text[: text.index(damage.at)].count("\n") + 1 if damage.at else 1
    return root, line


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.name)
def test_a_damaged_page_is_refused_at_its_line(tmp_path: Path, damage: Damage) -> None:
    root, line = damaged(tmp_path, damage)
    overlays = [Path(damage.page).stem] if damage.page.startswith("overlays/") else []
    with pytest.raises(MianshenError) as refused:
        load_pack("_example", on=date(2026, 6, 30), root=root, overlays=overlays)
    assert refused.value.code == "POLICY_DAMAGED"
    assert damage.found in refused.value.found
    page = "national/bank/no_bank.yaml" if "no_bank" in damage.new else f"_example/{damage.page}"
    assert refused.value.where == f"{page}:{line}"


def test_the_sound_pages_load(tmp_path: Path) -> None:
    root, _ = damaged(tmp_path, Damage("none", "policy.yaml", "schema_version: 1", "schema_version: 1", "", ""))
    assert load_pack("_example", on=date(2026, 6, 30), root=root).name == "_example"


def test_every_complaint_says_something_of_its_own() -> None:
    assert len({(one.page, one.new) for one in DAMAGES}) == len(DAMAGES) >= 20
