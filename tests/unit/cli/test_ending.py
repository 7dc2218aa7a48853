"""A command's process ends at once: nothing that was printed or registered for the end is lost, no database stays open."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ENDED = """
import atexit, sys, threading, time
from pathlib import Path
from mianshen.cli.ending import ending_at_once
folder = Path(sys.argv[1])
class Last:
    def __del__(self):
        (folder / "looked-through").write_text("")
def command():
    global kept
    kept = [Last()]
    kept.append(kept)
    atexit.register(lambda: (folder / "registered").write_text(""))
    {body}
ending_at_once(command)
"""
OUTPUT_LOST = 120
"""Python's exit code where what was printed found no taker."""
WRITES = """
    from mianshen.warehouse.connect import open_database
    engine = open_database(f"sqlite:///{folder / 'book.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table page (line integer)")
        connection.exec_driver_sql("insert into page values (7)")
"""


def ended(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    code = ENDED.format(body=body)
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("last", "code"), [("pass", 0), ("sys.exit()", 0), ("sys.exit(2)", 2), ("sys.exit('no')", 1), ("raise ValueError", 1)]
)
def test_the_exit_code_is_the_commands_and_what_was_printed_arrives(tmp_path: Path, last: str, code: int) -> None:
    found = ended(tmp_path, f"print('说' * 100_000); {last}")
    assert found.returncode == code
    assert found.stdout == "说" * 100_000 + "\n"
    assert (tmp_path / "registered").exists()
    assert "leaked" not in found.stderr


def test_nothing_is_looked_through_once_more_unless_a_thread_still_works(tmp_path: Path) -> None:
    ended(tmp_path, "pass")
    assert not (tmp_path / "looked-through").exists()
    work = "threading.Thread(target=lambda: (time.sleep(0.2), (folder / 'worked').write_text(''))).start()"
    found = ended(tmp_path, work)
    assert found.returncode == 0
    assert (tmp_path / "worked").exists()
    assert (tmp_path / "looked-through").exists()


def test_a_thread_that_nobody_waits_for_holds_nothing_up(tmp_path: Path) -> None:
    work = "threading.Thread(target=lambda: time.sleep(60), daemon=True).start()"
    assert ended(tmp_path, work).returncode == 0
    assert not (tmp_path / "looked-through").exists()


def test_a_database_that_nobody_closed_is_one_file_afterwards(tmp_path: Path) -> None:
    found = ended(tmp_path, WRITES)
    assert (found.returncode, found.stderr) == (0, "")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["book.db", "registered"]
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "book.db").read_bytes())
    with sqlite3.connect(copy) as connection:
        assert connection.execute("select line from page").fetchone() == (7,)


def test_where_the_reader_has_gone_python_says_so_and_no_database_stays_open(tmp_path: Path) -> None:
    code = ENDED.format(body=f"{WRITES}\n    print('x'); sys.exit(2)")
    line, pipe = [sys.executable, "-c", code, str(tmp_path)], subprocess.PIPE
    with subprocess.Popen(line, stdout=pipe, stderr=pipe, env=os.environ | {"PYTHONUNBUFFERED": ""}) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait()
    assert process.returncode == OUTPUT_LOST
    assert sorted(one.name for one in tmp_path.iterdir()) == ["book.db", "looked-through", "registered"]
