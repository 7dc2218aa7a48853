"""The tools that close a change: shards cover everything once, a proof that lost cases is refused, the summary counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import SHARDS, Shard, shard_from
from tools import check, prove


def test_shards_cover_every_case_once() -> None:
    cases = list(range(101))
    taken = [case for number in range(8) for case in Shard(number, 8, "t").take(cases)]
    assert sorted(taken) == cases


def test_a_shard_is_read_from_text_or_from_the_commit() -> None:
    assert shard_from("3/8", commit="") == (2, 8)
    assert shard_from(None, commit="0000000b" + "0" * 32) == (11 % SHARDS, SHARDS)
    assert shard_from(None, commit="") == (0, SHARDS)
    with pytest.raises(ValueError, match="MIANSHEN_SHARD"):
        shard_from("9/8", commit="")


def test_a_shard_notes_what_it_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "proof.log"
    monkeypatch.setenv("MIANSHEN_PROOF_LOG", str(log))
    Shard(1, 4, "tests/x.py::test_kill").take(list("abcdefghij"))
    assert prove._counted(log) == (("tests/x.py::test_kill", 10, 3),)


def proved(number: int, cases: int, taken: int) -> prove.Proved:
    return prove.Proved(number, 0, "1 passed", 1.0, (("tests/x.py::test_kill", cases, taken),))


def test_the_page_names_commit_and_cases() -> None:
    text = prove.page("c0ffee", [proved(1, 10, 5), proved(2, 10, 5)])
    assert "Commit `c0ffee`" in text
    assert "| `tests/x.py::test_kill` | 10 |" in text


@pytest.mark.parametrize("second", [(10, 4), (11, 5)])
def test_a_proof_that_lost_cases_is_refused(second: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must be the same in every shard"):
        prove.page("c0ffee", [proved(1, 10, 5), proved(2, *second)])


def test_the_summary_counts_tests_and_says_what_did_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIANSHEN_REALDATA", raising=False)
    monkeypatch.setattr(check, "counts", lambda name: {"passed": 3, "failed": 1, "skipped": 2})
    steps = {step.name: step for step in check.steps()}
    outcomes = [check.Outcome(steps["style"], "ok", 1.0), check.Outcome(steps["tests"], "FAILED", 9.0, "3 passed")]
    text = check.summary([*outcomes, check.realdata_outcome()], 9.6)
    assert text.splitlines()[-2] == "10 s in all", "steps run side by side: their seconds do not add up"
    assert text.splitlines()[-1] == "3 passed, 1 failed, 2 skipped"
    assert "NOT RUN   realdata" in text
    assert "MIANSHEN_REALDATA is not set" in text


def test_test_counts_come_from_pytests_own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "RESULTS", tmp_path)
    assert check.counts("tests") == {}
    (tmp_path / "tests.xml").write_text(
        '<testsuites><testsuite tests="10" failures="1" errors="1" skipped="2"/></testsuites>', encoding="utf-8"
    )
    assert check.counts("tests") == {"passed": 6, "failed": 2, "skipped": 2}


def test_an_unknown_step_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["stile"]) == 2
    assert "Choose among: style" in capsys.readouterr().out


def test_every_step_runs_and_shows_its_output_whatever_became_of_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "BIN", Path("/bin"))
    monkeypatch.setattr(check, "counts", lambda _name: {"passed": 1})
    bad, good = (
        check.Step("style", "bad", ("sh", "-c", "echo wrong; exit 3")),
        check.Step("yaml", "good", ("sh", "-c", "echo right")),
    )
    tests = check.Step("tests", "all", ("sh", "-c", "exit 0"))
    outcomes = check.run([tests, bad, good])
    assert [(one.step.name, one.word, one.note) for one in outcomes] == [
        ("style", "FAILED", ""),
        ("yaml", "ok", ""),
        ("tests", "ok", "1 passed"),
    ]
    said = capsys.readouterr().out
    assert "=== style: bad ===\nwrong\n" in said and "=== yaml: good ===\nright\n" in said
