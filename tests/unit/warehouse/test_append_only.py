"""The database itself refuses to change or remove what is recorded, on SQLite and on PostgreSQL, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Engine, Integer, Table, inspect, text
from sqlalchemy.exc import DBAPIError
from tests.ledgers import disarm, new_ledger
from tests.postgres import new_database

from mianshen.vault.tables import LOOKUP_LOG
from mianshen.vault.tables import METADATA as VAULT
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import APPEND_ONLY, CLOCK_STANDING, METADATA, PAYMENT_LINE

SAID: dict[str, dict[str, Any]] = {
    "delivery": {"state": "ACCEPTED"},
    "delivery_act": {"act": "withdrawn"},
    "claim_decision": {"outcome": "release"},
    "approval_item": {"route": "rule"},
    "award_posting": {"kind": "award", "reverses_award_id": None},
    "payment_batch": {"state": "drafted", "checker": None},
    "payment": {"state": "drafted"},
    "bank_result": {"outcome": "PAID", "state": "LOAD", "reason_code": "PAID"},
    "payment_line": {"relation_id": None},
    "payee_relation": {"kind": "hospital", "share_ppm": None, "payee_key": "y"},
    "payee_confirm": {"confirmed_by": "y"},
    "clinic_confirm": {"confirmed_by": "y"},
    "watched_account": {"kind": "officer"},
    "watched_account_end": {"ended_by": "y"},
    "fund_act": {"kind": "returned", "other_fund": None, "clinic_code": None},
    "fund_check": {"outcome": "agreed", "checked_by": "y"},
    "payment_stop": {"scope": "county"},
    "payment_resume": {"resumed_by": "y"},
    "payment_by_hand": {"outcome": "paid"},
    "payment_recall_answer": {"outcome": "recalled", "answered_by": "y"},
    "suspense": {"paper_sha256": None},
    "suspense_clearing": {"outcome": "payment", "cleared_by": "y"},
    "recovery": {"way": "small", "case_id": None},
    "recovery_entry": {"entry": "received", "award_id": None},
    "clock_event": {"event": "opened"},
    "clock_exemption": {"act": "applied"},
    "case_event": {"happening": "opened", "how": None},
    "case_rating": {"channel": "12345", "rating": "good"},
    "lead_act": {"act": "asked"},
    "visit": {"way": "home", "spoke_with": "self"},
    "exceptional_award": {"decided_by": "y"},
    "window_query": {"act": "searched", "sought": "name"},
    "telling": {"act": "told", "way": "sms"},
    "exclusion": {"decided_by": "y", "until": None},
    "exclusion_end": {"decided_by": "y"},
    "matched": {"verdict": "fit"},
}
"""Where a check of the table wants a certain word."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A ledger with one row in every table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres"), "append_only")
    new_ledger(url)
    engine = open_database(url)
    with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            if table is not CLOCK_STANDING:  # the database writes it by itself
                connection.execute(table.insert().values(**row_of(table)))
    yield engine
    engine.dispose()


def row_of(table: Table) -> dict[str, Any]:
    found = {
        one.name: False if isinstance(one.type, Boolean) else 1 if isinstance(one.type, Integer) else "x" for one in table.columns
    }
    return found | SAID.get(table.name, {})


def changed(engine: Engine, table: Table, statement: str) -> int:
    key = next(iter(table.primary_key.columns)).name
    with engine.begin() as connection:
        return connection.execute(text(statement.format(table=f'"{table.name}"', key=key))).rowcount


@pytest.mark.parametrize("act", ["update {table} set {key} = {key}", "delete from {table}"])
@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda one: one.name)
def test_a_row_is_neither_changed_nor_removed_by_hand(ledger: Engine, table: Table, act: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        changed(ledger, table, act)
    with ledger.connect() as connection:
        assert len(connection.execute(table.select()).all()) == 1


def test_nothing_is_emptied_at_once(ledger: Engine) -> None:
    if ledger.dialect.name == "sqlite":
        pytest.skip("SQLite has no truncate")
    with pytest.raises(DBAPIError, match="append-only"):
        changed(ledger, METADATA.tables["audit"], "truncate {table}")


def test_tables_with_a_state_of_their_own_still_move(ledger: Engine) -> None:
    moving = [one for one in METADATA.sorted_tables if one not in APPEND_ONLY]
    assert {one.name for one in moving} == {
        "delivery",
        "payment_batch",
        "payment",
        "payment_line",
        "payment_hold",
        "clock_standing",
    }
    assert changed(ledger, PAYMENT_LINE, "update {table} set {key} = {key}") == 1


def test_every_guard_stands_on_a_declared_table(ledger: Engine) -> None:
    query = {
        "sqlite": "select distinct tbl_name from sqlite_master where type = 'trigger'",
        "postgresql": "select distinct event_object_table from information_schema.triggers",
    }[ledger.dialect.name]
    with ledger.connect() as connection:
        guarded = {one.name for one in APPEND_ONLY} | {"payment_batch", "payment", "payment_line"}
        assert set(connection.execute(text(query)).scalars()) == guarded


def test_only_a_dropped_guard_lets_a_row_be_forged(tmp_path: Path) -> None:
    """The audit chain is for him who may drop guards; the guards are for everybody else."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    new_ledger(url)
    engine, audit = open_database(url), METADATA.tables["audit"]
    with engine.begin() as connection:
        connection.execute(audit.insert().values(**row_of(audit)))
    disarm(str(tmp_path / "ledger.db"))
    assert changed(engine, audit, "update {table} set {key} = {key}") == 1
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_who_looked_at_whom_stands_too(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'vault.db'}"
    if kind == "postgresql":
        url = new_database(request.getfixturevalue("postgres"), "append_only_vault")
    engine = open_database(url)
    VAULT.create_all(engine)
    with engine.begin() as connection:
        connection.execute(LOOKUP_LOG.insert().values(**row_of(LOOKUP_LOG)))
    for act in ("update {table} set {key} = {key}", "delete from {table}"):
        with pytest.raises(DBAPIError, match="append-only"):
            changed(engine, LOOKUP_LOG, act)
    assert inspect(engine).has_table(LOOKUP_LOG.name)
    engine.dispose()
