"""A small county as profile leaves it, with people whom the radar sees."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from tests.sql.given import given
from tests.sql.leads_planted import Planted
from tests.sql.radar_planted import care
from tests.stages.money_county import County

from mianshen.warehouse.connect import compute

TOWN = "花源街道"
FACTS = ("facts.care_event", "facts.identity_span", "facts.roster_snapshot", "facts.enrolment_event", "facts.person_month")


def profiled(county: County, planted: Planted, *, lists: bool = True) -> None:
    """Write what profile would: the planted facts, and a snapshot of every expected list."""
    for one in county.job.pack.lists if lists else ():
        planted.add("facts.roster_snapshot", delivery_id=one.list_code, list_code=one.list_code, list_month="2026-10")
    con = compute()
    county.moves += 1
    with county.job.lake.writing(county.job.run_spec("profile", inputs=(f"facts {county.moves}",))) as run:
        for table in FACTS:
            given(con, table, *planted.rows.get(table, []))
            run.write(con, table, f"select * from {table} order by all")
        county.job.lake.commit(run)


def over_line(county: County, *names: str, town: str | None = TOWN) -> Planted:
    planted = Planted()
    for name in names:
        person = county.people[name]
        care(planted, name, person=person, since=date(2026, 10, 1), borne=2_000_000)
        planted.add("facts.person_month", person_key=person, calendar_month="2026-10", town=town)
    return planted


def rows(county: County, table: Any) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]
