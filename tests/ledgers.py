"""Ledgers for tests: a new one, and what somebody with the database's own password may do to one by hand."""

from __future__ import annotations

import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from mianshen.warehouse.upgrade import ledger_upgrade


def new_ledger(url: str) -> None:
    """An empty ledger at this URL; a file that is not there yet becomes a copy of one that was migrated."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or Path(place.database or "").exists():
        ledger_upgrade(url)
        return
    Path(place.database or "").write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    """An empty ledger's file, as the migrations leave it: they run once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "ledger.db"
        ledger_upgrade(f"sqlite:///{made}")
        assert [one.name for one in Path(folder).iterdir()] == ["ledger.db"], "everything is in the file itself"
        return made.read_bytes()


def disarm(path: str) -> None:
    """Drop every trigger of an SQLite ledger, so that its append-only rows can be forged."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        connection.execute(f"drop trigger {name}")
    connection.commit()
    connection.close()
