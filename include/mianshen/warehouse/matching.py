"""What a match with a law needs to know of people: confirmed when, listed when; and what it said, kept in the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from mianshen.core.cases import Happening
from mianshen.core.matching import KnownPerson
from mianshen.core.spans import Span
from mianshen.warehouse import cases, rosters
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import CASE, CASE_EVENT, DELIVERY, MATCHED

MADE = ("out.earlier_confirmed", "out.listed_span")
"""Tables of the match."""

Row = dict[str, Any]


def known_people(
    lake: Lake, *, county_code: str, known_at: str, items: Collection[str], categories: Collection[str]
) -> dict[str, KnownPerson]:
    """Everybody who was confirmed for one of the items or listed in one of the categories, as the lists stood at the moment."""
    found: dict[str, KnownPerson] = defaultdict(KnownPerson)
    parameters = {"known_at": known_at, "items": sorted(items), "categories": sorted(categories)}
    with compute() as con:
        rosters.show_rosters(con, lake, county_code=county_code)
        for table in ("facts.roster_snapshot", "facts.identity_span"):
            show(con, table, lake.current(table, county_code=county_code))
        for table in MADE:
            make_table(con, table, parameters)
        query = "select person_key, item_code, confirmed_year, town from out.earlier_confirmed order by all"
        for person, item, year, town in con.execute(query).fetchall():
            found[person].earlier.append((item, year))
            found[person].town = town or found[person].town
        query = "select person_key, category_code, since, until from out.listed_span order by all"
        for person, category, since, until in con.execute(query).fetchall():
            found[person].listed.append((category, Span(since, until)))
    return dict(found)


def arrived(connection: Connection, *, county_code: str, month: str, lists: Collection[str]) -> dict[str, str]:
    """When the accepted delivery of each of these lists of the month came, by list; the first that was accepted."""
    query = (
        select(DELIVERY.c.list_code, DELIVERY.c.received_at)
        .where(
            DELIVERY.c.county_code == county_code,
            DELIVERY.c.partition == month,
            DELIVERY.c.list_code.in_(sorted(lists)),
            DELIVERY.c.state.in_(["ACCEPTED", "SUPERSEDED"]),
            DELIVERY.c.staged_run_id.is_not(None),
        )
        .order_by(DELIVERY.c.received_at.desc())
    )
    return {row.list_code: row.received_at for row in connection.execute(query)}


def applied(lake: Lake, *, county_code: str, lists: Collection[str]) -> list[Row]:
    """Rows of the lists that stand: list_code, list_month, person_key, item_code, town; each person and item once a list."""
    with compute() as con:
        rosters.show_rosters(con, lake, county_code=county_code)
        query = """
            select list_code, min(list_month) as list_month, person_key, category_code as item_code, min(town) as town
            from staging.roster where list_contains(cast($lists as varchar[]), list_code) and category_code is not null
            group by list_code, person_key, category_code order by list_month, list_code, person_key, item_code
        """
        cursor = con.execute(query, {"lists": sorted(lists)})
        names = [one[0] for one in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def keep(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add what a match said of cases that it opened."""
    if rows:
        connection.execute(insert(MATCHED), [dict(one) for one in rows])


def matched(connection: Connection, case_ids: Iterable[str]) -> dict[str, Row]:
    """What the match said of these cases, by case; those that it opened."""
    wanted, found = sorted(set(case_ids)), {}
    for start in range(0, len(wanted), cases.CHUNK):
        query = select(MATCHED).where(MATCHED.c.case_id.in_(wanted[start : start + cases.CHUNK]))
        found.update({row["case_id"]: dict(row) for row in connection.execute(query).mappings()})
    return found


def ended_as(connection: Connection, *, county_code: str, process_code: str, end_code: str, followed_by: str) -> list[Row]:
    """Cases of the process that ended so and whose subject has no case yet in the process that follows, by id."""
    follower = CASE.alias("follower")
    has_one = exists(follower.c.case_id).where(
        follower.c.county_code == CASE.c.county_code,
        follower.c.process_code == followed_by,
        follower.c.subject_id == CASE.c.subject_id,
        follower.c.benefit_year == CASE.c.benefit_year,
    )
    query = (
        select(CASE)
        .join(CASE_EVENT, CASE_EVENT.c.case_id == CASE.c.case_id)
        .where(
            CASE.c.county_code == county_code,
            CASE.c.process_code == process_code,
            CASE_EVENT.c.happening == Happening.ENDED,
            CASE_EVENT.c.outcome_code == end_code,
            ~has_one,
        )
        .order_by(CASE.c.case_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
