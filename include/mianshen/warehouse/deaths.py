"""Persons whose death has been told, by the newest version of each notice, and care that began after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa
from sqlalchemy import select

from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import DELIVERY


def dead(store: Lake, *, county_code: str) -> dict[str, date]:
    """Day of death by person_key, as the notices that stand tell it; the earliest of several."""
    wanted = (DELIVERY.c.county_code == county_code, DELIVERY.c.feed == "notice", DELIVERY.c.state == "ACCEPTED")
    query = select(DELIVERY.c.delivery_id, DELIVERY.c.staged_run_id).where(*wanted, DELIVERY.c.staged_run_id.is_not(None))
    with store.engine.connect() as connection:
        standing = connection.execute(query.order_by(DELIVERY.c.received_at, DELIVERY.c.version, DELIVERY.c.delivery_id)).all()
    if not standing:
        return {}
    with compute() as con:
        lake.show(con, "staging.notice", store.files("staging.notice", run_ids={row.staged_run_id for row in standing}))
        newest = """
            select person_key, min(happened_on) as died_on from (
                select person_key, notice_code, happened_on, list_position($deliveries, delivery_id) as place
                from staging.notice where list_contains($deliveries, delivery_id)
                qualify row_number() over (partition by list_code, notice_id order by place desc, line_no desc) = 1
            ) as told where notice_code = 'DEATH' and happened_on is not null and person_key is not null
            group by person_key
        """
        found = con.execute(newest, {"deliveries": [row.delivery_id for row in standing]}).fetchall()
    return dict(found)


def show_dead(con: duckdb.DuckDBPyConnection, died_on: Mapping[str, date]) -> None:
    """Make who died, and when, readable as facts.death_told."""
    rows = pa.table(
        {"person_key": pa.array(list(died_on), pa.string()), "died_on": pa.array(list(died_on.values()), pa.date32())}
    )
    con.execute("create schema if not exists facts")
    con.register("death_told_rows", rows)
    con.execute("create or replace view facts.death_told as select * from death_told_rows")


def after_death(store: Lake, gone: Mapping[str, date], *, county_code: str) -> frozenset[str]:
    """Events of these dead whose care began after the day of death; care of the day itself, or settled later, is theirs."""
    if not gone:
        return frozenset()
    with compute() as con:
        for table in ("facts.care_event", "out.award_line"):
            lake.show(con, table, store.current(table, county_code=county_code))
        query = """
            with gone as (select unnest($people) as person_key, unnest($days) as died_on)
            select distinct l.event_id
            from out.award_line as l
            inner join gone as g on l.person_key = g.person_key
            left join facts.care_event as c on l.event_id = c.event_id
            where l.event_id is not null and coalesce(c.since, l.event_on) > g.died_on
        """
        people = sorted(gone)
        found = con.execute(query, {"people": people, "days": [gone[one] for one in people]}).fetchall()
    return frozenset(event_id for (event_id,) in found)
