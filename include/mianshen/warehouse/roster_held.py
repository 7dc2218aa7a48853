"""What a list said of a month as it was known at an earlier moment, beside what is known now; keys and counts, no name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mianshen.core.days import Month
from mianshen.core.errors import MianshenError
from mianshen.warehouse import deliveries, lake, rosters
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake

TABLE = "out.roster_held"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the lists."""

    county_code: str
    """Whose lists."""
    month: Month
    """The month in which an identity is held."""
    as_known: str
    """The earlier moment, ISO with zone."""
    seen_at: str
    """The later one."""
    essential_lists: Collection[str] = ()
    """Lists without which an identity is provisional."""
    partial_lists: Collection[str] = ()
    """Lists whose absences end nothing."""
    application_lists: Collection[str] = ()
    """Lists by which people apply: nobody holds anything by standing there."""


@dataclass(frozen=True, slots=True)
class Counted:
    """People of a list and category, then and now."""

    list_code: str
    """Which list."""
    category_code: str
    """Which category."""
    then: int
    """Held as known then."""
    now: int
    """Held as known now."""
    causes: tuple[tuple[str, int], ...]
    """Reason codes of those held then or now alone, with how many."""


@dataclass(frozen=True, slots=True)
class HeldIdentity:
    """One person's identity, then and now."""

    list_code: str
    """Which list."""
    category_code: str
    """Which category."""
    was_held: bool
    """As known then."""
    is_held: bool
    """As known now."""
    was_provisional: bool
    """Whether it rested then on a list that had not come."""
    reason_code: str | None
    """Why they differ."""


def held(store: Lake, asked: Asked) -> list[Counted]:
    """People by list and category."""
    query = f"""
        select list_code, category_code, count(*) filter (where was_held), count(*) filter (where is_held),
            list(reason_code order by reason_code) filter (where reason_code is not null)
        from {TABLE} group by list_code, category_code order by list_code, category_code
    """  # noqa: S608 - our own name
    return [
        Counted(code, category, then, now, tuple((one, causes.count(one)) for one in sorted(set(causes or ()))))
        for code, category, then, now, causes in _rows(store, asked, query, {})
    ]


def held_by(store: Lake, asked: Asked, person_key: str) -> list[HeldIdentity]:
    """One person's identities of the month."""
    query = f"""
        select list_code, category_code, was_held, is_held, was_provisional, reason_code
        from {TABLE} where person_key = $person_key order by list_code, category_code
    """  # noqa: S608 - our own name
    return [HeldIdentity(*row) for row in _rows(store, asked, query, {"person_key": person_key})]


def person_at(store: Lake, *, delivery_id: str, line_no: int) -> str:
    """The person_key of a row of a list; MianshenError LINK_ROW_UNKNOWN when there is none."""
    with store.engine.connect() as connection:
        delivery = deliveries.find(connection, delivery_id)
    runs = {delivery["keyed_run_id"]} if delivery is not None and delivery["keyed_run_id"] else set()
    with compute() as con:
        lake.show(con, "staging.roster_keyed", store.files("staging.roster_keyed", run_ids=runs))
        query = "select person_key from staging.roster_keyed where delivery_id = $delivery_id and line_no = $line_no"
        found = con.execute(query, {"delivery_id": delivery_id, "line_no": line_no}).fetchone()
    if found is None or found[0] is None:
        raise MianshenError("LINK_ROW_UNKNOWN", found=f"{delivery_id}:{line_no}", where="staging.roster_keyed")
    return str(found[0])


def _rows(store: Lake, asked: Asked, query: str, parameters: dict[str, str]) -> list[tuple[Any, ...]]:
    spans = {
        "run_month": str(asked.month),
        "essential_lists": sorted(asked.essential_lists),
        "partial_lists": sorted(asked.partial_lists),
        "application_lists": sorted(asked.application_lists),
    }
    with compute() as con:
        rosters.show_rosters(con, store, county_code=asked.county_code)
        rosters.make_spans(con, spans, known_at=asked.as_known)
        con.execute(f"create or replace table {rosters.SPANS}_before as select * from {rosters.SPANS}")  # noqa: S608
        rosters.make_spans(con, spans, known_at=asked.seen_at)
        bound = {
            "month": str(asked.month),
            "first_on": asked.month.first_day.isoformat(),
            "next_on": (asked.month.last_day + timedelta(days=1)).isoformat(),
            "as_known": asked.as_known,
        }
        make_table(con, TABLE, bound)
        return con.execute(query, parameters).fetchall()
