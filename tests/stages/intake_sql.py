"""Rows of a settlement file through reader, keys and SQL alone: no vault, no ledger, no Great Expectations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from tests.stages.intake_county import CLEAN, pack

from mianshen.feeds.bound import bound_by
from mianshen.feeds.identities import identify
from mianshen.feeds.judged import persons_of
from mianshen.feeds.outgoing import outgoing
from mianshen.feeds.reader import read
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.sql_files import table_doc
from mianshen.warehouse.surroundings import ARRIVED

KEY = "A" * 26


def judged(connection: duckdb.DuckDBPyConnection, rows: list[Mapping[str, str]]) -> list[dict[str, object]]:
    """The rows as a file, through reader, keys and SQL, up to checks.conservation."""
    contract = pack().contract("settlement")
    quoted = [",".join(f'"{cell}"' for cell in row) for row in (CLEAN.keys(), *(row.values() for row in rows))]
    landed = read("\n".join(quoted).encode(), contract=contract, where="f")
    identities = identify(landed, contract, today=date(2026, 11, 3))
    text = outgoing(landed, contract)
    persons = pa.table(
        {
            "person_key": pa.array([one.value and KEY for one in identities.read], pa.string()),
            "birth_year": pa.array([one.value and 1950 for one in identities.read], pa.int32()),
            "reason_code": pa.array([one.reason_code for one in identities.read], pa.string()),
            "fixes": pa.array([list(one.fixes) for one in identities.read], pa.list_(pa.string())),
            "has_several_names": pa.array([False] * len(identities.read)),
        }
    )
    made = {"delivery_id": pa.array(["D"] * landed.records), **persons_of(persons, identities.numbers)}
    empty = pa.nulls(landed.records, pa.string())
    wanted = [one.name for one in table_doc("staging.landed_settlement").columns]
    known = {name: text[name] for name in text.column_names}
    show_arrow(connection, "staging.landed_settlement", pa.table({one: made.get(one, known.get(one, empty)) for one in wanted}))
    for name in ("keyed", "judged", "delivered"):
        make_table(connection, f"staging.settlement_{name}", bound_by([contract], today=date(2099, 1, 1)))
    fen = connection.execute("select fen_in from staging.settlement_delivered").fetchone()
    delivered = {
        "delivery_id": "D",
        "feed": "settlement",
        "rows_in": landed.records,
        "rows_ignored": 0,
        "fen_in": fen[0] if fen else 0,
    }
    show_arrow(connection, "staging.delivered", pa.Table.from_pylist([delivered]))
    connection.execute(
        "create or replace view staging.judged_row as"
        " select delivery_id, reason_code, is_repeat, len(flags) > 0 as is_flagged, false as is_fixed,"
        " 1 as rows, medfee_sumamt as fen from staging.settlement_judged"
    )
    make_table(connection, "checks.conservation", {})
    cursor = connection.execute("select * from checks.conservation")
    names = [one[0] for one in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def around(connection: duckdb.DuckDBPyConnection, *, arrived_on: date, is_drifted: int | None, known: tuple[str, ...]) -> None:
    """Make staging.settlement_seen, as if the delivery had come that day and these originals were known."""
    arrived = {"delivery_id": "D", "arrived_on": arrived_on, "period_ends_on": arrived_on, "is_drifted": is_drifted}
    show_arrow(connection, "staging.delivery_arrived", pa.Table.from_pylist([arrived], schema=ARRIVED))
    originals = pa.table({"setl_id": pa.array(known, pa.string())})
    show_arrow(connection, "staging.settlement_original", originals)
    make_table(connection, "staging.settlement_seen", {})


def flat(connection: duckdb.DuckDBPyConnection) -> Any:
    """The judged rows as Great Expectations gets them."""
    seen = "staging.settlement_judged inner join staging.settlement_seen using (delivery_id, line_no)"
    return connection.execute(f"select * exclude (flags) from {seen}").df()
