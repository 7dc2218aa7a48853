"""Who is reassessed, and how the rest is carried over: what a person gets depends on their own facts, decisions and policy alone.

A run is compared with the former one person by person: digests of their facts, what was decided of them, the policy of their
claims' years. Whoever differs is touched and is reassessed by the same statements, which are shown the facts of the touched
people only; everybody else's rows are those of the former run. docs/adr/0024.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Row, select

from mianshen.core.plan import Plan
from mianshen.core.plan_digest import plan_digest
from mianshen.warehouse.assessing import DECIDED, first_open_year
from mianshen.warehouse.build import make_table, ordered, write_tables
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, LakeRun, show
from mianshen.warehouse.layers import fits
from mianshen.warehouse.ledger import RUN
from mianshen.warehouse.sql_files import table_doc

BASIS = "checks.assess_basis"
"""By what each benefit year was assessed, and beside which former run."""
TOUCHED = "out.person_touched"
"""Who was touched since the former run, and why."""
FACTS = ("facts.care_event", "facts.enrolment_event", "facts.service_event", "facts.identity_span")
"""Facts of people, as profile publishes them."""
WHOLE = "_whole"
"""Ends the name of a table of everybody while the table itself holds the touched people's rows."""
_ASIDE = "_aside"
_NEW, _FORMER = "_touched", "_former"
"""End the names of a carried table's own rows and of the former run's."""
_DIGEST = "facts.person_digest"
_CHANGED = "out.person_changed"
_CAUSED = "out.known_change"


@dataclass(frozen=True, slots=True)
class Former:
    """The assessment that this one is compared with."""

    run_id: str
    """Its run."""
    facts_run_id: str
    """The run of profile that it read."""
    cause: str | None
    """What differs beside the facts: policy (some page was edited), code or policy_and_code; None where nothing does."""


@dataclass(frozen=True, slots=True)
class Basis:
    """By what a run assesses: policy by benefit year, and the go-live day."""

    plans: Mapping[int, str]
    """Digest of the policy of each benefit year."""
    over: frozenset[int]
    """Those years that are over, as their policy says."""
    go_live_on: date | None
    """First day that is paid here."""


def basis_of(plans: Sequence[tuple[Plan, Sequence[int]]], *, on: date, go_live_on: date | None) -> Basis:
    """What the plans say on the day of the computation, whatever the day for which they were taken."""
    digests = {year: plan_digest(plan) for plan, years in plans for year in years}
    over = frozenset(year for plan, years in plans for year in years if year < first_open_year(plan, on))
    return Basis(digests, over, go_live_on)


def former_of(lake: Lake, *, county_code: str, month: str, policy_hash: str, code_hash: str) -> Former | None:
    """The county's newest assessment of the month, else its newest of any month; None before the first that kept its basis."""
    query = select(RUN).where(RUN.c.county_code == county_code, RUN.c.stage == "assess", RUN.c.tables.contains(f'"{BASIS}"'))
    with lake.engine.connect() as connection:
        newest = query.order_by((RUN.c.month == month).desc(), RUN.c.run_no.desc()).limit(1)
        found = connection.execute(newest).first()
    if found is None:
        return None
    (facts_run_id,) = json.loads(found.inputs)
    return Former(str(found.run_id), facts_run_id, _of_rules(found, policy_hash, code_hash))


def _of_rules(run: Row[Any], policy_hash: str, code_hash: str) -> str | None:
    is_other_law, is_other_code = run.policy_hash != policy_hash, run.code_hash != code_hash
    if not is_other_law and not is_other_code:
        return None
    return "policy_and_code" if is_other_law and is_other_code else "policy" if is_other_law else "code"


def find_touched(
    connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former | None, *, facts_run_id: str, basis: Basis
) -> bool:
    """Make out.person_touched and checks.assess_basis; returns whether the others' results may be carried over.

    The connection shows the facts of now and what was decided. Without a former run nobody is touched: everybody is new. Edited
    pages touch the people with a claim in a benefit year whose Plan says something else, and nobody where none does.
    """
    if former is None:
        connection.execute("create schema if not exists out")
        connection.execute(f"create or replace table {TOUCHED} ({_columns(TOUCHED)})")
        _keep_basis(connection, basis, None, is_carried=False)
        return False
    before = _former_basis(connection, lake, former)
    is_same_day = all(day == basis.go_live_on for _, _, day in before.values())
    is_carried = former.cause in (None, "policy") and is_same_day and bool(before)
    common = before.keys() & basis.plans.keys()
    ruled = [year for year in sorted(common) if before[year][0] != basis.plans[year]]
    ended = [year for year in sorted(common) if before[year][1] != (year in basis.over)]
    _show_digests(connection, lake, former, facts_run_id)
    make_table(connection, _CHANGED, {"ruled_years": ruled, "ended_years": ended})
    with _beside(connection, lake, former):
        make_table(connection, _CAUSED, {})
    make_table(connection, TOUCHED, {})
    _keep_basis(connection, basis, former, is_carried=is_carried)
    return is_carried


def _columns(table: str) -> str:
    return ", ".join(f"{one.name} {one.type}" for one in table_doc(table).columns)


def _former_basis(connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former) -> dict[int, tuple[str, bool, date | None]]:
    show(connection, BASIS, lake.files(BASIS, run_ids=(former.run_id,)), named="checks.assess_basis_before")
    rows = connection.execute("select benefit_year, plan_sha256, is_over, go_live_on from checks.assess_basis_before").fetchall()
    return {year: (sha256, is_over, day) for year, sha256, is_over, day in rows}


def _show_digests(connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former, facts_run_id: str) -> None:
    show(connection, _DIGEST, lake.files(_DIGEST, run_ids=(facts_run_id,)))
    show(connection, _DIGEST, lake.files(_DIGEST, run_ids=(former.facts_run_id,)), named=f"{_DIGEST}_before")
    for table in DECIDED:
        show(connection, table, lake.files(table, run_ids=(former.run_id,)), named=f"{table}_before")


@contextmanager
def _beside(connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former) -> Iterator[None]:
    """The facts of the changed people as they are, and as facts.<table>_before as they were."""
    for table in FACTS:
        show(connection, table, lake.files(table, run_ids=(former.facts_run_id,)), named=f"{table}_former")
        _keep(connection, f"{table}_before", of=f"{table}_former", people=_CHANGED)
        connection.execute(f"drop view {table}_former")
    with only(connection, _CHANGED, tables=FACTS, keeps=True):
        yield


def _keep(connection: duckdb.DuckDBPyConnection, table: str, *, of: str, people: str) -> None:
    theirs = f"select * from {of} where person_key in (select person_key from {people})"  # noqa: S608 - names of ours
    connection.execute(f"create or replace table {table} as {theirs}")


@contextmanager
def only(
    connection: duckdb.DuckDBPyConnection,
    people: str = TOUCHED,
    *,
    tables: Sequence[str] = (*FACTS, *DECIDED),
    keeps: bool = False,
) -> Iterator[None]:
    """The facts hold the rows of these people only; those of everybody stand as <table>_whole until the block ends.

    With `keeps` the rows are laid aside for the next block, which must be of the same people: facts are read once.
    """
    kinds = {table: _kind(connection, table) for table in tables}
    for table in tables:
        connection.execute(f"alter {kinds[table]} {table} rename to {table.split('.')[1]}{WHOLE}")
        if _kind(connection, f"{table}{_ASIDE}") is None:
            _keep(connection, table, of=f"{table}{WHOLE}", people=people)
        else:
            connection.execute(f"alter table {table}{_ASIDE} rename to {table.split('.')[1]}")
    try:
        yield
    finally:
        for table in tables:
            name = table.split(".")[1]
            connection.execute(f"alter table {table} rename to {name}{_ASIDE}" if keeps else f"drop table {table}")
            connection.execute(f"alter {kinds[table]} {table}{WHOLE} rename to {name}")


def former_of_carried(lake: Lake, run_id: str) -> str | None:
    """The run whose rows this one carried over; None when everybody was assessed."""
    with compute() as connection:
        show(connection, BASIS, lake.files(BASIS, run_ids=(run_id,)))
        query = f"select any_value(former_run_id) from {BASIS} where is_carried"  # noqa: S608 - a name of ours
        (former,) = connection.execute(query).fetchall()[0]
    return None if former is None else str(former)


def narrow(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """Let these views show the rows of the touched people only."""
    for table in tables:
        connection.execute(f"alter view {table} rename to {table.split('.')[1]}{WHOLE}")
        kept = f"select * from {table}{WHOLE} where person_key in (select person_key from {TOUCHED})"  # noqa: S608 - names of ours
        connection.execute(f"create view {table} as {kept}")


def _kind(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """Whether it is a view or a table; None when there is none."""
    schema, name = table.split(".")
    query = "select table_type from information_schema.tables where table_schema = $schema and table_name = $name"
    found = connection.execute(query, {"schema": schema, "name": name}).fetchall()
    return None if not found else "view" if found[0][0] == "VIEW" else "table"


def carry_over(connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former, tables: Sequence[str]) -> None:
    """Let each of these tables show the former run's rows of everybody who was not touched beside the new ones, uncopied."""
    for table in tables:
        connection.execute(f"alter {_kind(connection, table)} {table} rename to {table.split('.')[1]}{_NEW}")
        show(connection, table, lake.files(table, run_ids=(former.run_id,)), named=f"{table}{_FORMER}")
        kept = f"select * from {table}{_FORMER} anti join {TOUCHED} using (person_key)"  # noqa: S608 - names of ours
        connection.execute(f"create view {table} as select * from {table}{_NEW} union all by name {kept}")  # noqa: S608 - names of ours


def write_carried(
    run: LakeRun, connection: duckdb.DuckDBPyConnection, lake: Lake, former: Former, tables: Sequence[str]
) -> dict[str, int]:
    """Write tables that `carry_over` made: the new rows above the former run's where the lake's layering permits it, else all of
    them; returns rows by table. The run has written out.person_touched."""
    rows = {}
    for table in tables:
        above, standing = lake.layers(table, run_id=former.run_id)
        hidden = _counted(connection, f"{table}{_FORMER} semi join {TOUCHED} using (person_key)")
        added = _counted(connection, f"{table}{_NEW}")
        if fits(lake.layering, above, standing=standing, added=added, hidden=hidden):
            query = ordered(table, of=f"{table}{_NEW}")
            rows[table] = run.lay(connection, table, query, above=above, people=TOUCHED, standing=standing - hidden)
        else:
            _gather(connection, table)
            rows |= write_tables(run, connection, (table,))
    return rows


def _gather(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make a table of what the view shows: its file is then that of a run of everybody, to the byte."""
    connection.execute(f"create table {table}{WHOLE} as select * from {table}")  # noqa: S608 - names of ours
    connection.execute(f"drop view {table}")
    connection.execute(f"alter table {table}{WHOLE} rename to {table.split('.')[1]}")


def _counted(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    (found,) = connection.execute(f"select count(*) from {source}").fetchall()[0]  # noqa: S608 - names of ours
    return int(found)


def _keep_basis(connection: duckdb.DuckDBPyConnection, basis: Basis, former: Former | None, *, is_carried: bool) -> None:
    connection.execute("create schema if not exists checks")
    connection.execute(f"create or replace table {BASIS} ({_columns(BASIS)})")
    for year, sha256 in sorted(basis.plans.items()):
        cause = former.cause if former is not None and not is_carried else None
        row = [year, sha256, year in basis.over, basis.go_live_on, former and former.run_id, is_carried, cause]
        connection.execute(f"insert into {BASIS} values (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - a name of ours
