"""policy and synth from the terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mianshen import cli
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Pack
from mianshen.core.rates import Period
from mianshen.policy import examples, packs

runner = CliRunner()
EXAMPLE = "_example"


def test_check_reads_every_pack() -> None:
    ended = runner.invoke(cli.app, ["policy", "check", "--on", "2026-10-01"])
    assert ended.exit_code == 0, ended.output
    assert "510118_xinjin 可用：对象 12 类" in ended.output


@pytest.mark.parametrize(
    "command", [["policy", "check", "000000_x"], ["policy", "test", "000000_x"], ["policy", "show", "000000_x"]]
)
def test_an_unknown_pack_is_refused_with_the_known_ones(command: list[str]) -> None:
    ended = runner.invoke(cli.app, command)
    assert isinstance(ended.exception, MianshenError)
    assert ended.exception.code == "POLICY_UNKNOWN"
    assert EXAMPLE in str(ended.exception)


def test_show_prints_what_is_in_force_with_its_clause() -> None:
    ended = runner.invoke(cli.app, ["policy", "show", "510118_xinjin", "--on", "2026-10-01"])
    assert ended.exit_code == 0, ended.output
    assert "含示例值" in ended.output
    assert re.search(r"低保对象 .*起付 deductible .* %.*封顶 cap .*\(illustrative\)", ended.output)


def test_show_refuses_a_day_that_does_not_exist() -> None:
    ended = runner.invoke(cli.app, ["policy", "show", EXAMPLE, "--on", "2026-02-30"])
    assert isinstance(ended.exception, MianshenError)
    assert ended.exception.code == "DATE_INVALID"


def test_examples_are_counted_and_a_differing_one_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = runner.invoke(cli.app, ["policy", "test", EXAMPLE])
    assert ended.exit_code == 0, ended.output
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", ended.output.splitlines()[-1])
    monkeypatch.setattr(examples, "judge_example", lambda example, plan: ("应为 expected 1.00, 得到 found 2.00",))
    ended = runner.invoke(cli.app, ["policy", "test", EXAMPLE])
    assert ended.exit_code == 1
    assert re.fullmatch(r"0 passed, [1-9]\d* failed", ended.output.splitlines()[-1])
    assert "应为 expected 1.00" in ended.output


def test_a_pack_without_examples_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "load_examples", lambda pack: ())
    assert runner.invoke(cli.app, ["policy", "test", EXAMPLE]).exit_code == 1


def test_synth_writes_equal_bytes_for_equal_seeds(tmp_path: Path) -> None:
    def make(name: str, seed: int) -> dict[str, bytes]:
        out = tmp_path / name
        arguments = ["--pack", EXAMPLE, "--month", "202602", "--insured", "600", "--seed", str(seed), "--as-of", "2026-03-20"]
        ended = runner.invoke(cli.app, ["synth", *arguments, "--out", str(out)])
        assert ended.exit_code == 0, ended.output + repr(ended.exception)
        assert (tmp_path / f"{name}-answer" / "summary.json").exists()
        return {path.name: path.read_bytes() for path in out.iterdir()}

    first = make("a", 7)
    assert first == make("b", 7)
    assert first != make("c", 8)
    assert [name for name in first if name.endswith(".ctl")]


def test_synth_refuses_a_month_that_has_not_begun(tmp_path: Path) -> None:
    arguments = ["--pack", EXAMPLE, "--month", "2026-10", "--as-of", "2026-09-01", "--out", str(tmp_path / "out")]
    ended = runner.invoke(cli.app, ["synth", *arguments])
    assert ended.exit_code == 2
    assert "no day of 2026-10 was over" in " ".join(ended.output.replace("│", " ").split())


def test_synth_prints_counts_and_no_person(tmp_path: Path) -> None:
    arguments = ["--pack", EXAMPLE, "--month", "2026-01", "--insured", "600", "--as-of", "2026-02-20", "--canaries", "2"]
    ended = runner.invoke(cli.app, ["synth", *arguments, "--out", str(tmp_path / "out")])
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    birds = json.loads((tmp_path / "out-answer" / "canaries.json").read_text("utf-8"))
    written = {str(value) for bird in birds for value in bird.values() if isinstance(value, str) and len(value) > 1}
    assert len(written) >= 2
    assert [value for value in written if value in ended.output] == []


def test_explain_says_in_chinese_how_an_example_comes_to_its_amount() -> None:
    ended = runner.invoke(cli.app, ["policy", "explain", EXAMPLE])
    assert ended.exit_code == 0
    assert "本次救助" in ended.output and "未超过起付线" in ended.output and "tests/mechanism.yaml" in ended.output


def test_explain_of_an_example_that_is_none_is_refused() -> None:
    ended = runner.invoke(cli.app, ["policy", "explain", EXAMPLE, "--example", "没有这一条"])
    assert isinstance(ended.exception, MianshenError) and ended.exception.code == "EXAMPLE_UNKNOWN"


def test_check_refuses_what_a_county_s_computation_cannot_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    real = packs.load_pack

    def with_orders(name: str, **asked: Any) -> Pack:
        pack = real(name, **asked)
        first, *others = pack.plan.benefits
        once = replace(first.rates[0], deductible=replace(first.rates[0].deductible, period=Period.ONCE))
        benefits = (replace(first, rates=(once, *first.rates[1:])), *others)
        return replace(pack, plan=replace(pack.plan, benefits=benefits, arrangements=(("a",), ("b",))))

    monkeypatch.setattr(packs, "load_pack", with_orders)
    ended = runner.invoke(cli.app, ["policy", "check", EXAMPLE])
    assert isinstance(ended.exception, MianshenError) and ended.exception.code == "POLICY_NOT_CARRIED"
    assert "跨年只用一次的起付线或封顶与次序择优并用" in ended.exception.message()
