"""Identities that cases gave, shown to a run beside the lists': read out of the cases' events, kept nowhere a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select, tuple_

from mianshen.core.cases import Happening
from mianshen.core.days import local
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.grants import Gives
from mianshen.core.identity import MonthArithmetic, months_before
from mianshen.core.pack import Pack
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.ledger import CASE, CASE_EVENT
from mianshen.warehouse.sql_files import table_doc

TABLE = "facts.identity_granted"
"""How a run sees them."""
_KINDS = {"DATE": pa.date32(), "VARCHAR": pa.string()}

Row = dict[str, Any]
Place = tuple[str, str, str]
"""Process, step and outcome."""


def granted(connection: Connection, pack: Pack) -> list[Row]:
    """Every identity that a decision of the county's cases gave, as rows of facts.identity_granted, by case and category.

    A case of nobody gives nothing; a step that was decided anew gives what it was decided last.
    """
    places = _places(pack)
    if not places:
        return []
    decided = _decided(connection, pack, places)
    earlier = _last_decisions(connection, [row["case_id"] for row in decided], places)
    found = [one for row in decided for one in _rows(row, places[_place(row)], earlier)]
    return sorted(found, key=lambda one: (one["case_id"], one["category_code"]))


def digest_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a run that reads these rows names as its input."""
    return sha256_hex(canonical_json([[str(one[name]) for name in sorted(one)] for one in rows]))


def show_granted(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make the rows readable as facts.identity_granted."""
    columns = table_doc(TABLE).columns
    made = {one.name: pa.array([row[one.name] for row in rows], _KINDS[one.type]) for one in columns}
    show_arrow(con, TABLE, pa.table(made))


def _places(pack: Pack) -> dict[Place, Gives]:
    return {
        (process.code, step.code, outcome.code): outcome.gives
        for process in pack.processes
        for step in process.steps
        for outcome in step.outcomes
        if outcome.gives is not None
    }


def _place(row: Mapping[str, Any]) -> Place:
    return row["process_code"], row["step_code"], row["outcome_code"]


def _decided(connection: Connection, pack: Pack, places: Mapping[Place, Gives]) -> list[Row]:
    """The giving decisions of cases that are somebody's, the last of each step."""
    query = (
        select(
            *(CASE.c[name] for name in ("case_id", "process_code", "person_key", "item_code")),
            *(CASE_EVENT.c[name] for name in ("step_code", "outcome_code", "happened_at")),
        )
        .join(CASE_EVENT, CASE_EVENT.c.case_id == CASE.c.case_id)
        .where(
            CASE.c.county_code == pack.county_code,
            CASE.c.person_key.is_not(None),
            CASE_EVENT.c.happening == Happening.DECIDED,
            tuple_(CASE.c.process_code, CASE_EVENT.c.step_code, CASE_EVENT.c.outcome_code).in_(sorted(places)),
        )
        .order_by(CASE.c.case_id, CASE_EVENT.c.event_no)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return list({(row["case_id"], row["step_code"]): row for row in rows}.values())


def _last_decisions(
    connection: Connection, case_ids: Sequence[str], places: Mapping[Place, Gives]
) -> dict[tuple[str, str], date]:
    """Day of the last decision of the steps from which days count, by case and step."""
    steps = sorted({one.since_step for one in places.values() if one.since_step is not None})
    found: dict[tuple[str, str], date] = {}
    for start in range(0, len(case_ids) if steps else 0, 500):
        query = select(CASE_EVENT.c.case_id, CASE_EVENT.c.step_code, CASE_EVENT.c.happened_at).where(
            CASE_EVENT.c.case_id.in_(case_ids[start : start + 500]),
            CASE_EVENT.c.step_code.in_(steps),
            CASE_EVENT.c.happening == Happening.DECIDED,
        )
        for row in connection.execute(query.order_by(CASE_EVENT.c.case_id, CASE_EVENT.c.event_no)):
            found[row.case_id, row.step_code] = _day(row.happened_at)
    return found


def _rows(row: Mapping[str, Any], gives: Gives, earlier: Mapping[tuple[str, str], date]) -> Iterator[Row]:
    decided_on = _day(row["happened_at"])
    from_on = decided_on if gives.since_step is None else earlier[row["case_id"], gives.since_step]
    until = None if gives.months is None else months_before(decided_on, -gives.months, MonthArithmetic.CLAMP)
    codes = [gives.category_code, *([row["item_code"]] if gives.with_item and row["item_code"] else [])]
    for code in codes:
        yield {
            "case_id": row["case_id"],
            "process_code": row["process_code"],
            "person_key": row["person_key"],
            "category_code": code,
            "since": months_before(from_on, gives.back_months, MonthArithmetic.CLAMP),
            "until": until,
            "applied_on": from_on,
            "decided_at": row["happened_at"],
        }


def _day(moment: str) -> date:
    return local(datetime.fromisoformat(moment)).date()
