"""The ledger's migrations: from an empty database, or an older one, to the tables that this code reads.

Alembic is imported where something may have to be migrated: its import costs more than what a small stage does.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, column, inspect, select, table

from mianshen.core.errors import MianshenError
from mianshen.warehouse.connect import LEDGER, open_database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
"""The folder of revisions."""
VERSION_TABLE = "mianshen_ledger_version"
"""Names the revision that a ledger stands at; its own name, so that a ledger may share a database with Airflow."""


def open_ledger(url: str) -> Engine:
    """The engine of a ledger whose tables are those that this code reads.

    MianshenError LEDGER_OTHER when another version of the product made or migrated them; nothing is migrated in passing.
    """
    engine = open_database(url, schema=LEDGER)
    stands_at, newest = _revision_of(engine), newest_revision()
    if stands_at not in (None, newest):
        engine.dispose()
        raise MianshenError("LEDGER_OTHER", found=f"{stands_at} / {newest}", where="ledger")
    return engine


def newest_revision() -> str:
    """The revision that this code reads: the last of a chain without branches, whose files bear their revision's number."""
    return max(path.stem.split("_")[0].removeprefix("r") for path in (MIGRATIONS / "versions").glob("r*_*.py"))


def _revision_of(engine: Engine) -> str | None:
    """Where the ledger stands; None when nothing was ever made in it."""
    if not inspect(engine).has_table(VERSION_TABLE):
        return None
    with engine.connect() as connection:
        found = connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar_one_or_none()
    return None if found is None else str(found)


def ledger_upgrade(url: str) -> None:
    """Bring the ledger at this SQLAlchemy URL to the newest revision, in one transaction; one that stands there is left alone."""
    engine = open_database(url, schema=LEDGER)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """The same for an engine that is open already."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
