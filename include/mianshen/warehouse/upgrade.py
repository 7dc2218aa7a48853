"""The ledger's migrations: from an empty database, or an older one, to the tables that this code reads."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from mianshen.core.errors import MianshenError
from mianshen.warehouse.connect import open_database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
"""The folder of revisions."""
VERSION_TABLE = "mianshen_ledger_version"
"""Names the revision that a ledger stands at; its own name, so that a ledger may share a database with Airflow."""


def open_ledger(url: str) -> Engine:
    """The engine of a ledger whose tables are those that this code reads.

    MianshenError LEDGER_OTHER when another version of the product made or migrated them; nothing is migrated in passing.
    """
    engine = open_database(url)
    with engine.connect() as connection:
        stands_at = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if stands_at not in (None, newest):
        engine.dispose()
        raise MianshenError("LEDGER_OTHER", found=f"{stands_at} / {newest}", where="ledger")
    return engine


def ledger_upgrade(url: str) -> None:
    """Bring the ledger at this SQLAlchemy URL to the newest revision, in one transaction; one that stands there is left alone."""
    engine = open_database(url)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """The same for an engine that is open already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
