"""The commands of the money: a clerk stops, resumes, records a payee, keeps a fund, at the terminal, and sees no name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.stages.money_county import PACK, certno_of, make_county
from tests.stages.test_payees import hospital
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.core.errors import MianshenError

AT = "2026-11-03T09:00:00+08:00"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_county(tmp_path / "home", ["甲", "乙"]).job.ledger.dispose()
    (tmp_path / "paper.pdf").write_bytes(b"paper")
    (tmp_path / "form.json").write_text(hospital("1.00"), encoding="utf-8")
    return tmp_path


def said(home: Path, *words: str) -> str:
    """What a command prints; what it refuses is raised."""
    result = CliRunner().invoke(app, [*words, "--pack", PACK, "--home", str(home / "home")])
    if isinstance(result.exception, MianshenError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def acts(home: Path, actor: str, *words: str) -> str:
    return said(home, *words, "--actor", actor, "--at", AT)


def test_a_county_is_stopped_and_resumed(home: Path) -> None:
    put = acts(home, "li", "stop", "put", "--county", "--reason", "核查")
    stop = re.search(r"S[0-9a-f]{24}", put)
    assert stop is not None
    assert stop[0] in said(home, "stop", "list")
    assert "person_key" in said(home, "stop", "people", stop[0])
    with pytest.raises(MianshenError, match="MAKER_IS_CHECKER"):
        acts(home, "li", "stop", "resume", stop[0], "--reason", "查清")
    assert "已恢复" in acts(home, "zhao", "stop", "resume", stop[0], "--reason", "查清")


def test_a_payee_is_recorded_confirmed_listed_without_a_name_and_ended(home: Path) -> None:
    added = acts(home, "li", "payee", "add", str(home / "form.json"), "--paper", str(home / "paper.pdf"))
    relation = re.search(r"R[0-9a-f]{24}", added)
    assert relation is not None
    acts(home, "zhao", "payee", "confirm", relation[0])
    listed = said(home, "payee", "list")
    assert relation[0] in listed and "zhao" in listed
    assert not {"虚构县医院", "甲", certno_of(0)} & set(re.split(r"\s+", listed + added))
    assert "已终止" in acts(home, "li", "payee", "end", relation[0], "--reason", "作废")


def test_a_fund_receives_after_the_sign_off_and_its_month_is_printed(home: Path) -> None:
    paper = ("--paper", str(home / "paper.pdf"))
    words = ("fund", "ask", "receipt", "--fund", "district_relief", "--yuan", "12.34", "--on", "2026-11-03")
    act = re.search(r"F[0-9a-f]{24}", acts(home, "li", *words, *paper))
    assert act is not None
    acts(home, "caizheng", "fund", "sign", act[0])
    assert "12.34" in said(home, "fund", "list")
    out = home / "statement.xlsx"
    said(home, "fund", "statement", "2026-11", "--out", str(out), "--at", AT)
    assert out.stat().st_size > 0


def test_money_of_nobody_is_suspended_listed_and_cleared(home: Path) -> None:
    paper = ("--paper", str(home / "paper.pdf"))
    entry = re.search(r"U[0-9a-f]{24}", acts(home, "li", "payment", "suspend", "--yuan", "7.77", *paper))
    assert entry is not None
    assert entry[0] in said(home, "payment", "list")
    acts(home, "zhao", "payment", "clear", entry[0], *paper)
    assert entry[0] not in said(home, "payment", "list")
