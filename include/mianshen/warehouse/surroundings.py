"""What lies around a batch: when its deliveries came, how long their lists were before, which settlements its refunds name.

A row can be sound and its batch still odd. `checks.*_quality` and Great Expectations read what is shown here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, RowMapping

from mianshen.core.days import parse_month
from mianshen.warehouse import deliveries, lake
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.deliveries import Slot

ARRIVED = pa.schema(
    [("delivery_id", pa.string()), ("arrived_on", pa.date32()), ("period_ends_on", pa.date32()), ("is_drifted", pa.int8())]
)
"""staging.delivery_arrived: a delivery's day, the last day of its period, and 1 when its length is far from the one before."""

Share = tuple[int, int]
"""Least and most per cent of the rows of the partition before."""


def show_arrivals(
    connection: duckdb.DuckDBPyConnection, ledger: Connection, waiting: Sequence[RowMapping], *, usual: Mapping[str, Share]
) -> None:
    """Make staging.delivery_arrived readable; lists that `usual` does not name have no usual length."""
    rows = [
        {
            "delivery_id": one["delivery_id"],
            "arrived_on": date.fromisoformat(one["received_at"][:10]),
            "period_ends_on": _end_of(one["partition"]),
            "is_drifted": _is_drifted(ledger, one, usual.get(one["list_code"])),
        }
        for one in waiting
    ]
    show_arrow(connection, "staging.delivery_arrived", pa.Table.from_pylist(rows, schema=ARRIVED))


def show_originals(connection: duckdb.DuckDBPyConnection, *, keyed: Iterable[str], staged: Iterable[str]) -> None:
    """Make staging.settlement_original(setl_id): settlements that refunds of the batch name and that are known, now or before."""
    lake.show(connection, "staging.settlement_keyed", keyed)
    connection.execute(
        "create or replace table staging.settlement_original as"
        " select distinct init_setl_id as setl_id from staging.settlement_keyed where init_setl_id is not null"
    )
    if connection.execute("select count(*) from staging.settlement_original").fetchone() == (0,):
        return
    lake.show(connection, "staging.settlement", staged)
    connection.execute(
        "delete from staging.settlement_original where setl_id not in ("
        "select setl_id from staging.settlement_keyed where setl_id is not null"
        " union all select setl_id from staging.settlement where setl_id is not null)"
    )


def _is_drifted(ledger: Connection, row: RowMapping, share: Share | None) -> int | None:
    if share is None:
        return None
    before = deliveries.records_before(ledger, Slot(row["county_code"], row["feed"], row["list_code"], row["partition"]))
    least, most = share
    return None if not before else int(not before * least <= (row["rows_in"] - row["rows_ignored"]) * 100 <= before * most)


def _end_of(partition: str) -> date:
    is_month = len(partition) == len("2026-10")
    return parse_month(partition, where="partition").last_day if is_month else date.fromisoformat(partition)
