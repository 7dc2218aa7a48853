"""init, doctor and clock from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mianshen import cli
from mianshen.core.errors import MianshenError

runner = CliRunner()


def test_init_makes_rooms_keys_and_settings(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ended = runner.invoke(cli.app, ["init", "--home", str(home), "--pack", "510118_xinjin", "--go-live", "2026-10-01"])
    assert ended.exit_code == 0, ended.output
    assert (home / "inbox" / "510118_xinjin").stat().st_mode & 0o777 == 0o700
    assert (home / "vault" / "keyring.json").stat().st_mode & 0o777 == 0o600
    assert (home / "settings.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((home / "settings.json").read_text("utf-8")) == {
        "counties": {"510118_xinjin": {"go_live_on": "2026-10-01"}},
        "ledger_url": None,
        "supervision_url": None,
        "vault_url": None,
    }


def test_init_again_changes_neither_keys_nor_go_live_day(tmp_path: Path) -> None:
    arguments = ["init", "--home", str(tmp_path), "--pack", "510118_xinjin", "--go-live"]
    assert runner.invoke(cli.app, [*arguments, "2026-10-01"]).exit_code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert runner.invoke(cli.app, [*arguments, "2027-01-01"]).exit_code == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


def test_init_refuses_an_unknown_county_before_it_makes_anything(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ended = runner.invoke(cli.app, ["init", "--home", str(home), "--pack", "999999_nowhere"])
    assert isinstance(ended.exception, MianshenError)
    assert ended.exception.code == "POLICY_UNKNOWN"
    assert not home.exists()


def test_init_refuses_keys_that_others_can_read(tmp_path: Path) -> None:
    assert runner.invoke(cli.app, ["init", "--home", str(tmp_path)]).exit_code == 0
    (tmp_path / "vault" / "keyring.json").chmod(0o644)
    ended = runner.invoke(cli.app, ["init", "--home", str(tmp_path)])
    assert isinstance(ended.exception, MianshenError)
    assert ended.exception.code == "KEYS_UNSAFE"


def test_doctor_says_what_is_missing_in_two_languages(tmp_path: Path) -> None:
    ended = runner.invoke(cli.app, ["doctor", "--home", str(tmp_path / "nowhere"), "--json"])
    assert ended.exit_code == 0, ended.output
    findings = {one["topic_en"]: one for one in json.loads(ended.output)}
    assert findings["Python"]["verdict"] == "good"
    assert findings["packages"]["verdict"] == "good"
    assert findings["home"]["verdict"] == "wanting"
    assert "mianshen init" in findings["keyring"]["remedy"]


def test_doctor_fails_when_keys_are_open_to_others(tmp_path: Path) -> None:
    assert runner.invoke(cli.app, ["init", "--home", str(tmp_path)]).exit_code == 0
    assert runner.invoke(cli.app, ["doctor", "--home", str(tmp_path)]).exit_code == 0
    (tmp_path / "vault" / "keyring.json").chmod(0o640)
    ended = runner.invoke(cli.app, ["doctor", "--home", str(tmp_path)])
    assert ended.exit_code == 1
    assert "缺失 FAILED" in ended.output
    assert "chmod 0600" in ended.output


def test_doctor_reads_the_sources_against_the_pack(tmp_path: Path) -> None:
    assert runner.invoke(cli.app, ["init", "--home", str(tmp_path), "--pack", "510118_xinjin"]).exit_code == 0
    source = {"code": "minzheng", "kind": "sftp", "conn_id": "minzheng_sftp", "path": "out", "list_code": "minzheng_ertong"}
    for change, verdict, words in (
        ({}, "good", "1"),
        ({"list_code": "nobodys"}, "failed", "list_code nobodys"),
        ({"conn": "x"}, "failed", "conn"),
    ):
        settings = {"counties": {"510118_xinjin": {"sources": [source | change]}}}
        (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        ended = runner.invoke(cli.app, ["doctor", "--home", str(tmp_path), "--json"])
        found = {one["topic_en"]: one for one in json.loads(ended.output)}["sources"]
        assert (found["verdict"], words in found["found"]) == (verdict, True), found
        assert ended.exit_code == (0 if verdict == "good" else 1)
    assert "来源设置不正确" in found["remedy"]
    (tmp_path / "settings.json").write_text("{", encoding="utf-8")
    assert runner.invoke(cli.app, ["doctor", "--home", str(tmp_path)]).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "first_line"),
    [
        (["--start", "2026-09-30", "--workdays", "1"], "2026-10-08"),
        (["--start", "2026-11-14", "--workdays", "1"], "2026-11-16"),  # day 0 is a Saturday
        (["--start", "2026-12-03", "--workdays", "20"], "2026-12-31"),
        (["--start", "2026-12-04", "--workdays", "20"], "2027-01-01 provisional"),
        (["--start", "2026-09-30", "--days", "3"], "2026-10-08"),  # the third day is a holiday
        (["--start", "2026-11-02", "--days", "3"], "2026-11-05"),
        (["--start", "2026-09-30", "--workdays", "1", "--county", "510118"], "2026-10-08"),
        (["--start", "2026-09-30", "--workdays", "1", "--county", "510132"], "2026-10-08"),  # the county's old code
    ],
)
def test_clock_due_prints_the_due_day_first(arguments: list[str], first_line: str) -> None:
    ended = runner.invoke(cli.app, ["clock", "due", *arguments])
    assert ended.exit_code == 0, ended.output + repr(ended.exception)
    assert ended.output.splitlines()[0] == first_line


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--start", "2026-13-01", "--workdays", "1"], "DATE_INVALID"),
        (["--start", "2021-12-01", "--workdays", "1"], "CALENDAR_MISSING"),
        (["--start", "2026-09-30", "--workdays", "1", "--county", "999999"], "POLICY_UNKNOWN"),
    ],
)
def test_clock_due_refuses_with_a_reason(arguments: list[str], code: str) -> None:
    ended = runner.invoke(cli.app, ["clock", "due", *arguments])
    assert isinstance(ended.exception, MianshenError)
    assert ended.exception.code == code


def test_main_prints_the_refusal_and_ends_with_two(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["mianshen", "clock", "due", "--start", "soon", "--workdays", "3"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.REFUSED
    shown = capsys.readouterr().err
    assert "[DATE_INVALID] 日期" in shown
    assert "--start" in shown
