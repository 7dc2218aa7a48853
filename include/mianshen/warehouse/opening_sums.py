"""Sums of the year as they stood when the county went live: what the claims of before that day give by themselves.

What was due before is an opening, never paid again. A claim has its day; a sum has many, so its opening is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from mianshen.core.plan import Plan
from mianshen.warehouse.assessing import assess_claims

OPENING = "out.award_opening"
"""The table."""
_SCHEMA = pa.schema(
    [("person_key", pa.string()), ("benefit_code", pa.string()), ("benefit_year", pa.int32()), ("amount_fen", pa.int64())]
)


def leaping(plans: Sequence[tuple[Plan, Sequence[int]]], *, go_live_on: date | None) -> list[tuple[Plan, Sequence[int]]]:
    """The plan with a sum of the year that governs the year of the go-live day; none where every sum lies on one side of it."""
    if go_live_on is None:
        return []
    year = go_live_on.year
    return [(plan, (year,)) for plan, years in plans if year in years and any(one.is_year_jump for one in plan.benefits)]


def opening_sums(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[tuple[Plan, Sequence[int]]], *, go_live_on: date
) -> pa.Table:
    """Rows of out.award_opening; `plans` is what `leaping` gives. The connection's facts lose the claims from the day on."""
    if not plans:
        return _SCHEMA.empty_table()
    care_on = "until_on" if plans[0][0].benefit_year_by == "discharge" else "settled_on"
    for table, event_on in (("facts.care_event", care_on), ("facts.enrolment_event", "paid_on")):
        kept = f"select * from {table} where {event_on} < $day"  # noqa: S608 - names of ours
        connection.execute(f"create or replace temp table earlier as {kept}", {"day": go_live_on})
        connection.execute(f"drop view {table}")
        connection.execute(f"create table {table} as select * from earlier")  # noqa: S608 - names of ours
    assess_claims(connection, plans)
    found = connection.sql("""
        select person_key, benefit_code, benefit_year, cast(sum(amount_fen) as bigint) as amount_fen
        from out.award_line
        where event_id is null
        group by person_key, benefit_code, benefit_year
    """)
    return found.to_arrow_table().cast(_SCHEMA)
