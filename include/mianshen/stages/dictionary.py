"""The data dictionary: every table and column of the house, read out of its own files; no data is opened for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mianshen.core.dictionary import TableEntry


def entries() -> list[TableEntry]:
    """Every table of the lake, the ledger and the vault; of the vault its declarations alone are read, nothing is opened."""
    from mianshen.vault import tables
    from mianshen.warehouse.dictionary import database_entries, lake_entries, ledger_entries, table_docs

    docs = table_docs([tables])
    vault = [one for part in (tables.METADATA, tables.SUPERVISION) for one in database_entries(part, docs, room="vault")]
    return [*lake_entries(), *ledger_entries(), *vault]


def page(tables: list[TableEntry]) -> str:
    """The tables as one HTML page that opens offline."""
    from mianshen.documents.dictionary_page import dictionary_html
    from mianshen.warehouse.dictionary import MART_COLUMNS

    return dictionary_html(tables, mart_columns=MART_COLUMNS)
