"""The ledger's migrations end where its declared tables stand, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, Integer, MetaData, inspect, text
from tests.postgres import new_database

from mianshen.core.errors import MianshenError
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import DECISION, METADATA
from mianshen.warehouse.upgrade import MIGRATIONS, VERSION_TABLE, ledger_upgrade, newest_revision, open_ledger

_COUNTER = itertools.count()


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


def to_revision(engine: Engine, revision: str, move: Callable[[Config, str], None] = command.upgrade) -> None:
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        move(config, revision)


BEFORE = {
    "application": [
        {"application_id": f"A{number}", "receipt_no": f"R{number}", "month": "2026-10", "person_key": f"p{number}"}
        for number in (1, 2, 3)
    ],
    "approval_batch": [{"approval_batch_id": "B1", "maker": "m"}],
    "approval_item": [
        {"approval_item_id": "I1", "approval_batch_id": "B1", "application_id": "A1", "item_no": 1, "department_code": "one"},
        {"approval_item_id": "I2", "approval_batch_id": "B1", "application_id": "A1", "item_no": 2, "department_code": "two"},
        {"approval_item_id": "I3", "approval_batch_id": "B1", "application_id": "A2", "item_no": 3, "department_code": "one"},
        {"approval_item_id": "I4", "approval_batch_id": "B1", "application_id": "A3", "item_no": 4, "department_code": "one"},
    ],
    "decision": [
        {"decision_id": "E1", "approval_item_id": "I1", "outcome": "agree", "reason_code": "LIST_MATCH", "decided_by": "rule",
         "decided_at": "2026-11-03T09:00:00+08:00", "how": "rule"},
        {"decision_id": "E2", "approval_item_id": "I2", "outcome": "refuse", "reason_code": "DUPLICATE_RELIEF", "decided_by": "x",
         "decided_at": "2026-11-04T09:00:00+08:00", "how": "person"},
        {"decision_id": "E4", "approval_item_id": "I4", "outcome": "refuse", "reason_code": "DUPLICATE_RELIEF", "decided_by": "x",
         "decided_at": "2026-11-04T09:00:00+08:00", "how": "bulk"},
    ],
}  # fmt: skip
"""A ledger of before, whose decisions were rows of their own."""


def test_decisions_of_before_are_the_events_of_their_applications_cases(databases: tuple[str, str]) -> None:
    engine = open_database(databases[0])
    to_revision(engine, "0011")
    seen = MetaData()
    seen.reflect(engine)
    with engine.begin() as connection:
        for name, rows in BEFORE.items():
            table = seen.tables[name]
            filler = {one.name: 1 if isinstance(one.type, Integer) else "x" for one in table.columns}
            kind = {"route": "rule"} if name == "approval_item" else {}
            connection.execute(table.insert(), [{**filler, **kind, **row} for row in rows])
    ledger_upgrade(databases[0])
    with engine.connect() as connection:
        found = connection.execute(DECISION.select().order_by(DECISION.c.approval_item_id)).mappings().all()
        assert [dict(row) for row in found] == [
            {name: value for name, value in row.items() if name != "decision_id"} for row in BEFORE["decision"]
        ]
        query = text("select case_id, event_no, happening, outcome_code from case_event order by case_id, event_no")
        events = [tuple(row) for row in connection.execute(query)]
    assert events == [
        ("A1", 1, "opened", ""), ("A1", 2, "step_opened", ""), ("A1", 3, "step_opened", ""), ("A1", 4, "decided", "agree"),
        ("A1", 5, "decided", "refuse"), ("A1", 6, "ended", "decided"),
        ("A2", 1, "opened", ""), ("A2", 2, "step_opened", ""),
        ("A3", 1, "opened", ""), ("A3", 2, "step_opened", ""), ("A3", 3, "decided", "refuse"), ("A3", 4, "ended", "refused"),
    ]  # fmt: skip
    to_revision(engine, "0011", command.downgrade)
    ledger_upgrade(databases[0])
    with engine.connect() as connection:
        again = connection.execute(DECISION.select().order_by(DECISION.c.approval_item_id)).mappings().all()
    assert again == found
    engine.dispose()
