"""Whom a law may concern who never asked: found in their own settlements, and asked once a year at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select

from mianshen.core.cases import Happening
from mianshen.warehouse.build import make_table
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import CASE, CASE_EVENT

TABLE = "out.invitable"
READ = ("facts.care_event", "facts.identity_span", "facts.person_month")
"""Tables of the newest run that are looked at."""

Row = dict[str, Any]


def invitable(lake: Lake, parameters: dict[str, Any], *, county_code: str) -> list[Row]:
    """Rows of out.invitable by person and item; `parameters` are what it binds."""
    with compute() as con:
        for table in READ:
            show(con, table, lake.current(table, county_code=county_code))
        make_table(con, TABLE, parameters)
        cursor = con.execute(f"select * from {TABLE} order by person_key, item_code")  # noqa: S608 - our own name
        names = [one[0] for one in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def parameters_of(
    signs: tuple[tuple[str, str], ...], covered: tuple[tuple[str, str], ...], **asked: date | int
) -> dict[str, Any]:
    """What out.invitable binds: (item, beginning of disease codes), (kind of insurance, item), since_on, as_of, least_level."""
    return {
        "sign_items": [item for item, _ in signs],
        "sign_begins": [begins for _, begins in signs],
        "covered_insutypes": [kind for kind, _ in covered],
        "covered_items": [item for _, item in covered],
        **{name: value.isoformat() if isinstance(value, date) else value for name, value in asked.items()},
    }


def unasked(
    connection: Connection, rows: Sequence[Row], *, county_code: str, process_code: str, year: int, channel: str
) -> list[Matter]:
    """The matters of the year of these rows, without those of which a case of the process runs or was opened for the year."""
    asked_for = _subjects(connection, county_code=county_code, process_code=process_code, year=year)
    found = [
        Matter(
            row["person_key"], year, person_key=row["person_key"], channel=channel, town=row["town"], item_code=row["item_code"]
        )
        for row in rows
    ]
    return [one for one in found if one.subject not in asked_for]


def _subjects(connection: Connection, *, county_code: str, process_code: str, year: int) -> set[str]:
    over = select(CASE_EVENT.c.case_id).where(
        CASE_EVENT.c.case_id == CASE.c.case_id, CASE_EVENT.c.happening == Happening.ENDED.value
    )
    query = select(CASE.c.subject_id).where(
        CASE.c.county_code == county_code,
        CASE.c.process_code == process_code,
        or_(CASE.c.benefit_year == year, ~over.exists()),
    )
    return set(connection.execute(query).scalars())
