"""The care of everybody insured, where a county is sent it: beyond staging stands only who is listed or over the radar's line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from mianshen.core.pack import Pack
from mianshen.warehouse.build import make_table
from mianshen.warehouse.ledger import AWARD_POSTING

KEPT = "facts.person_kept"
BY_PERSON = (
    "facts.care_event",
    "facts.refund",
    "facts.refund_quarantined",
    "facts.enrolment_event",
    "facts.service_event",
    "facts.person_digest",
    "facts.person_month",
)
"""Tables whose rows say whom they are about."""
BY_CLAIM = {
    "facts.claim_review": "event_id in (select event_id from facts.care_event)",
    "facts.settlement_replaced": (
        "setl_id in (select event_id from facts.care_event union all select refund_id from facts.refund)"
    ),
}
"""Tables whose rows name a claim; those of claims that stand are kept."""


def purpose_of(pack: Pack) -> str | None:
    """What the county is sent the care of everybody insured for; None where it is sent that of listed people."""
    return next((one.whole_insured_for for one in pack.contracts if one.whole_insured_for is not None), None)


def known_people(connection: Connection, *, county_code: str) -> list[str]:
    """Who has a posting in the ledger: what was paid must be reckoned again whatever became of the list."""
    query = select(AWARD_POSTING.c.person_key).where(AWARD_POSTING.c.county_code == county_code).distinct()
    return sorted(connection.execute(query).scalars())


def keep_listed(con: duckdb.DuckDBPyConnection, lines: Mapping[str, Any]) -> int:
    """Drop the rows of everybody else from the facts in this DuckDB; how many people (人) were dropped.

    `lines` are those of core.radar.LIMITS and {seen_on, known_people}: the day, and who has a posting in the ledger.
    """
    make_table(con, KEPT, lines)
    others = f"person_key not in (select person_key from {KEPT})"  # noqa: S608 - our names
    found = con.execute(f"select count(distinct person_key) from facts.care_event where {others}").fetchall()  # noqa: S608 - our names
    for table in BY_PERSON:
        con.execute(f"delete from {table} where {others}")  # noqa: S608 - our names
    for table, stands in BY_CLAIM.items():
        con.execute(f"delete from {table} where not ({stands})")  # noqa: S608 - our names
    return int(found[0][0])
