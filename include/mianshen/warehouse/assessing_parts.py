"""Many claims assessed people by people: each part of the people in a catalog of its own, its results written before the next.

What a claim gets depends on the claims of its person alone, so the parts are independent; the tables between the statements are
as large as one part. The statements are those of the whole, to the letter: a part shows them its own facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from mianshen.core.plan import Plan
from mianshen.warehouse.assessing import RESULTS, UNSHOWN, Ran, assess_claims, know_decided
from mianshen.warehouse.build import make_file, make_table
from mianshen.warehouse.records import show_sayings

FACTS = ("facts.care_event", "facts.enrolment_event", "facts.identity_span", *UNSHOWN)
"""What the statements read; every row is of one person."""
WORDED = "out.award_line"
"""The result whose texts are words that its statement binds."""
PAIRS = "checks.assess_pair"
"""The rates that records read, alike in every part."""
ROW_BYTES = 340
"""Of memory that a claim takes while its part is assessed, measured on claims of which three of five are covered."""
RECORD_BYTES = 3_000
"""Allowed for its record beside that while it is put into words; an estimate, to be measured on a county of millions."""
MOST_PARTS = 8
"""Each part reads the facts again, so that more parts than these cost more than what they spill."""
_FORMAT = "format parquet, parquet_version v2, compression zstd, compression_level 1, dictionary_size_limit 1000"


def parts_for(connection: duckdb.DuckDBPyConnection, *, with_records: bool = False) -> int:
    """How many parts fit the connection's memory limit one after the other, 1 to MOST_PARTS."""
    query = """
        select
            (select count(*) from facts.care_event) + (select count(*) from facts.enrolment_event),
            parse_formatted_bytes(current_setting('memory_limit'))
    """
    rows, limit = connection.execute(query).fetchall()[0]
    asked = int(rows) * (ROW_BYTES + (RECORD_BYTES if with_records else 0))
    return max(1, min(MOST_PARTS, -(-asked // int(limit))))


def assess_in_parts(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[tuple[Plan, Sequence[int]]],
    *,
    parts: int,
    folder: Path,
    with_records: bool = False,
    on: date | None = None,
) -> list[Ran]:
    """Make what `assess_claims` makes as views of the Parquet files that each part writes to the folder, which is new.

    The arguments are those of `assess_claims`, and so are the rows and what is returned.
    """
    know_decided(connection)
    kept = [f"out.{one}" for one in (*RESULTS, *(["calculation_record"] if with_records else []))]
    for table in kept:
        (folder / table).mkdir(parents=True)
    longest: list[list[Ran]] = [[] for _ in plans]
    for part in range(parts):
        with _part_of(connection, part, parts) as home:
            for place, one in enumerate(plans):
                write = _Writer(kept, folder, f"part-{part}-{place}.parquet")
                spans = f"{home}.facts.identity_span"
                ran = assess_claims(connection, [one], with_records=with_records, make=write, on=on, spans=spans)
                longest[place] = max(longest[place], ran, key=len)
                if with_records and part == 0:
                    _keep_pairs(connection, home, is_first=place == 0)
    if with_records:
        show_sayings(connection)
    for table in kept:
        connection.execute(f"create schema if not exists {table.split('.')[0]}")
        files = f"read_parquet('{folder / table}/*.parquet')"
        connection.execute(f"create or replace view {table} as select * from {files}")  # noqa: S608 - names of ours
    return [one for ran in longest for one in ran]


def _keep_pairs(connection: duckdb.DuckDBPyConnection, home: str, *, is_first: bool) -> None:
    """Carry the rates of a plan out of the part's catalog."""
    connection.execute(f"create schema if not exists {home}.checks")
    verb = f"create or replace table {home}.{PAIRS} as" if is_first else f"insert into {home}.{PAIRS}"
    connection.execute(f"{verb} select * from {PAIRS}")  # noqa: S608 - names of ours


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes what is kept as files and every other table in memory."""

    kept: Sequence[str]
    """Tables that are kept."""
    folder: Path
    """Of the files, those of each table in its own folder."""
    name: str
    """The file's name."""

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], *, text: str | None
    ) -> None:
        """Make the table."""
        if table not in self.kept:
            make_table(connection, table, parameters, text=text)
            return
        bound = _as_words(connection, parameters) if table == WORDED else parameters
        make_file(connection, table, bound, text=text, file=self.folder / table / self.name, options=_FORMAT)


def _as_words(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, each text as one of the few words that there are: Parquet takes their numbers and looks no word up."""
    words = sorted({one for one in parameters.values() if isinstance(one, str)})
    connection.execute("create or replace type word as enum (select unnest($words))", {"words": words})
    kind = connection.dtype("word")
    return {name: duckdb.Value(one, kind) if isinstance(one, str) else one for name, one in parameters.items()}


@contextmanager
def _part_of(connection: duckdb.DuckDBPyConnection, part: int, parts: int) -> Iterator[str]:
    """The connection in a new catalog whose facts are those of one part of the people, gone after the block; the home's name."""
    home = connection.execute("select current_database()").fetchall()[0][0]
    connection.execute("attach ':memory:' as part_of_people")
    connection.execute("use part_of_people")
    try:
        connection.execute("create schema facts")
        for table in FACTS:
            theirs = f"hash(person_key) % {parts} = {part}"
            connection.execute(f"create view {table} as select * from {home}.{table} where {theirs}")  # noqa: S608 - names of ours
        yield home
    finally:
        connection.execute(f"use {home}")
        connection.execute("detach part_of_people")
