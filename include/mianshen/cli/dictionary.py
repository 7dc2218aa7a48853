"""`mianshen dictionary`: every table and column, what it means and comes from, as one HTML file that opens offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mianshen.cli.say import say

if TYPE_CHECKING:
    from mianshen.core.dictionary import TableEntry


def write(out: Annotated[Path, typer.Option(help="写到哪个文件  the HTML file to write")]) -> None:
    """数据字典:全部表和列的单位、含义、依据和来源,单个 HTML,不需联网。 The data dictionary as one offline HTML file."""
    from mianshen.documents.dictionary_page import dictionary_html
    from mianshen.warehouse.dictionary import MART_COLUMNS

    tables = entries()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(dictionary_html(tables, mart_columns=MART_COLUMNS), encoding="utf-8")
    say(f"{len(tables)} 张表:{out}", f"{len(tables)} tables: {out}")


def entries() -> list[TableEntry]:
    """Every table of the lake, the ledger and the vault; of the vault its declarations alone are read, nothing is opened."""
    from mianshen.vault import tables
    from mianshen.warehouse.dictionary import database_entries, lake_entries, ledger_entries, table_docs

    docs = table_docs([tables])
    vault = [one for part in (tables.METADATA, tables.SUPERVISION) for one in database_entries(part, docs, room="vault")]
    return [*lake_entries(), *ledger_entries(), *vault]
