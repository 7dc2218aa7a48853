"""What approval routing must know of persons and events: a person's town, and whose data carry a flag."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from mianshen.warehouse.sql_files import sql_text

FLAGS: tuple[str, ...] = ("NAME_DOUBTFUL", "NAMES_DIFFER", "ACCOUNT_FLAGGED", "IDENTITY_TOLERATED")
"""Flags that concern the payee, his account or the money; a flag on an unknown code or a missing day is none of them."""


def towns(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The last known town of every person; needs facts.person_month."""
    rows = con.execute(
        "select person_key, max_by(town, calendar_month) from facts.person_month where town is not null group by person_key"
    )
    return {person: town for person, town in rows.fetchall()}


def cautious_persons(con: duckdb.DuckDBPyConnection, *, deliveries: Sequence[str]) -> set[str]:
    """Persons with a flag or a shared account on the lists of these deliveries; needs staging.roster."""
    rows = con.execute(sql_text("out.person_caution"), {"deliveries": list(deliveries), "flags": list(FLAGS)})
    return {row[0] for row in rows.fetchall()}


def cautious_events(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Events whose settlement carries a flag; needs facts.care_event."""
    return {row[0] for row in con.execute(sql_text("out.item_event_flag"), {"flags": list(FLAGS)}).fetchall()}


def cautious_years(con: duckdb.DuckDBPyConnection) -> set[tuple[str, int]]:
    """(person_key, benefit_year) with an event whose settlement carries a flag; needs facts.care_event."""
    query = "select distinct person_key, benefit_year from facts.care_event where list_has_any(flags, $flags)"
    return {(person, year) for person, year in con.execute(query, {"flags": list(FLAGS)}).fetchall()}
