"""Many claims assessed people by people: each part of the people in a catalog of its own, its results written before the next.

What a claim gets depends on the claims of its person alone, so the parts are independent; the tables between the statements are
as large as one part. The statements are those of the whole, to the letter: a part shows them its own facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from mianshen.core.codes import REASONS
from mianshen.core.plan import EventKind, Plan
from mianshen.warehouse.assessing import RESULTS, UNSHOWN, Prepared, Ran, assess_prepared, know_decided, prepare
from mianshen.warehouse.build import make_file, make_table
from mianshen.warehouse.compile_service import ASSESSED
from mianshen.warehouse.records import show_sayings
from mianshen.warehouse.sql_files import sql_text

FACTS = ("facts.care_event", "facts.enrolment_event", "facts.identity_span", *UNSHOWN)
"""What the statements read; every row is of one person."""
KINDS = frozenset(one.value for one in EventKind)
"""Parameters that bind a kind of claim are named by it."""
WORD = "word"
"""The type whose values are those words."""
CLAIMS = ("facts.care_event", "facts.enrolment_event", ASSESSED)
"""Of these the claims."""
SOME = 50_000
"""Claims by which the people are parted."""
CLAIM, CHAIN, LINE, VERDICT = "out.claim", "out.award_chain", "out.award_line", "out.assessment"
"""Tables whose texts, keys apart, are words of a closed list."""
_LITERAL = re.compile(r"'([A-Za-z_]+)'")
PAIRS = "checks.assess_pair"
"""The rates that records read, alike in every part."""
ROW_BYTES = 600
"""Of memory that a claim takes while its part is assessed: 410 by the peak of a million claims of which three of five are
covered, half as much again so that nothing spills."""
RECORD_BYTES = 3_000
"""Of memory that its record takes beside that while it is put into words: 2,400 by the peaks of 300,000 and 600,000 claims with
a stepped rate, each with its trace and sentence, and a quarter more for people of several categories."""
MOST_PARTS = 64
"""Every part plans its statements anew, some tenths of a second."""
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
    prepared = prepare(connection, plans, with_records=with_records)
    words = _words_of(prepared)
    longest: list[list[Ran]] = [[] for _ in plans]
    for part, (since, until) in enumerate(_edges(connection, parts)):
        with _part_of(connection, since, until) as home:
            connection.execute(f"create type {WORD} as enum (select unnest($words))", {"words": words})
            for place, one in enumerate(prepared):
                write = _Writer(kept, folder, f"part-{part}-{place}.parquet", with_records)
                ran = assess_prepared(connection, [one], make=write, on=on)
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


def _edges(connection: duckdb.DuckDBPyConnection, parts: int) -> list[tuple[str | None, str | None]]:
    """Ranges of keys, first and excluded last, with about as many claims each: facts lie in the order of the keys, so that a part
    reads what is its own. Open ends are none; keys at the edges are those of some of the people, so that only these are sorted.
    """
    some = "hash(person_key) % cast($every as ubigint) = 0"
    rows = " + ".join(f"(select count(*) from {one})" for one in CLAIMS)  # noqa: S608 - names of ours
    keys = " union all ".join(f"select person_key from {one} where {some}" for one in CLAIMS)  # noqa: S608 - names of ours
    query = f"""
        select min(person_key)
        from (select person_key, ntile($parts) over (order by person_key) as part from ({keys}))
        where part > 1
        group by part
        order by part
    """  # noqa: S608 - names of ours
    claims = connection.execute(f"select {rows}").fetchall()[0][0]
    asked = {"parts": parts, "every": 1 + int(claims) // SOME}
    edges = [key for (key,) in connection.execute(query, asked).fetchall()]
    return list(zip([None, *edges], [*edges, None], strict=True))


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
    with_records: bool
    """Whether records are made of the claims: they compare the kinds of claims with those of the verdicts, letter by letter."""

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], *, text: str | None
    ) -> None:
        """Make the table."""
        bound, worded = self._worded(connection, table, parameters, text)
        if table not in self.kept:
            make_table(connection, table, bound, text=worded)
            return
        make_file(connection, table, bound, text=worded, file=self.folder / table / self.name, options=_FORMAT)

    def _worded(
        self, connection: duckdb.DuckDBPyConnection, table: str, parameters: Mapping[str, Any], text: str | None
    ) -> tuple[Mapping[str, Any], str | None]:
        """The statement with its words as numbers of the list of words, so that nothing copies their letters or looks them up."""
        if table == LINE:
            return self._bound(connection, parameters, frozenset(parameters)), text
        if table == VERDICT:
            return parameters, _LITERAL.sub(rf"'\1'::{WORD}", sql_text(table))
        if self.with_records or table not in {CLAIM, CHAIN}:
            return parameters, text
        if table == CLAIM:
            stopped = ", ".join(f"cast({one} as {WORD}) as {one}" for one in ("stopped_state", "stopped_code"))
            text = f"select * replace ({stopped}) from ({text})"  # noqa: S608 - a statement of ours
        return self._bound(connection, parameters, KINDS), text

    @staticmethod
    def _bound(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any], which: frozenset[str]) -> dict[str, Any]:
        """The parameters, texts among those named as words."""
        kind = connection.dtype(WORD)
        return {
            name: duckdb.Value(one, kind) if isinstance(one, str) and name in which else one for name, one in parameters.items()
        }


def _words_of(prepared: Sequence[Prepared]) -> list[str]:
    """All words of the tables: what the statements bind, the closed list of reasons, and what the verdicts' file says."""
    bound = {value for one in prepared for made in one.statements for value in made.parameters.values() if isinstance(value, str)}
    return sorted(bound | REASONS.keys() | set(_LITERAL.findall(sql_text(VERDICT))))


@contextmanager
def _part_of(connection: duckdb.DuckDBPyConnection, since: str | None, until: str | None) -> Iterator[str]:
    """The connection in a catalog whose facts are those of the people with these keys, gone after the block; the home's name."""
    home = connection.execute("select current_database()").fetchall()[0][0]
    connection.execute("attach ':memory:' as part_of_people")
    connection.execute("use part_of_people")
    try:
        connection.execute("create schema facts")
        edges = {"part_since": (since, ">="), "part_until": (until, "<")}
        asked = [f"person_key {sign} getvariable('{name}')" for name, (key, sign) in edges.items() if key is not None]
        for name, (key, _) in edges.items():
            connection.execute(f"set variable {name} = $key", {"key": key})
        theirs = " and ".join(["true", *asked])
        for table in FACTS:
            connection.execute(f"create view {table} as select * from {home}.{table} where {theirs}")  # noqa: S608 - names of ours
        yield home
    finally:
        connection.execute(f"use {home}")
        connection.execute("detach part_of_people")
