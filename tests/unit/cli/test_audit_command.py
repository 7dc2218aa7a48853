"""`mianshen audit` finds a forged row in the ledger and in an exported file, and a cut tail against a printed head."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from tests.conftest import ROOT
from tests.ledgers import disarm, new_ledger
from typer.testing import CliRunner

from mianshen.cli import app
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry, Head
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import AUDIT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose ledger has five audit rows."""
    (tmp_path / "settings.json").write_text("{}", encoding="utf-8")
    new_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
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


def backup_of(home: Path, folder: Path) -> Path:
    """A copy of the ledger as a backup makes it, and of its seals."""
    folder.mkdir()
    with sqlite3.connect(home / "ledger.db") as original, sqlite3.connect(folder / "ledger.db") as copy:
        original.backup(copy)
    shutil.copytree(home / "evidence", folder / "evidence")
    return folder


def test_a_backup_is_checked_against_its_seal_without_the_installation(home: Path, tmp_path: Path) -> None:
    (home / "outbox").mkdir()
    (home / "outbox" / "pay.csv").write_bytes(b"1,2\r\n")
    assert say("verify", "--home", str(home))[1].count("还没有封存过") == 1
    assert say("seal", "--actor", "supervisor", "--home", str(home))[0] == 0
    assert "与第 6 条的封存相符" in say("verify", "--home", str(home))[1]
    place = backup_of(home, tmp_path / "backup")
    asked = ("verify", "--ledger", str(place / "ledger.db"), "--evidence", str(place / "evidence"))
    before = (place / "ledger.db").read_bytes()
    assert say(*asked)[0] == 0
    assert (place / "ledger.db").read_bytes() == before, "a backup is read, never written"
    received(place / "ledger.db")
    code, text = say(*asked)
    assert code == 0 and "封存后 delivery 有 1 行新增或更新" in text, "what is received stands in no chain"
    values = ("K1", "510118", "fund", "f", "reason", "zhao", "2026-11-04T09:00:00+08:00", 0, 0)
    with sqlite3.connect(place / "ledger.db") as connection:
        connection.execute(f"insert into payment_stop values ({', '.join('?' * len(values))})", values)
    connection.close()
    code, text = say(*asked)
    assert code == 1 and "payment_stop 的 K1 是后加的" in text and "K1 of payment_stop was put in" in text


def received(ledger: Path) -> None:
    """A delivery comes."""
    values = ("D1", "510118", "roster", "l", "d", "2026-10", 1, "0" * 64, "f", 1, "t", "RECEIVED", 0, 0, 0, 0)
    with sqlite3.connect(ledger) as connection:
        connection.execute(
            "insert into delivery (delivery_id, county_code, feed, list_code, department_code, partition, version,"
            " content_sha256, file_name, size_bytes, received_at, state, rows_in, rows_accepted, rows_quarantined, rows_ignored)"
            f" values ({', '.join('?' * len(values))})",
            values,
        )
    connection.close()


def test_a_delivery_that_is_gone_since_the_seal_is_named(home: Path) -> None:
    received(home / "ledger.db")
    say("seal", "--actor", "supervisor", "--home", str(home))
    with sqlite3.connect(home / "ledger.db") as connection:
        connection.execute("delete from delivery")
    connection.close()
    code, text = say("verify", "--home", str(home))
    assert code == 1 and "delivery 的 D1 被删去" in text


def test_a_file_that_left_and_is_changed_or_gone_is_named(home: Path) -> None:
    (home / "outbox" / "p").mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (home / "outbox" / "p" / name).write_bytes(b"1,2\r\n")
    say("seal", "--actor", "supervisor", "--home", str(home))
    (home / "outbox" / "p" / "a.csv").write_bytes(b"1,3\r\n")
    (home / "outbox" / "p" / "b.csv").unlink()
    code, text = say("verify", "--home", str(home))
    assert code == 1 and "p/a.csv 被改动" in text and "p/b.csv 被删去" in text


def test_what_happens_after_a_seal_is_no_tampering(home: Path) -> None:
    say("seal", "--actor", "supervisor", "--home", str(home))
    (home / "outbox").mkdir()
    (home / "outbox" / "new.csv").write_bytes(b"1")
    with open_database(f"sqlite:///{home / 'ledger.db'}").begin() as connection:
        audit.append(connection, [Entry("decision.rule", "B9", {})], at="2026-11-04T09:00:00+08:00", actor="system")
    code, text = say("verify", "--home", str(home))
    assert code == 0 and "此后又有 1 条记录" in text


def test_the_recipe_for_a_digest_by_hand_gives_the_chains_own(home: Path) -> None:
    with open_database(f"sqlite:///{home / 'ledger.db'}").connect() as connection:
        (row, *_) = audit.rows_of(connection)
    plain = json.dumps({name: value for name, value in row.items() if name != "digest"}, ensure_ascii=False, sort_keys=True)
    made = audit.sm3_hex(json.dumps(json.loads(plain), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    assert made == row["digest"]
    page = (ROOT / "docs" / "howto" / "check-a-batch-by-hand.md").read_text("utf-8")
    assert all(name in page for name in row if name != "digest")
