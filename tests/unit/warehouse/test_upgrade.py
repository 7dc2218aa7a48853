"""The ledger's migrations end where its declared tables stand, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, inspect, text
from tests.postgres import new_database, server

from mianshen.core.errors import MianshenError
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import METADATA
from mianshen.warehouse.upgrade import MIGRATIONS, VERSION_TABLE, ledger_upgrade, newest_revision, open_ledger

_COUNTER = itertools.count()


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of one kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'one.db'}", f"sqlite:///{tmp_path / 'two.db'}"
    url = request.getfixturevalue("postgres")
    number = next(_COUNTER)
    return new_database(url, f"upgraded_{number}"), new_database(url, f"declared_{number}")


def shape(engine: Engine) -> dict[str, Any]:
    """Everything that the database enforces, by table."""
    seen = inspect(engine)
    return {name: _table(seen, name) for name in seen.get_table_names() if name != VERSION_TABLE}


def _table(seen: Inspector, name: str) -> dict[str, Any]:
    columns = {one["name"]: (str(one["type"]), one["nullable"]) for one in seen.get_columns(name)}
    foreign = {(tuple(one["constrained_columns"]), one["referred_table"]) for one in seen.get_foreign_keys(name)}
    checks = {(one["name"], re.sub(r"[\s()]+|::text", "", str(one["sqltext"]))) for one in seen.get_check_constraints(name)}
    unique = {(tuple(one["column_names"])) for one in seen.get_unique_constraints(name)}
    indexes = {(one["name"], tuple(one["column_names"]), bool(one["unique"])) for one in seen.get_indexes(name)}
    key = tuple(seen.get_pk_constraint(name)["constrained_columns"])
    return {"columns": columns, "key": key, "foreign": foreign, "checks": checks, "unique": unique, "indexes": indexes}


def partial_indexes(engine: Engine) -> set[str]:
    query = (
        "select name from sqlite_master where type = 'index' and sql like '%where is_live%' collate nocase"
        if engine.dialect.name == "sqlite"
        else "select indexname from pg_indexes where indexdef ilike '%where is_live%'"
    )
    with engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def test_the_migrations_end_at_the_declared_tables(databases: tuple[str, str]) -> None:
    upgraded, declared = (open_database(url) for url in databases)
    ledger_upgrade(databases[0])
    METADATA.create_all(declared)
    assert shape(upgraded) == shape(declared)
    assert partial_indexes(upgraded) == partial_indexes(declared) == {"one_live_line"}
    with upgraded.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
    upgraded.dispose()
    declared.dispose()


def test_an_upgraded_ledger_is_left_alone(databases: tuple[str, str]) -> None:
    ledger_upgrade(databases[0])
    engine = open_database(databases[0])
    words = ("case_id", "county_code", "process_code", "subject_id", "opened_at")
    with engine.begin() as connection:
        connection.execute(METADATA.tables["case"].insert().values(dict.fromkeys(words, "x") | {"benefit_year": 2027}))
    ledger_upgrade(databases[0])
    with engine.connect() as connection:
        assert len(connection.execute(METADATA.tables["case"].select()).all()) == 1
    engine.dispose()


def test_the_newest_revision_is_the_head_of_the_chain() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest_revision()]


def test_a_ledger_of_another_version_is_refused_by_name_and_init_cures_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger_upgrade(url)
    open_ledger(url).dispose()
    engine = open_database(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    engine.dispose()
    with pytest.raises(MianshenError, match="LEDGER_OTHER"):
        open_ledger(url)
    ledger_upgrade(url)
    open_ledger(url).dispose()
