"""The mart: copies of the lake's out and release tables in a SQL database. Replaced whole, never edited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
)
from sqlalchemy.types import TypeEngine

from mianshen.warehouse.connect import MART, compute, open_database
from mianshen.warehouse.lake import SHARED_SCHEMAS, Lake, show
from mianshen.warehouse.sql_files import TableDoc, documented_tables, table_doc

SCHEMAS = SHARED_SCHEMAS
"""Schemas that are published; staging and facts stay in the lake."""
_TYPES: dict[str, type[TypeEngine[Any]]] = {
    "BIGINT": BigInteger,
    "BOOLEAN": Boolean,
    "DATE": Date,
    "INTEGER": Integer,
    "TIMESTAMP": DateTime,
}
_AT_ONCE = 20_000


def publish(lake: Lake, url: str, *, county_code: str, month: str) -> dict[str, int]:
    """Copy the month's out and release tables into the database at this SQLAlchemy URL; rows by table.

    A table is called out_award_line there and carries mart_county_code and mart_month; what stood for this county and month is
    replaced in one transaction. Lists and structures are JSON text.
    """
    engine = open_database(url, schema=MART)
    try:
        with engine.begin() as connection:
            return {
                table: _copy(connection, table_doc(table), files, county_code=county_code, month=month)
                for table, files in _published(lake, county_code=county_code, month=month)
            }
    finally:
        engine.dispose()


def mart_name(table: str) -> str:
    """What a lake table is called in the mart: out_award_line."""
    return table.replace(".", "_")


def published_tables() -> tuple[str, ...]:
    """Every lake table that is copied, as schema.table, sorted."""
    return tuple(table for table in documented_tables() if table.split(".")[0] in SCHEMAS)


def mart_columns(table: str) -> tuple[str, ...]:
    """The columns of a lake table's copy."""
    return tuple(_declared(table_doc(table)).c.keys())


def make_tables(connection: Connection) -> None:
    """Make the copies that do not stand yet, empty: what may be seen of a table is settled before there is anything in it."""
    for table in published_tables():
        _declared(table_doc(table)).create(connection, checkfirst=True)


def _published(lake: Lake, *, county_code: str, month: str) -> Iterable[tuple[str, Sequence[str]]]:
    for table in published_tables():
        files = lake.current(table, county_code=county_code, month=month)
        if files:
            yield table, files


def _copy(connection: Connection, doc: TableDoc, files: Sequence[str], *, county_code: str, month: str) -> int:
    copied = _declared(doc)
    copied.create(connection, checkfirst=True)
    place = (copied.c.mart_county_code == county_code) & (copied.c.mart_month == month)
    connection.execute(delete(copied).where(place))
    rows = 0
    for batch in _batches(doc.name, files):
        found = [{"mart_county_code": county_code, "mart_month": month, **_plain(row)} for row in batch.to_pylist()]
        if found:
            connection.execute(insert(copied), found)
        rows += len(found)
    return rows


def _batches(table: str, files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The table's rows, some at a time."""
    columns = ", ".join(f'"{one.name}"' for one in table_doc(table).columns)
    with compute() as con:
        show(con, table, files)
        yield from con.sql(f"select {columns} from {table}").to_arrow_reader(_AT_ONCE)  # noqa: S608 - names from our .yml


def _declared(doc: TableDoc) -> Table:
    own = [Column("mart_county_code", Text, nullable=False, index=True), Column("mart_month", Text, nullable=False, index=True)]
    columns = [Column(one.name, _TYPES.get(one.type.upper(), Text)) for one in doc.columns]
    return Table(mart_name(doc.name), MetaData(), *own, *columns)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row with lists and structures as JSON text, days in it as ISO text."""
    return {
        name: json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else value
        for name, value in row.items()
    }
