"""A small county as profile leaves it, with people whom the radar sees."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert, select
from tests.sql.given import given
from tests.sql.leads_planted import Planted
from tests.sql.radar_planted import care
from tests.stages.money_county import County

from mianshen.warehouse.connect import compute
from mianshen.warehouse.ledger import DELIVERY

TOWN = "花源街道"
LISTED = "minzheng_shehuijiuzhu"
"""The list that names villages, and its delivery here."""
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


def gridded(county: County, places: dict[str, str]) -> None:
    """A list came, and its reading found out in which grid these people live."""
    con = compute()
    with county.job.lake.writing(county.job.run_spec("deidentify", inputs=("grids",))) as run:
        named = [{"person_key": county.people[name], "grid_code": grid} for name, grid in sorted(places.items())]
        rows = [{**one, "delivery_id": LISTED, "line_no": line, "town": TOWN} for line, one in enumerate(named, 2)]
        given(con, "staging.roster_grid", *rows)
        run.write(con, "staging.roster_grid", "select * from staging.roster_grid order by line_no")
        run_id = county.job.lake.commit(run)
    text = dict.fromkeys(("department_code", "partition", "content_sha256", "file_name", "received_at"), "2026-10")
    counts = dict.fromkeys(("version", "size_bytes", "rows_in", "rows_accepted", "rows_quarantined", "rows_ignored"), 0)
    place = {"delivery_id": LISTED, "county_code": county.job.county_code, "feed": "roster", "list_code": LISTED}
    with county.job.ledger.begin() as connection:
        connection.execute(insert(DELIVERY).values(**text, **counts, **place, state="ACCEPTED", keyed_run_id=run_id))


def rows(county: County, table: Any) -> list[dict[str, Any]]:
    with county.job.ledger.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]
