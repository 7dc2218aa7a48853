"""The tables of a reckoning as files that people open elsewhere: CSV, Parquet or an Excel workbook, by the name's ending."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from mianshen.core.errors import MianshenError
from mianshen.core.money import format_yuan
from mianshen.documents.live_text import tamed_sql
from mianshen.documents.workbook import Book
from mianshen.feeds.words import safe_file_name
from mianshen.warehouse.sql_files import ColumnDoc, grain_of, table_doc

SHEET_ROWS = 1_000_000
"""A sheet holds at most so many rows, headings apart."""
FORMATS = {".csv": "format csv, header true", ".parquet": "format parquet, compression zstd"}
"""How DuckDB writes each kind."""
BOOK = ".xlsx"
MARK = b"\xef\xbb\xbf"
"""By this a spreadsheet knows that a CSV file is UTF-8."""
OWNER_ONLY = 0o600
"""Mode of results: they tell of single persons."""


def refuse_result(out: Path, *, tables: Sequence[str]) -> None:
    """Pass when results can go there; MianshenError RESULT_FORMAT, RESULT_STANDS or PATH_MISSING before anything is computed."""
    name = safe_file_name(out.name)
    if out.suffix.lower() not in (*FORMATS, BOOK):
        raise MianshenError("RESULT_FORMAT", found=safe_file_name(out.suffix), where=f"--out {name}")
    if not out.parent.is_dir():
        raise MianshenError("PATH_MISSING", found=str(out.parent), where="--out")
    for path in _paths(out, tables):
        if path.exists():
            raise MianshenError("RESULT_STANDS", found=safe_file_name(path.name), where="--out")


def write_results(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], out: Path, *, made: datetime) -> list[Path]:
    """Write the tables by the ending of `out`: one sheet each, or one file each, a further one only when it has rows."""
    if out.suffix.lower() == BOOK:
        _put(out, _book(connection, tables, made=made))
        return [out]
    written: list[Path] = []
    for table, path in zip(tables, _paths(out, tables), strict=True):
        if not written or _rows(connection, table):
            _copy(connection, table, path)
            written.append(path)
    return written


def _paths(out: Path, tables: Sequence[str]) -> list[Path]:
    """The file itself, then <name>_quarantined beside it for the second table; one workbook holds all."""
    if out.suffix.lower() == BOOK:
        return [out]
    return [out, *(out.with_name(f"{out.stem}_{table.rsplit('_', 1)[1]}{out.suffix}") for table in tables[1:])]


def _ordered(table: str, *, is_tamed: bool = False) -> str:
    """The table's rows in their order; tamed, no text of theirs is run by the spreadsheet that opens it."""
    names = [(one.name, is_tamed and one.type.upper() == "VARCHAR") for one in table_doc(table).columns]
    columns = ", ".join(f'{tamed_sql(name)} as "{name}"' if is_text else f'"{name}"' for name, is_text in names)
    return f"select {columns} from {table} order by {', '.join(grain_of(table))}"  # noqa: S608 - names from our .yml


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - names of ours
    return int(found[0]) if found else 0


def _copy(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    temporary = path.with_name(f".tmp-{path.name}")
    place = str(temporary).replace("'", "''")
    is_csv = path.suffix.lower() == ".csv"
    connection.execute(f"copy ({_ordered(table, is_tamed=is_csv)}) to '{place}' ({FORMATS[path.suffix.lower()]})")
    if is_csv:
        marked = path.with_name(f".tmp-marked-{path.name}")
        with temporary.open("rb") as plain, marked.open("wb") as target:
            target.write(MARK)
            while part := plain.read(1 << 20):
                target.write(part)
        temporary.unlink()
        temporary = marked
    temporary.chmod(OWNER_ONLY)
    temporary.rename(path)


def _book(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], *, made: datetime) -> bytes:
    book = Book()
    for table in tables:
        rows = _rows(connection, table)
        if rows > SHEET_ROWS:
            raise MianshenError("RESULT_TOO_LONG", found=f"{rows} rows", where="--out")
        doc = table_doc(table)
        headings = [one.meaning_zh.split(";")[0] + ("(元)" if one.unit == "fen" else "") for one in doc.columns]
        title = "核算结果" if table == tables[0] else "未采用的行"
        book.sheet(title, above=[doc.grain_zh], headings=headings, rows=_texts(connection, table, doc.columns))
    return book.content(made=made)


def _texts(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[ColumnDoc]) -> Iterator[list[str]]:
    found = connection.execute(_ordered(table))
    while some := found.fetchmany(10_000):
        for cells in some:
            yield [_text(cell, one) for cell, one in zip(cells, columns, strict=True)]


def _text(cell: object, column: ColumnDoc) -> str:
    if cell is None:
        return ""
    return format_yuan(int(str(cell))) if column.unit == "fen" else str(cell)


def _put(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".tmp-{path.name}")
    with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, OWNER_ONLY)) as target:
        target.write(content)
    temporary.rename(path)
