"""The tutorials from a paper document to a county at work, done word for word: files written, commands run, their amounts met."""

from __future__ import annotations

import csv
import re
import runpy
import shlex
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from mianshen import cli
from mianshen.core.days import ZONE, Month
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.money import parse_fen
from mianshen.core.paths import Home
from mianshen.policy import eligibility_pages, examples, packs
from mianshen.stages.frame import make_job
from mianshen.warehouse.ledger import PAYMENT

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "paper-to-pack.md"
DAY = PAGE.with_name("county-in-a-day.md")
HEKOU = "100996_hekou"
FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(FILE.pattern + r"|^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP_OF_COMMANDS = re.compile(r"^```sh\n.*?^```$", re.MULTILINE | re.DOTALL)
"""What the morning's page runs: the test above runs it."""
runner = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is laid out like the installation, its policies read from there."""
    policies = tmp_path / "include" / "policies"
    shutil.copytree(packs.POLICIES / "national", policies / "national")
    for module in (packs, examples, eligibility_pages):
        monkeypatch.setattr(module, "POLICIES", policies)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def follow(home: Path, text: str) -> list[str]:
    """Write each file and run each command in the order of the page; returns what the commands printed."""
    printed = []
    for path, content, commands in (found.groups() for found in STEP.finditer(text)):
        if path:
            target = home / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, "utf-8")
            continue
        for line in commands.splitlines():
            name, *arguments = shlex.split(line)
            assert name == "mianshen"
            ended = runner.invoke(cli.app, arguments)
            assert ended.exit_code == 0, (line, ended.output, ended.exception)
            printed.append(ended.output)
    return printed


def test_the_page_leads_from_the_document_to_the_amounts(home: Path) -> None:
    text = PAGE.read_text("utf-8")
    printed = follow(home, text)
    assert "100996_hekou 可用" in printed[0]
    assert "不能受理和付款" in printed[0], "the page's pack has no process: it is told so before anybody counts on it"
    assert printed[1].splitlines()[-1] == "13 passed, 0 failed"
    assert "第四条" in printed[2] and "1,500.00" in printed[2]
    assert "0 处漏洞" in printed[3]
    told = re.findall(r"^\| (S\d) \| ([\d.]+) \| (\w+) \|$", text, re.MULTILINE)
    with (home / "hekou" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["event_id"]: (int(row["relief_fen"]), row["reason_code"] or row["outcome"]) for row in rows}
    assert found == {claim: (parse_fen(yuan), word) for claim, yuan, word in told}
    assert len(found) == 4


def test_a_word_of_the_page_that_is_wrong_is_noticed(home: Path) -> None:
    text = PAGE.read_text("utf-8").replace("deductible_yuan: 2000\n", "deductible_yuan: 2,000\n")
    with pytest.raises((AssertionError, MianshenError)):
        follow(home, text)
    text = PAGE.read_text("utf-8").replace("expect: {relief_yuan: 8000}", "expect: {relief_yuan: 8001}", 1)
    with pytest.raises(AssertionError):
        follow(home, text)


def test_a_county_in_a_day_ends_in_a_payment_for_what_nobody_asked_for_and_one_for_who_came_to_the_window(
    home: Path,
) -> None:
    """The sixth county: pages, item, receipt, DAGs and a month, by the two pages alone."""
    (home / "dags").mkdir()
    follow(home, re.sub(STEP_OF_COMMANDS, "", PAGE.read_text("utf-8")))
    printed = follow(home, DAY.read_text("utf-8"))
    assert "认定资格，另有救助金额" in printed[0] and "不能受理和付款" not in printed[0]
    assert printed[1].splitlines()[-1] == "16 passed, 0 failed"
    assert printed[2].count("0 处漏洞") == 2
    place, moment = Home(home / "hekou" / "home"), datetime(2026, 11, 12, 9, tzinfo=ZONE)
    job = make_job(HEKOU, month=Month(2026, 10), as_of=moment, home=place, entropy=bytes)
    with job.ledger.connect() as connection:
        paid = [row.amount_fen for row in connection.execute(select(PAYMENT.c.amount_fen).order_by(PAYMENT.c.amount_fen))]
    assert paid == [600_00, 1_500_00, 3_200_00]
    assert "600.00" in printed[-1] and "已拨付" in printed[-1]
    assert job.pack.form(FormCode.ACCEPTANCE, process="window_100996001").name_zh == "零星报销受理单"
    found = runpy.run_path(str(home / "dags" / f"{HEKOU}.py"))
    assert {f"{HEKOU}__{step}" for step in ("receive", "trigger", "approve", "pay", "supervise")} <= set(found)
