"""What somebody with the database's own password may do to a ledger by hand: first take its guards away."""

from __future__ import annotations

import sqlite3


def disarm(path: str) -> None:
    """Drop every trigger of an SQLite ledger, so that its append-only rows can be forged."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        connection.execute(f"drop trigger {name}")
    connection.commit()
    connection.close()
