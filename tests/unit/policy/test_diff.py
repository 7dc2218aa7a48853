"""Two policies beside each other: which values differ, and an example person with both sums."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mianshen import cli
from mianshen.policy.diff import affected, differences
from mianshen.policy.packs import POLICIES, load_pack

OLD, NEW = (load_pack("_example", on=date(year, 6, 1)).plan for year in (2024, 2026))
runner = CliRunner()


def test_a_changed_ratio_is_named_with_its_category() -> None:
    ratio = next(one for one in differences(OLD, NEW) if (one.benefit_code, one.what_en) == ("bureau_relief", "brackets"))
    assert (ratio.category_code, ratio.before, ratio.after) == ("POOR", "0.00– 40%", "0.00– 50%")


def test_the_person_most_concerned_stands_with_both_sums() -> None:
    (person,) = (one for one in affected(OLD, NEW) if one.benefit_code == "bureau_relief")
    # where 50 % above 3,000 yuan first reaches 10,000 yuan, 40 % gives 8,000
    assert (person.burden_fen, person.before_fen, person.after_fen) == (2_300_000, 800_000, 1_000_000)


def test_a_policy_does_not_differ_from_itself() -> None:
    assert differences(NEW, NEW) == ()
    assert affected(NEW, NEW) == ()


def test_two_days_are_compared_on_the_terminal() -> None:
    ended = runner.invoke(cli.app, ["policy", "diff", "_example", "2024-06-01", "2026-06-01"])
    assert ended.exit_code == 0, ended.output
    assert "由 8,000.00 元变为 10,000.00 元(多 2,000.00 元)" in ended.output


def test_two_copies_are_compared_and_a_benefit_that_is_gone_is_named(tmp_path: Path) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    page = tmp_path / "policies" / "_example" / "policy.yaml"
    page.write_text(page.read_text("utf-8").replace("cap_yuan: 5000", "cap_yuan: 6000"), encoding="utf-8")
    ended = runner.invoke(
        cli.app, ["policy", "diff", "_example", str(POLICIES), str(tmp_path / "policies"), "--on", "2026-06-01"]
    )
    assert ended.exit_code == 0, ended.output
    assert "5,000.00 clip year" in ended.output and "6,000.00 clip year" in ended.output


@pytest.mark.parametrize(("pack", "on"), [("_example", "2026-06-01"), ("510118_xinjin", "2026-06-01")])
def test_the_proof_is_told_on_the_terminal(pack: str, on: str) -> None:
    ended = runner.invoke(cli.app, ["policy", "prove", pack, "--on", on])
    assert ended.exit_code == 0, ended.output
    assert "0 处漏洞" in ended.output
