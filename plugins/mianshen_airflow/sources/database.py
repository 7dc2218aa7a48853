"""A database's table or view: one transaction, one snapshot, in the order of its key, counted before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from mianshen.core.errors import MianshenError
from mianshen.feeds.fetched import Taken
from mianshen.feeds.fetching import Errand, control_file
from mianshen.feeds.sources import Period, TableAsk
from mianshen.feeds.tables import csv_parts
from mianshen_airflow.sources.troubles import told

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select, Table

SNAPSHOT = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ", "mssql": "SNAPSHOT"}
"""The isolation level that shows one state of the data throughout; elsewhere SERIALIZABLE does."""
BATCH = 5000
"""Rows held at a time."""


def fetch(errand: Errand, ask: TableAsk, period: Period) -> Counter[str]:
    """The period's rows, landed as one CSV file; counts of rows, taken, same, empty."""
    code = errand.source.code
    with told(code, _code_of):
        engine = _engine(str(errand.source.conn_id))
        level = SNAPSHOT.get(engine.dialect.name, "SERIALIZABLE")
        try:
            with engine.connect() as plain, plain.execution_options(isolation_level=level) as connection, connection.begin():
                return _land(errand, ask, period, connection)
        finally:
            engine.dispose()


def _engine(conn_id: str) -> Engine:
    from airflow.sdk import BaseHook

    known: Any = BaseHook.get_connection(conn_id)
    engine: Engine = known.get_hook().get_sqlalchemy_engine()
    return engine


def _land(errand: Errand, ask: TableAsk, period: Period, connection: Connection) -> Counter[str]:
    code = errand.source.code
    table = _table(connection, ask, where=code)
    query = _query(table, ask, period)
    before = _count(connection, query)
    names = [column.name for column in query.selected_columns]
    shown = Rows(connection, query, [names.index(one) for one in ask.key], where=code)
    name = f"{errand.source.list_code}_{period.written}.csv"
    with errand.landing.parcel(name, stamp=f"{errand.at:%Y%m%dT%H%M%S}") as parcel:
        with shown:
            for part in csv_parts(names, shown, where=code):
                parcel.write(part)
        after = _count(connection, query)
        if not before == shown.number == after:
            raise MianshenError("SOURCE_CHANGED", found=f"{before} / {shown.number} / {after} rows", where=code)
        is_same = errand.memory.gave(period.written) == parcel.sha256
        counts = Counter(rows=after, taken=0, same=int(is_same), empty=int(after == 0))
        if after and not is_same and errand.contract is not None:
            said = control_file(errand.contract, period=period.written, sha256=parcel.sha256)
            parcel.place(control=said)
            counts["taken"] += 1
            errand.memory.add(Taken(period.written, parcel.size, "", parcel.sha256))
    return counts


class Rows:
    """The rows as they stream, counted; two with one key are refused."""

    def __init__(self, connection: Connection, query: Select[Any], key: list[int], *, where: str) -> None:
        streaming = connection.execution_options(stream_results=True, yield_per=BATCH)
        self._streamed = streaming.execute(query)
        self._key = key
        self._where = where
        self.number = 0

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._streamed.close()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Each row once."""
        last: tuple[Any, ...] | None = None
        for row in self._streamed:
            self.number += 1
            key = tuple(row[place] for place in self._key)
            if key == last:
                raise MianshenError("SOURCE_ANSWER", found="key twice", where=f"{self._where} row {self.number}")
            last = key
            yield tuple(row)


def _table(connection: Connection, ask: TableAsk, *, where: str) -> Table:
    """The table or view as the database describes it; MianshenError SOURCE_MISSING when it or a column is not there."""
    from sqlalchemy import MetaData, Table
    from sqlalchemy.exc import NoSuchTableError

    try:
        table = Table(ask.table, MetaData(), schema=ask.schema, autoload_with=connection)
    except NoSuchTableError:
        raise MianshenError("SOURCE_MISSING", found="table", where=f"{where}.{ask.table}") from None
    wanted = (*ask.columns, *ask.key, *([ask.period_column] if ask.period_column else ()))
    missing = [one for one in wanted if one not in table.columns]
    if missing:
        raise MianshenError("SOURCE_MISSING", found=f"columns {', '.join(missing)}", where=f"{where}.{ask.table}")
    return table


def _query(table: Table, ask: TableAsk, period: Period) -> Select[Any]:
    from sqlalchemy import Date, DateTime, select

    query = select(*[table.columns[one] for one in ask.columns or [column.name for column in table.columns]])
    query = query.order_by(*[table.columns[one] for one in ask.key])
    if ask.period_column is None:
        return query
    column = table.columns[ask.period_column]
    if isinstance(column.type, DateTime):
        first, end = (datetime.combine(one, time()) for one in (period.first, period.end))
        return query.where(column >= first, column < end)
    if isinstance(column.type, Date):
        return query.where(column >= period.first, column < period.end)
    return query.where(column == f"{period.first:{ask.period_format}}")


def _count(connection: Connection, query: Select[Any]) -> int:
    from sqlalchemy import func, select

    return connection.execute(select(func.count()).select_from(query.order_by(None).subquery())).scalar_one()


def _code_of(cause: Exception) -> str:
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    if isinstance(cause, (ArgumentError, NoSuchModuleError, ImportError)):
        return "SOURCE_SETTINGS"
    text = str(cause.orig) if isinstance(cause, DBAPIError) else ""
    if "authentication failed" in text or "Access denied" in text or "no pg_hba.conf entry" in text:
        return "SOURCE_REFUSED"
    if getattr(getattr(cause, "orig", None), "pgcode", None) in ("42501", "42P01", "42703") or 'database "' in text:
        return "SOURCE_MISSING"
    return "SOURCE_UNREACHABLE"
