"""Rogue SQL against every constraint and guard of the ledger: each is refused, and a constraint that was taken away is found."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.ledgers import new_ledger
from tests.proofs.rogue import Judge, Rule, harms, put, rules, uniques, without

from mianshen.warehouse.ledger import APPEND_ONLY, METADATA

RULES = rules()
FEWEST = 150
"""Rules that are known; fewer would mean that the search lost some."""
REFUSED_AS = {"check": "CHECK constraint failed", "unique": "UNIQUE constraint failed", "null": "NOT NULL constraint failed"}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger as an installation has it."""
    path = tmp_path_factory.mktemp("rogue") / "ledger.db"
    new_ledger(f"sqlite:///{path}")
    return path


def copy_of(path: Path, *, guarded: bool) -> sqlite3.Connection:
    """The ledger in memory; foreign keys are not looked at, so that a row needs no others."""
    copy = sqlite3.connect(":memory:")
    with sqlite3.connect(path) as original:
        original.backup(copy)
    copy.execute("pragma foreign_keys=off")
    if not guarded:
        for (name,) in copy.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            copy.execute(f'drop trigger "{name}"')
    return copy


def test_the_ledger_has_all_its_rules() -> None:
    assert len(RULES) > FEWEST


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_a_rule_forbids_is_refused_and_without_the_rule_it_is_seen(migrated: Path, rule: Rule) -> None:
    *before, rogue = harms(rule)
    ledger = copy_of(migrated, guarded=False)
    for row in before:
        put(ledger, rule.table, row)
    with pytest.raises(sqlite3.IntegrityError, match=REFUSED_AS[rule.kind]):
        put(ledger, rule.table, rogue)
    bare = sqlite3.connect(":memory:")
    for statement in without(rule):
        bare.execute(statement)
    for row in (*before, rogue):
        put(bare, rule.table, row)


@pytest.mark.parametrize("table", [one.name for one in APPEND_ONLY])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_recorded_row_stays_and_without_its_guard_it_would_not(migrated: Path, table: str, act: str) -> None:
    row = Judge(METADATA.tables[table]).drawn([])
    column = next(one.name for one in METADATA.tables[table].columns)
    statement = f'delete from "{table}"' if act == "delete" else f'update "{table}" set "{column}" = "{column}"'
    ledger = copy_of(migrated, guarded=True)
    others = ledger.execute("select name from sqlite_master where type = 'trigger' and name not like '%\\_keeps\\_%' escape '\\'")
    for (name,) in others.fetchall():
        ledger.execute(f'drop trigger "{name}"')
    put(ledger, table, row)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.execute(statement)
    ledger.execute(f"drop trigger {table}_keeps_{act}")
    assert ledger.execute(statement).rowcount == 1


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda one: one.name)
def test_every_unique_key_of_the_model_stands_in_the_migrated_ledger(migrated: Path, table: object) -> None:
    name = str(table)
    ledger = copy_of(migrated, guarded=False)
    listed = ledger.execute(f'pragma index_list("{name}")').fetchall()
    standing = {tuple(one[2] for one in ledger.execute(f'pragma index_info("{row[1]}")')) for row in listed if row[2]}
    wanted = {columns for columns, _ in uniques(METADATA.tables[name]).values()}
    integer_key = {columns for columns in wanted if len(columns) == 1 and columns[0] in _rowids(name)}
    assert {tuple(sorted(one)) for one in wanted - integer_key} <= {tuple(sorted(one)) for one in standing}


def _rowids(table: str) -> set[str]:
    """The key that is SQLite's own row number, and so has no index of its own."""
    key = list(METADATA.tables[table].primary_key.columns)
    return {key[0].name} if len(key) == 1 and key[0].type.python_type is int else set()
