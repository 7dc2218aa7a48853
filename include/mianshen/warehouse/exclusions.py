"""Exclusions in the ledger: recorded, lifted, and shown to a run as the days on which a person is given nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, insert, select

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.exclusions import Exclusion
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.ledger import EXCLUSION, EXCLUSION_END

TABLE = "ledger.exclusion"
"""How a run sees them: person_key, since, until."""
Row = dict[str, Any]


def exclusions_of(connection: Connection, *, county_code: str) -> list[Row]:
    """Every exclusion of the county, oldest first, with `ended_on` (None while it was not lifted)."""
    query = (
        select(EXCLUSION, EXCLUSION_END.c.ended_on)
        .outerjoin(EXCLUSION_END, EXCLUSION_END.c.exclusion_id == EXCLUSION.c.exclusion_id)
        .where(EXCLUSION.c.county_code == county_code)
        .order_by(EXCLUSION.c.recorded_at, EXCLUSION.c.exclusion_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def show_exclusions(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make the days of exclusion readable as ledger.exclusion: half-open, an open end is null."""
    spans = [(row["person_key"], date.fromisoformat(row["since"]), _until(row)) for row in rows]
    columns = zip(*spans, strict=True) if spans else ((), (), ())
    kinds = (("person_key", pa.string()), ("since", pa.date32()), ("until", pa.date32()))
    made = {name: pa.array(values, kind) for (name, kind), values in zip(kinds, columns, strict=True)}
    show_arrow(con, TABLE, pa.table(made))


def record(connection: Connection, one: Exclusion, *, county_code: str, by: str, at: str) -> tuple[str, bool]:
    """Record the exclusion; its id, and whether it is new."""
    key = short_id("E", county_code, one.person_key, one.document_no, one.since.isoformat())
    if connection.execute(select(EXCLUSION.c.exclusion_id).where(EXCLUSION.c.exclusion_id == key)).first() is not None:
        return key, False
    row = {
        "exclusion_id": key,
        "county_code": county_code,
        "person_key": one.person_key,
        "ground": one.ground,
        "since": one.since.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "document_no": one.document_no,
        "document_sha256": one.document_sha256,
        "decided_by": one.decided_by,
        "decided_on": one.decided_on.isoformat(),
        "recorded_by": by,
        "recorded_at": at,
    }
    connection.execute(insert(EXCLUSION), row)
    return key, True


def end(connection: Connection, key: str, values: Mapping[str, str], *, county_code: str) -> None:
    """Lift an exclusion; MianshenError EXCLUSION_UNKNOWN when it does not stand, EXCLUSION_INVALID for a day before its first."""
    found = {row["exclusion_id"]: row for row in exclusions_of(connection, county_code=county_code)}.get(key)
    if found is None or found["ended_on"] is not None:
        raise MianshenError("EXCLUSION_UNKNOWN", found=key, where="exclusion")
    if values["ended_on"] < found["since"]:
        raise MianshenError("EXCLUSION_INVALID", found=f"{values['ended_on']} < {found['since']}", where=f"exclusion {key}")
    if values["decided_by"] == values["recorded_by"]:
        raise MianshenError("MAKER_IS_CHECKER", found=values["recorded_by"], where=f"exclusion {key}")
    connection.execute(insert(EXCLUSION_END), {"exclusion_id": key, **values})


def _until(row: Mapping[str, Any]) -> date | None:
    ends = [date.fromisoformat(row[name]) for name in ("until", "ended_on") if row[name]]
    return min(ends, default=None)
