"""Tables of the ledger as a task's DuckDB sees them: ledger.<table>, one county's rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Connection, FromClause, Integer, Result, Select, Table, select

from mianshen.warehouse.clock_store import current
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    BANK_RESULT,
    CLOCK,
    CLOCK_EVENT,
    DECISION,
    DELIVERY,
    DELIVERY_ACT,
    EXCEPTIONAL_AWARD,
    FUND_ACT,
    FUND_CHECK,
    FUND_ENTRY,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_HOLD,
    PAYMENT_LINE,
    RECOVERY,
    RECOVERY_LINE,
    RUN,
    SUSPENSE,
    SUSPENSE_CLEARING,
    TRANSFER_LINE,
)

_FETCHED = 50_000
_CLOCK = current()
_ROOTS: dict[Table, tuple[FromClause, FromClause]] = {
    CLOCK: (_CLOCK, _CLOCK),
    CLOCK_EVENT: (CLOCK_EVENT.join(CLOCK), CLOCK),
    APPLICATION: (APPLICATION, APPLICATION),
    APPROVAL_BATCH: (APPROVAL_BATCH, APPROVAL_BATCH),
    APPROVAL_ITEM: (APPROVAL_ITEM.join(APPROVAL_BATCH), APPROVAL_BATCH),
    DECISION: (DECISION.join(APPROVAL_ITEM).join(APPROVAL_BATCH), APPROVAL_BATCH),
    PAYMENT_BATCH: (PAYMENT_BATCH, PAYMENT_BATCH),
    PAYMENT: (PAYMENT.join(PAYMENT_BATCH), PAYMENT_BATCH),
    PAYMENT_LINE: (PAYMENT_LINE.join(PAYMENT).join(PAYMENT_BATCH), PAYMENT_BATCH),
    FUND_ACT: (FUND_ACT, FUND_ACT),
    FUND_CHECK: (FUND_CHECK.join(FUND_ACT, FUND_ACT.c.act_id == FUND_CHECK.c.act_id), FUND_ACT),
    FUND_ENTRY: (FUND_ENTRY, FUND_ENTRY),
    TRANSFER_LINE: (TRANSFER_LINE, TRANSFER_LINE),
    RECOVERY_LINE: (RECOVERY_LINE.join(RECOVERY), RECOVERY),
    PAYMENT_HOLD: (PAYMENT_HOLD, PAYMENT_HOLD),
    PAYMENT_BY_HAND: (PAYMENT_BY_HAND.join(PAYMENT).join(PAYMENT_BATCH), PAYMENT_BATCH),
    BANK_RESULT: (BANK_RESULT.join(PAYMENT_BATCH), PAYMENT_BATCH),
    SUSPENSE_CLEARING: (
        SUSPENSE_CLEARING.join(SUSPENSE, SUSPENSE.c.suspense_id == SUSPENSE_CLEARING.c.suspense_id),
        SUSPENSE,
    ),
    DELIVERY: (DELIVERY, DELIVERY),
    DELIVERY_ACT: (DELIVERY_ACT.join(DELIVERY), DELIVERY),
    AWARD_POSTING: (AWARD_POSTING, AWARD_POSTING),
    EXCEPTIONAL_AWARD: (EXCEPTIONAL_AWARD, EXCEPTIONAL_AWARD),
    RUN: (RUN, RUN),
}
"""How each table is joined up to the one that names the county; clocks as they stand now."""
SHOWN: tuple[Table, ...] = (
    *(CLOCK, CLOCK_EVENT, APPROVAL_BATCH, APPROVAL_ITEM, DECISION),
    *(PAYMENT_BATCH, PAYMENT, PAYMENT_LINE),
)
"""Tables that are shown when nobody says which: money, decisions and clocks."""
MONEY: tuple[Table, ...] = (
    *(APPROVAL_ITEM, PAYMENT_BATCH, PAYMENT, PAYMENT_LINE),
    *(PAYMENT_HOLD, PAYMENT_BY_HAND, BANK_RESULT, SUSPENSE_CLEARING),
    *(FUND_ACT, FUND_CHECK, FUND_ENTRY, TRANSFER_LINE),
)
"""Tables that say where agreed money stands; postings come with their fate from `postings`."""


def show_ledger(
    con: duckdb.DuckDBPyConnection, connection: Connection, *, county_code: str, tables: Iterable[Table] = SHOWN
) -> None:
    """Make these tables readable as ledger.<name>, with the rows of one county."""
    for table in tables:
        joined, root = _ROOTS[table]
        shown = root if table is CLOCK else table
        query: Select[Any] = select(*shown.c).select_from(joined).where(root.c.county_code == county_code)
        columns = [(column.name, _arrow_type(column.type)) for column in table.c]
        load(con, table.name, columns, connection.execute(query))


def load(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[tuple[str, Any]], rows: Result[Any]) -> int:
    """Make the result readable as ledger.<name> with these Arrow columns; returns the number of rows."""
    schema = pa.schema(list(columns))
    batches = []
    while some := rows.fetchmany(_FETCHED):
        arrays = [pa.array(values, type=kind) for values, (_, kind) in zip(zip(*some, strict=True), columns, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    table = pa.Table.from_batches(batches, schema=schema)
    con.execute("create schema if not exists ledger")
    con.register("ledger_rows", table)
    con.execute(f"create or replace table ledger.{name} as select * from ledger_rows")  # noqa: S608 - our own table names
    con.unregister("ledger_rows")
    return int(table.num_rows)


def _arrow_type(kind: object) -> Any:
    if isinstance(kind, Boolean):
        return pa.bool_()
    return pa.int64() if isinstance(kind, Integer | BigInteger) else pa.string()
