"""Many claims assessed people by people: each part of the people in a catalog of its own, its results written before the next.

What a claim gets depends on the claims of its person alone, so the parts are independent; the tables between the statements are
as large as one part. The statements are those of the whole, to the letter: a part shows them its own facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from mianshen.core.plan import Plan
from mianshen.warehouse.assessing import RESULTS, UNSHOWN, assess_claims, know_decided
from mianshen.warehouse.build import make_file, make_table

FACTS = ("facts.care_event", "facts.enrolment_event", "facts.identity_span", *UNSHOWN)
"""What the statements read; every row is of one person."""
ROW_BYTES = 340
"""Of memory that a claim takes while its part is assessed, measured on claims of which three of five are covered."""
MOST_PARTS = 8
"""Each part reads the facts again, so that more parts than these cost more than what they spill."""
_FORMAT = "format parquet, parquet_version v2, compression zstd, compression_level 1, dictionary_size_limit 1000"


def parts_for(connection: duckdb.DuckDBPyConnection) -> int:
    """How many parts fit the connection's memory limit one after the other, 1 to MOST_PARTS."""
    query = """
        select
            (select count(*) from facts.care_event) + (select count(*) from facts.enrolment_event),
            parse_formatted_bytes(current_setting('memory_limit'))
    """
    rows, limit = connection.execute(query).fetchall()[0]
    return max(1, min(MOST_PARTS, -(-int(rows) * ROW_BYTES // int(limit))))


def assess_in_parts(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[tuple[Plan, Sequence[int]]], *, parts: int, folder: Path
) -> None:
    """Make out.award_line and out.assessment as views of the Parquet files that each part writes to the folder, which is new.

    The arguments are those of `assess_claims`, and so are the rows; records are not made.
    """
    know_decided(connection)
    for table in RESULTS:
        (folder / table).mkdir(parents=True)
    for part in range(parts):
        with _part_of(connection, part, parts):
            for place, one in enumerate(plans):
                assess_claims(connection, [one], make=_Writer(folder, f"part-{part}-{place}.parquet"))
    connection.execute("create schema if not exists out")
    for table in RESULTS:
        files = f"read_parquet('{folder / table}/*.parquet')"
        connection.execute(f"create or replace view out.{table} as select * from {files}")  # noqa: S608 - names of ours


@dataclass(frozen=True, slots=True)
class _Writer:
    """Makes results as files and every other table in memory."""

    folder: Path
    """Of the results, each in its own folder."""
    name: str
    """The file's name."""

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], *, text: str | None
    ) -> None:
        """Make the table."""
        bare = table.split(".")[1]
        if bare in RESULTS:
            make_file(connection, table, parameters, text=text, file=self.folder / bare / self.name, options=_FORMAT)
        else:
            make_table(connection, table, parameters, text=text)


@contextmanager
def _part_of(connection: duckdb.DuckDBPyConnection, part: int, parts: int) -> Iterator[None]:
    """The connection in a new catalog whose facts are those of one part of the people; it is gone after the block."""
    home = connection.execute("select current_database()").fetchall()[0][0]
    connection.execute("attach ':memory:' as part_of_people")
    connection.execute("use part_of_people")
    try:
        connection.execute("create schema facts")
        for table in FACTS:
            theirs = f"hash(person_key) % {parts} = {part}"
            connection.execute(f"create view {table} as select * from {home}.{table} where {theirs}")  # noqa: S608 - names of ours
        yield
    finally:
        connection.execute(f"use {home}")
        connection.execute("detach part_of_people")
