"""The data dictionary as one HTML file that opens without a network: searched in place, read by everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mianshen.core.dictionary import ColumnEntry, TableEntry
from mianshen.documents.batch_sheet import environment

ROOMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "staging": ("入库层", "delivered rows, typed and judged"),
        "facts": ("事实层", "events, spans, person-months"),
        "out": ("结果层", "assessments, lines, portraits"),
        "release": ("发布层", "tables for analysts outside"),
        "checks": ("检查层", "proofs of conservation; every row of a query is a failure"),
        "ledger": ("账本", "decisions, postings, payments, clocks, audit"),
        "vault": ("保密库", "keys, register of persons, custody; sealed"),
    }
)
"""Where tables stand, in the order of the page."""


def dictionary_html(tables: Sequence[TableEntry], *, mart_columns: Sequence[ColumnEntry]) -> str:
    """The page; equal input gives equal text. Every table of a room that ROOMS knows stands in it once."""
    found = (
        environment()
        .get_template("dictionary.html")
        .render(
            rooms=ROOMS,
            by_room={room: [one for one in tables if one.room == room] for room in ROOMS},
            tables=len(tables),
            columns=sum(len(one.columns) for one in tables),
            mart_columns=mart_columns,
            known={one.name for one in tables},
            behind=behind,
        )
    )
    return str(found)


def behind(column: ColumnEntry) -> str:
    """Where a column comes from, by table: `facts.care_event: since, until_on; staging.roster: town`."""
    grouped: dict[str, list[str]] = {}
    for source in column.sources:
        table, name = source.rsplit(".", 1)
        grouped.setdefault(table, []).append(name)
    return "; ".join(f"{table}: {', '.join(names)}" for table, names in grouped.items())
