"""A past assessment beside a later one: facts of then turned into facts of now cause by cause, assessed anew after each.

Both runs are computed again from what they stored. From then to now one cause after the other comes in, in a fixed order: the
rows of facts that it changed are taken from now, everything else stays. What a cause moves is a figure with it less the figure
before it, so that the causes add up to the whole difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb
from sqlalchemy import Row

from mianshen.core.late_news import CAUSES
from mianshen.warehouse.lake import Lake, require_whole, show
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
ASSESSED = "out.assessment"
"""What each side stored in the end, and what is made anew after each cause."""
_MIXED = "out.assessment_mixed"
_STATEMENTS = "checks.assess_sql"
_BASIS = "checks.assess_basis"

Figures = Mapping[tuple[str, ...], int]
"""Numbers by what names them; a number that is not there is 0."""
Measure = Callable[[duckdb.DuckDBPyConnection], Figures]
"""Counts the facts and the assessment as they stand in the connection."""


@dataclass(frozen=True, slots=True)
class Side:
    """What a run stored; its facts stand as facts.<table>_before or facts.<table>_after."""

    run: Row[Any]
    """The assessing run's row."""
    statements: list[dict[str, Any]]
    """Rows of checks.assess_sql that make its assessment, those of the records left out."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a cause moved."""

    cause: str
    """A code of core.late_news.CAUSES."""
    people: int
    """People of whom it changed a row of facts; 0 where it changed none."""
    moved: Figures
    """Each figure with it less the figure before it; those that it left alone are absent."""


def show_sides(connection: duckdb.DuckDBPyConnection, lake: Lake, *, then: Row[Any], now: Row[Any]) -> tuple[Side, Side]:
    """Both runs' facts as tables, and out.known_change between them. MianshenError RUN_UNKNOWN, RUN_DAMAGED."""
    for schema in ("out", "facts"):
        connection.execute(f"create schema if not exists {schema}")
    sides = _stored(connection, lake, then, "before"), _stored(connection, lake, now, "after")
    for table in FACTS:
        connection.execute(f"create table {table} as select * from {table}_after")  # noqa: S608 - names of ours
    connection.execute(f"create table {CHANGED} as {sql_text(CHANGED)}")
    return sides


def measured(connection: duckdb.DuckDBPyConnection, side: str, measure: Measure) -> Figures:
    """The figures of one side, `before` or `after`, with the assessment that it stored."""
    for table in FACTS:
        connection.execute(f"create or replace table {table} as select * from {table}_{side}")  # noqa: S608 - names of ours
    connection.execute(f"create or replace table {ASSESSED} as select * from {ASSESSED}_{side}")  # noqa: S608 - names of ours
    return measure(connection)


def assess_then(connection: duckdb.DuckDBPyConnection, sides: tuple[Side, Side], measure: Measure) -> Figures:
    """The figures of then, assessed anew from its own facts by its own statements."""
    _mix(connection, ())
    _assess(connection, *sides)
    return measure(connection)


def moves(
    connection: duckdb.DuckDBPyConnection, lake: Lake, sides: tuple[Side, Side], measure: Measure, *, then: Figures, now: Figures
) -> list[Move]:
    """What each cause moved on the way from `then` to `now`, in the order of CAUSES; together the whole difference.

    What is left when every fact is that of now lies with the rules, named by `cause_of_rules`.
    """
    counted = f"select cause, count(distinct person_key) from {CHANGED} group by cause"  # noqa: S608 - a name of ours
    people = dict(connection.execute(counted).fetchall())
    if any(_differs(connection, table) for table in DECIDED):
        people.setdefault("decision", 0)
    found: list[Move] = []
    applied: list[str] = []
    standing = then
    for cause in (one for one in CAUSES if one in people):
        applied.append(cause)
        _mix(connection, applied)
        _assess(connection, *sides)
        after = measure(connection)
        found.append(Move(cause, people[cause], difference(standing, after)))
        standing = after
    left = difference(standing, now)
    if left:
        found.append(Move(cause_of_rules(lake, sides), 0, left))
    return found


def difference(before: Figures, after: Figures) -> Figures:
    """Each figure's move from one to the other; those that did not move are left out."""
    keys = dict.fromkeys([*before, *after])
    moved = {key: after.get(key, 0) - before.get(key, 0) for key in keys}
    return {key: value for key, value in moved.items() if value}


def cause_of_rules(lake: Lake, sides: tuple[Side, Side]) -> str:
    """Why equal facts give other figures: policy, code, a year that ended in between; `unknown` when it is none of these."""
    then, now = (one.run for one in sides)
    is_other_law, is_other_code = then.policy_hash != now.policy_hash, then.code_hash != now.code_hash
    if is_other_law or is_other_code:
        return "policy_and_code" if is_other_law and is_other_code else "policy" if is_other_law else "code"
    return "year_over" if _years_over(lake, then) != _years_over(lake, now) else "unknown"


def _years_over(lake: Lake, run: Row[Any]) -> list[Any]:
    with duckdb.connect(":memory:") as connection:
        show(connection, _BASIS, lake.files(_BASIS, run_ids=(run.run_id,)))
        return connection.execute(f"select benefit_year from {_BASIS} where is_over order by benefit_year").fetchall()  # noqa: S608


def _stored(connection: duckdb.DuckDBPyConnection, lake: Lake, run: Row[Any], side: str) -> Side:
    """The run's side. MianshenError RUN_DAMAGED when a file is not what was written."""
    (profiled,) = json.loads(run.inputs)
    facts = stored_run(lake.engine, stage="profile", county_code=run.county_code, month=run.month, run_id=profiled)
    decided = tuple(table for table in DECIDED if table in json.loads(run.tables))
    known = tuple(table for table in FACTS if table in json.loads(facts.tables))
    for table in (*FACTS, *DECIDED):
        show(connection, table, ())
    for one, tables in ((run, (_STATEMENTS, ASSESSED, *decided)), (facts, known)):
        require_whole(lake, one.run_id, json.loads(one.tables), tables=tables)
        for table in tables:
            show(connection, table, lake.files(table, run_ids=(one.run_id,)))
    for table in (*FACTS, *DECIDED, ASSESSED):
        connection.execute(f"create table {table}_{side} as select * from {table}")  # noqa: S608 - names of ours
    made = rows_of(connection, f"select * from {_STATEMENTS} order by statement_no")  # noqa: S608 - a name of ours
    for table in (*FACTS, *DECIDED, _STATEMENTS, ASSESSED):
        connection.execute(f"drop view {table}")
    return Side(run, [one for one in made if not one["table_name"].startswith(("out.record_", "out.calculation_"))])


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


def _assess(connection: duckdb.DuckDBPyConnection, then: Side, now: Side) -> None:
    """Make out.assessment by the statements of then; a benefit year that they do not know is computed by those of now."""
    connection.execute(f"create or replace table {_MIXED} as select * from {ASSESSED}_before where false")  # noqa: S608 - names of ours
    covered = {year for years in years_in(then.statements) for year in years}
    for side in (then, now):
        for years in years_in(side.statements):
            wanted = years if side is then else tuple(year for year in years if year not in covered)
            if wanted:
                _of_years(connection, side, years, wanted)
                connection.execute(f"insert into {_MIXED} by name select * from {ASSESSED}")  # noqa: S608 - names of ours
    connection.execute(f"create or replace table {ASSESSED} as select * from {_MIXED}")  # noqa: S608 - names of ours


def _of_years(connection: duckdb.DuckDBPyConnection, side: Side, years: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Assess the years. Rounds that look for what no purse holds are run until nothing is found, whatever their number was."""
    mine = [one for one in side.statements if tuple(one["years"]) == years]
    for is_round, grouped in groupby(_placed(mine), key=lambda pair: pair[0]):
        listed = [one for _, one in grouped]
        together = list({one["table_name"]: one for one in listed}.values()) if is_round else listed
        is_open = True
        while is_open:
            for one in together:
                run_statement(connection, one, wanted)
            is_open = is_round and connection.execute("select 1 from out.purse_cut limit 1").fetchone() is not None


def _placed(statements: Sequence[dict[str, Any]]) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Each statement, with whether it belongs to a round."""
    is_round = False
    for one in statements:
        is_round = one["table_name"] == ROUND[0] or (is_round and one["table_name"] in ROUND)
        yield is_round, one
