"""Connections: an in-memory DuckDB for one task, an engine for the ledger."""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any
from weakref import WeakSet

import duckdb
import pyarrow as pa
from sqlalchemy import Engine, create_engine, event

_CACHE_KB = 64 << 10
"""Of a SQLite database's pages in memory: people come in no order, and each touches pages of every index."""
_PRAGMAS = ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=30000", f"cache_size=-{_CACHE_KB}")
_OPENED: WeakSet[Engine] = WeakSet()
LEDGER, MART, VAULT = "ledger", "mart", "vault"
"""PostgreSQL schemas in which a database's tables stand once `mianshen access apply` was run; before that, in public."""


def compute(*, spill: Path | None = None, memory: str = "2GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB of the task's own: no shared file, no extension, no local time zone, nothing printed."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"set memory_limit='{memory}'")
    connection.execute(f"set threads={threads}")
    connection.execute("set timezone='Asia/Shanghai'")
    connection.execute("set enable_progress_bar=false")
    connection.execute("set autoinstall_known_extensions=false")
    connection.execute("set autoload_known_extensions=false")
    if spill is not None:
        connection.execute("set temp_directory=$folder", {"folder": str(spill)})
    return connection


def show_arrow(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Make Arrow rows readable as schema.table for this task; nothing is copied."""
    schema, name = table.split(".")
    connection.execute(f"create schema if not exists {schema}")
    connection.register(f"arrow_{name}", rows)
    connection.execute(f"create or replace view {table} as select * from arrow_{name}")  # noqa: S608 - our own names


def open_database(url: str, *, schema: str | None = None) -> Engine:
    """The engine of a ledger, mart or vault. SQLite runs in WAL, enforces foreign keys and begins every write at once.

    On PostgreSQL names are looked for in the schema first, where there is one, then in public.
    """
    engine = create_engine(url)
    _OPENED.add(engine)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine)
    elif schema is not None:
        _look_in(engine, schema)
    return engine


def _look_in(engine: Engine, schema: str) -> None:
    @event.listens_for(engine, "connect", insert=True)
    def _on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"set search_path to {schema}, public")
        cursor.close()
        connection.commit()


@atexit.register
def _close() -> None:
    """When the process ends every database is closed: a SQLite file then stands alone, what its log held is in it."""
    for engine in list(_OPENED):
        engine.dispose()


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("begin immediate")
