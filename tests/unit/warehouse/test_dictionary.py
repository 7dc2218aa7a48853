"""The data dictionary: every declared table and column once, and where a value comes from, read out of the SQL itself."""

from __future__ import annotations

from collections import Counter

import pytest

from mianshen.core.dictionary import TableEntry
from mianshen.documents.dictionary_page import ROOMS
from mianshen.stages.dictionary import entries
from mianshen.vault.tables import METADATA as VAULT
from mianshen.vault.tables import SUPERVISION
from mianshen.warehouse.ledger import METADATA, VIEWS
from mianshen.warehouse.lineage import column_sources
from mianshen.warehouse.sql_files import documented_tables, table_doc

FOLLOWED_SHARE = 0.8
"""Share of the columns computed by SQL files of which the dictionary says where they come from; the rest are constants."""


@pytest.fixture(scope="module")
def every() -> list[TableEntry]:
    return entries()


def test_every_declared_table_and_column_stands_once_and_no_other(every: list[TableEntry]) -> None:
    found = Counter((one.name, column.name) for one in every for column in one.columns)
    declared = {(name, one.name) for name in documented_tables() for one in table_doc(name).columns}
    for metadata in (METADATA, VIEWS, VAULT, SUPERVISION):
        declared |= {(name, one.name) for name, table in metadata.tables.items() for one in table.columns}
    assert set(found) == declared
    assert set(found.values()) == {1}
    assert {one.room for one in every} == set(ROOMS)


def test_every_table_and_column_says_what_it_is(every: list[TableEntry]) -> None:
    for table in every:
        assert table.grain_en, table.name
        silent = [one.name for one in table.columns if not (one.meaning_zh and one.meaning_en and one.type)]
        assert silent == [], table.name
        assert table.room in ("ledger", "vault") or (table.grain_zh and all(one.unit for one in table.columns)), table.name


@pytest.mark.parametrize(
    ("table", "column", "sources"),
    [
        ("release.people_group", "people", ("release.people_fate.people",)),
        ("facts.care_event", "oth_pay", ("facts.care_netted.oth_pay",)),
        ("checks.release", "check_code", ()),
    ],
)
def test_a_column_names_what_it_is_computed_from(table: str, column: str, sources: tuple[str, ...]) -> None:
    assert column_sources(table)[column] == sources


def test_what_a_column_comes_from_is_a_column_that_there_is(every: list[TableEntry]) -> None:
    columns = {one.name: {column.name for column in one.columns} for one in every}
    behind = {tuple(source.rsplit(".", 1)) for one in every for column in one.columns for source in column.sources}
    lost = {(table, name) for table, name in behind if table in columns and name not in columns[table]}
    assert lost == set(), "a table that lives within a task only has no entry; a table that has one has the column"


def test_most_columns_of_sql_files_are_followed_to_their_sources(every: list[TableEntry]) -> None:
    made = [one for one in every if one.reads]
    columns = [column for one in made for column in one.columns]
    assert sum(bool(one.sources) for one in columns) > FOLLOWED_SHARE * len(columns)


def test_a_table_without_sql_has_no_lineage() -> None:
    assert column_sources("out.approval_pace") == {}
