"""`mianshen audit` finds a forged row in the ledger and in an exported file, and a cut tail against a printed head."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from tests.ledgers import disarm
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry, Head
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT
from mianshen.warehouse.upgrade import ledger_upgrade


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose ledger has five audit rows."""
    (tmp_path / "settings.json").write_text("{}", encoding="utf-8")
    ledger_upgrade(f"sqlite:///{tmp_path / 'ledger.db'}")
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.begin() as connection:
        entries = [Entry("decision.rule", f"B{number}", {"items": number}) for number in range(5)]
        audit.append(connection, entries, at="2026-11-03T09:00:00+08:00", actor="system")
    engine.dispose()
    return tmp_path


def head_of(home: Path) -> Head:
    with open_database(f"sqlite:///{home / 'ledger.db'}").connect() as connection:
        return audit.head(connection)


def say(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["audit", *arguments])
    return ended.exit_code, ended.output


def test_an_untouched_chain_holds(home: Path) -> None:
    end = head_of(home)
    code, text = say("verify", "--home", str(home), "--head", end.digest, "--count", "5")
    assert code == 0 and "5" in text


def test_a_forged_row_is_named(home: Path) -> None:
    disarm(str(home / "ledger.db"))
    with open_database(f"sqlite:///{home / 'ledger.db'}").begin() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.audit_no == 3).values(actor="somebody"))
    code, text = say("verify", "--home", str(home))
    assert code == 1 and "第 3 条" in text and "row 3" in text


def test_a_cut_tail_is_seen_only_against_the_printed_head(home: Path) -> None:
    end = head_of(home)
    disarm(str(home / "ledger.db"))
    with open_database(f"sqlite:///{home / 'ledger.db'}").begin() as connection:
        connection.execute(delete(AUDIT).where(AUDIT.c.audit_no == 5))
    assert say("verify", "--home", str(home))[0] == 0
    code, text = say("verify", "--home", str(home), "--head", end.digest, "--count", "5")
    assert code == 1 and "row 5" in text


def test_an_exported_chain_is_checked_without_a_database(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "chain.jsonl"
    assert say("export", str(file), "--home", str(home))[0] == 0
    assert say("verify", "--file", str(file))[0] == 0
    lines = file.read_text("utf-8").splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "subject": "B9"})
    file.write_text("\n".join(lines), encoding="utf-8")
    code, text = say("verify", "--file", str(file))
    assert code == 1 and "row 2" in text
