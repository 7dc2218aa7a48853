"""The window's queries in the ledger: who did what when and why, and whether the account may ask again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from mianshen.core.errors import MianshenError
from mianshen.core.window import SEARCHES_AN_HOUR, Purpose, Sought
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import AWARD_POSTING, PAYEE_RELATION, WINDOW_QUERY
from mianshen.warehouse.person_facts import CARE, FEES, SPANS

SEARCHED, OPENED, NAMED, PRINTED = "searched", "opened", "named", "printed"
"""What a clerk does."""


def record_query(
    connection: Connection,
    act: str,
    *,
    purpose: Purpose,
    sought: Sought | None = None,
    county_code: str,
    actor: str,
    at: datetime,
) -> None:
    """Write what the clerk is about to do; MianshenError SEARCH_TOO_OFTEN for a search beyond SEARCHES_AN_HOUR."""
    query = WINDOW_QUERY.c
    if act == SEARCHED:
        since = (at - timedelta(hours=1)).isoformat(timespec="seconds")
        asked = select(func.count()).where(query.actor == actor, query.asked_at > since, query.act == SEARCHED)
        if connection.execute(asked).scalar_one() >= SEARCHES_AN_HOUR:
            raise MianshenError("SEARCH_TOO_OFTEN", found=f"{SEARCHES_AN_HOUR}", where=actor)
    values = {
        "county_code": county_code,
        "actor": actor,
        "asked_at": at.isoformat(timespec="seconds"),
        "act": act,
        "sought": None if sought is None else sought.value,
        "purpose": purpose.value,
    }
    connection.execute(insert(WINDOW_QUERY), values)


def known_here(lake: Lake, people: Iterable[str], *, county_code: str) -> list[str]:
    """Those of these people of whom the county's data or ledger hold anything, in order: a register may serve several."""
    wanted = sorted(set(people))
    found: set[str] = set()
    with compute() as con:
        for table in (CARE, FEES, SPANS):
            show(con, table, lake.current(table, county_code=county_code))
            query = f"select distinct person_key from {table} where list_contains(cast($people as varchar[]), person_key)"  # noqa: S608 - names of ours
            found |= {key for (key,) in con.execute(query, {"people": wanted}).fetchall()}
    relation, posting = PAYEE_RELATION.c, AWARD_POSTING.c
    with lake.engine.connect() as connection:
        for asked in (
            select(posting.person_key).where(posting.county_code == county_code, posting.person_key.in_(wanted)),
            select(relation.payee_key).where(relation.county_code == county_code, relation.payee_key.in_(wanted)),
        ):
            found |= set(connection.execute(asked.distinct()).scalars())
    return sorted(found)
