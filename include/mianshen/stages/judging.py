"""Rows of one file judged in memory by the SQL that judges a county's rows: what `examine` and `reckon` share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month
from mianshen.feeds.bound import bound_by
from mianshen.feeds.inbox import Delivery
from mianshen.feeds.judged import persons_of
from mianshen.feeds.lists import listed, noticed
from mianshen.feeds.outgoing import RENAMED, outgoing
from mianshen.feeds.pages import archive
from mianshen.feeds.reader import Landed
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.sql_files import table_doc


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """What a file is judged by."""

    contract: Contract
    """What it must look like."""
    month: Month
    """The period that it is for."""
    delivery_id: str
    """What its rows are called by."""
    towns: tuple[str, ...]
    """The county's towns; empty without a pack."""


def content_of(delivery: Delivery) -> bytes:
    """The delivery as one file: pages as the archive that a source's fetch would leave."""
    if delivery.is_paged:
        return archive([(one.name, one.read_bytes()) for one in delivery.files])
    return delivery.files[0].read_bytes()


def judge(
    connection: duckdb.DuckDBPyConnection,
    file: JudgedFile,
    landed: Landed,
    identities: pa.Table,
    numbers: pa.Array,
    *,
    today: date,
) -> None:
    """Make staging.<feed>_keyed and staging.<feed>_judged of one file.

    `identities` says whose each distinct written number is, `numbers` which of them is each row's; no date may lie after
    `today`.
    """
    feed = file.contract.feed
    show_arrow(connection, f"staging.landed_{feed}", _landed(file, landed, persons_of(identities, numbers)))
    parameters = bound_by([file.contract], today=today)
    for table in (f"staging.{feed}_keyed", f"staging.{feed}_judged"):
        make_table(connection, table, parameters)


def _landed(file: JudgedFile, landed: Landed, persons: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    """staging.landed_<feed>: nothing personal in it."""
    feed = file.contract.feed
    cells = _cells(file, landed)
    count = landed.records
    made = {
        "delivery_id": pa.array([file.delivery_id] * count, pa.string()),
        "list_code": pa.array([file.contract.list_code] * count, pa.string()),
        "list_month": pa.array([str(file.month)] * count, pa.string()),
        **persons,
    }
    wanted = [column.name for column in table_doc(f"staging.landed_{feed}").columns]
    made.update({RENAMED.get(name, name): cells[name] for name in cells.column_names})
    return pa.table({name: made.get(name, pa.nulls(count, pa.string())) for name in wanted})


def _cells(file: JudgedFile, landed: Landed) -> pa.Table:
    if file.contract.feed is Feed.ROSTER:
        return listed(landed, file.contract, towns=file.towns, digests=_plain)
    return noticed(landed, file.contract) if file.contract.feed is Feed.NOTICE else outgoing(landed, file.contract)


def _plain(kind: str, values: Iterable[str]) -> dict[str, str]:
    """Values as their own digests: nothing leaves this task's memory."""
    return {value: f"{kind}|{value}" for value in values}
