"""Stage known: a past assessment as it was known then beside what is known now, the difference laid to its causes, fen by fen.

Both runs are computed again from what they stored. From then to now one cause after the other comes in, in a fixed order: the
rows of facts that it changed are taken from now, everything else stays. What a cause moves is the relief with it less the
relief before it, so that the causes add up to the whole difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
from sqlalchemy import Row

from mianshen.core.errors import MianshenError
from mianshen.core.late_news import CAUSES
from mianshen.stages.frame import Job
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import require_whole, show
from mianshen.warehouse.rerun import rows_of, run_statement, stored_run, years_in
from mianshen.warehouse.sql_files import sql_text

CHANGED = "out.known_change"
"""Which row of facts changed, and by which cause."""
FACTS: Mapping[str, str] = {
    "facts.care_event": "event_id",
    "facts.enrolment_event": "event_id",
    "facts.service_event": "event_id",
    "facts.identity_span": "concat_ws('|', person_key, category_code, list_code, since)",
}
"""Facts that an assessment reads, and what names a row."""
DECIDED = ("facts.benefit_refused", "facts.order_locked")
"""What people and payments settled beside the facts, as the assessing run stored it."""
ROUND = ("out.purse_round", "out.purse_fold", "out.purse_unsettled", "out.purse_done", "out.purse_cut")
"""Statements that a run repeats until every purse holds what lies in it; a round begins with the first."""
_STATEMENTS = "checks.assess_sql"
_LAST = "out.assessment"


@dataclass(frozen=True, slots=True)
class Known:
    """What was due then, what is due now, and why."""

    then_run: str
    """The assessing run that is looked back at."""
    now_run: str
    """The run that it is compared with."""
    then_fen: int
    """Relief of all its claims."""
    now_fen: int
    """The same now."""
    causes: tuple[tuple[str, int, int], ...]
    """(cause, fen, people concerned) of causes that changed a row of facts, or the relief; their fen are the whole difference."""


def known(job: Job, *, run_id: str, against: str | None = None) -> Known:
    """The run beside the month's newest, or the one named. MianshenError RUN_UNKNOWN, RUN_DAMAGED."""
    then = _run(job, run_id, stage="assess")
    now = _run(job, against, stage="assess", month=then.month)
    with compute() as connection:
        connection.execute("create schema out")
        connection.execute("create schema facts")
        before = _stored(job, connection, then, "before")
        after = _stored(job, connection, now, "after")
        for table in FACTS:
            connection.execute(f"create table {table} as select * from {table}_after")  # noqa: S608 - names of ours
        connection.execute(f"create table {CHANGED} as {sql_text(CHANGED)}")
        _mix(connection, ())
        relief = _relief(connection, before, after)
        if relief != before.fen:
            raise MianshenError("RUN_DAMAGED", found=f"{relief} <> {before.fen}", where=f"run {then.run_id[:12]}")
        counted = f"select cause, count(distinct person_key) from {CHANGED} group by cause"  # noqa: S608 - a name of ours
        people = dict(connection.execute(counted).fetchall())
        if any(_differs(connection, table) for table in DECIDED):
            people.setdefault("decision", 0)
        found: list[tuple[str, int, int]] = []
        applied: list[str] = []
        for cause in (one for one in CAUSES if one in people):
            applied.append(cause)
            _mix(connection, applied)
            earlier, relief = relief, _relief(connection, before, after)
            found.append((cause, relief - earlier, people[cause]))
    if relief != after.fen:
        found.append((_of_rules(then, now), after.fen - relief, 0))
    return Known(then.run_id, now.run_id, before.fen, after.fen, tuple(found))


def _run(job: Job, run_id: str | None, *, stage: str, month: str | None = None) -> Row[Any]:
    return stored_run(job.ledger, stage=stage, county_code=job.county_code, month=month or str(job.month), run_id=run_id)


@dataclass(frozen=True, slots=True)
class _Side:
    """What a run stored."""

    statements: list[dict[str, Any]]
    """Rows of checks.assess_sql that make its assessment, those of the records left out."""
    fen: int
    """Relief of its claims."""


def _stored(job: Job, connection: duckdb.DuckDBPyConnection, run: Row[Any], side: str) -> _Side:
    """The run's side; its facts stand as facts.<table>_<side>. MianshenError RUN_DAMAGED when a file is not what was written."""
    (profiled,) = json.loads(run.inputs)
    facts = _run(job, profiled, stage="profile")
    decided = tuple(table for table in DECIDED if table in json.loads(run.tables))
    known = tuple(table for table in FACTS if table in json.loads(facts.tables))
    for table in (*FACTS, *DECIDED):
        show(connection, table, ())
    for one, tables in ((run, (_STATEMENTS, _LAST, *decided)), (facts, known)):
        require_whole(job.lake, one.run_id, json.loads(one.tables), tables=tables)
        for table in tables:
            show(connection, table, job.lake.files(table, run_ids=(one.run_id,)))
    for table in (*FACTS, *DECIDED):
        connection.execute(f"create table {table}_{side} as select * from {table}")  # noqa: S608 - names of ours
    made = rows_of(connection, f"select * from {_STATEMENTS} order by statement_no")  # noqa: S608 - a name of ours
    found = _Side(
        [one for one in made if not one["table_name"].startswith(("out.record_", "out.calculation_"))],
        _total(connection, _LAST),
    )
    for table in (*FACTS, *DECIDED, _STATEMENTS, _LAST):
        connection.execute(f"drop view {table}")
    return found


def _total(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select coalesce(sum(relief_fen), 0) from {table}").fetchone()  # noqa: S608 - names of ours
    return int(found[0]) if found else 0


def _differs(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the two runs stored different rows."""
    sides = (f"{table}_before", f"{table}_after")
    gone = [f"select * from {one} except all select * from {other}" for one, other in (sides, sides[::-1])]  # noqa: S608 - names of ours
    return any(connection.execute(f"{one} limit 1").fetchone() is not None for one in gone)


def _mix(connection: duckdb.DuckDBPyConnection, applied: Sequence[str]) -> None:
    """Facts of then, but of now where one of these causes changed them."""
    for table, key in FACTS.items():
        came = f"select row_key from {CHANGED} where table_name = $name and list_contains(cast($applied as varchar[]), cause)"  # noqa: S608
        connection.execute(
            f"create or replace table {table} as"  # noqa: S608 - names of ours
            f" select * from {table}_before where {key} not in ({came})"
            f" union all by name select * from {table}_after where {key} in ({came})",
            {"applied": list(applied), "name": table},
        )
    side = "after" if "decision" in applied else "before"
    for table in DECIDED:
        connection.execute(f"create or replace table {table} as select * from {table}_{side}")  # noqa: S608 - names of ours


def _relief(connection: duckdb.DuckDBPyConnection, then: _Side, now: _Side) -> int:
    """What the statements of then make of the facts; a benefit year that they do not know is computed by those of now."""
    total = 0
    covered = {year for years in years_in(then.statements) for year in years}
    for side in (then, now):
        for years in years_in(side.statements):
            wanted = years if side is then else tuple(year for year in years if year not in covered)
            total += _of_years(connection, side, years, wanted) if wanted else 0
    return total


def _of_years(connection: duckdb.DuckDBPyConnection, side: _Side, years: tuple[int, ...], wanted: tuple[int, ...]) -> int:
    """Relief of the years. Rounds that look for what no purse holds are run until nothing is found, whatever their number was."""
    mine = [one for one in side.statements if tuple(one["years"]) == years]
    for is_round, grouped in groupby(_placed(mine), key=lambda pair: pair[0]):
        listed = [one for _, one in grouped]
        together = list({one["table_name"]: one for one in listed}.values()) if is_round else listed
        is_open = True
        while is_open:
            for one in together:
                run_statement(connection, one, wanted)
            is_open = is_round and connection.execute("select 1 from out.purse_cut limit 1").fetchone() is not None
    return _total(connection, _LAST)


def _placed(statements: Sequence[dict[str, Any]]) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Each statement, with whether it belongs to a round."""
    is_round = False
    for one in statements:
        is_round = one["table_name"] == ROUND[0] or (is_round and one["table_name"] in ROUND)
        yield is_round, one


def _of_rules(then: Row[Any], now: Row[Any]) -> str:
    is_other_law, is_other_code = then.policy_hash != now.policy_hash, then.code_hash != now.code_hash
    return "policy_and_code" if is_other_law and is_other_code else "policy" if is_other_law else "code"
