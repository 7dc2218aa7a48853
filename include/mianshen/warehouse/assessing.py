"""Claims assessed inside one task's DuckDB: the compiled statements of each plan, run over the benefit years that it governs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import duckdb

from mianshen.core.plan import EventKind, Plan
from mianshen.warehouse.build import Maker, make_table, parameters_of
from mianshen.warehouse.compile import BITS, Statement, compile_plan, compile_records
from mianshen.warehouse.compile_identity import most_held
from mianshen.warehouse.compile_january import closing_bits
from mianshen.warehouse.compile_service import ASSESSED
from mianshen.warehouse.records import MADE, make_records
from mianshen.warehouse.sql_files import sql_text, table_doc

RESULTS = ("award_line", "award_share", "assessment", "order_tried")
"""Tables of `out` that are kept of every plan's run."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A compiled statement that ran."""

    table: str
    """The table that it made."""
    years: tuple[int, ...]
    """Benefit years that it covered."""
    text: str
    """Its text."""
    parameters: Mapping[str, Any]
    """Values bound in it, the years apart."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A Plan and its statements, which serve for any of the people by whom they were written."""

    plan: Plan
    """The Plan."""
    years: tuple[int, ...]
    """Benefit years that it governs."""
    statements: tuple[Statement, ...]
    """What assesses."""
    trace: Statement | None
    """What the records ask beside; none where no records are made."""


def assess_claims(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[tuple[Plan, Sequence[int]]],
    *,
    with_records: bool = False,
    make: Maker = make_table,
    on: date | None = None,
    spans: str = "facts.identity_span",
) -> list[Ran]:
    """Make out.award_line and out.assessment from facts.*, each plan over its benefit years; returns what ran.

    `plans` is not empty and no year stands under two plans. With records, out.calculation_record is made as well. `make`
    makes each table, whatever it is then; of several plans the results must be tables.
    `on` is the day of the computation: benefit years whose day of the next January has come are over, so that what waits for
    it is due; none is when it is left out.
    `spans` names the identities that decide how the statements are written: everybody's, where the facts are some people's.
    """
    return assess_prepared(connection, prepare(connection, plans, with_records=with_records, spans=spans), make=make, on=on)


def prepare(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[tuple[Plan, Sequence[int]]],
    *,
    with_records: bool = False,
    spans: str = "facts.identity_span",
) -> list[Prepared]:
    """The statements of each plan as these spans ask for them."""
    made = []
    for plan, years in plans:
        slots, has_doubts = _shape(connection, plan, spans)
        compiled = compile_plan(plan, slots=slots, has_doubts=has_doubts)
        made.append(Prepared(plan, tuple(years), compiled, compile_records(plan) if with_records else None))
    return made


def assess_prepared(
    connection: duckdb.DuckDBPyConnection, prepared: Sequence[Prepared], *, make: Maker = make_table, on: date | None = None
) -> list[Ran]:
    """What `assess_claims` makes, by statements that stand written."""
    connection.execute("set preserve_insertion_order=false")
    know_decided(connection)
    ran: list[Ran] = []
    results = RESULTS if prepared[0].trace is None else (*RESULTS, "calculation_record")
    for one in prepared:
        this_year, is_first = first_open_year(one.plan, on), not ran
        ran += _assess(connection, one, make, this_year=this_year)
        if one.trace is not None:
            ran += record_claims(connection, one, make, this_year=this_year, is_first=is_first)
        if len(prepared) > 1:
            _keep(connection, results, is_first=is_first)
    if len(prepared) > 1:
        for table in results:
            connection.execute(f"create or replace table out.{table} as select * from assessed.{table}")  # noqa: S608 - names of ours
            connection.execute(f"drop table assessed.{table}")
    return ran


def first_open_year(plan: Plan, on: date | None) -> int:
    """The first benefit year that is not over on the day; 0 where no day is said. Last year waits for its day of January."""
    if on is None:
        return 0
    return on.year - int((on.month, on.day) < (1, plan.january_day))


DECIDED = ("facts.benefit_refused", "facts.order_locked")
"""What people and payments settled beside the facts; nothing where a run does not show it."""


UNSHOWN = (*DECIDED, ASSESSED)
"""What a run need not show: it stands empty then."""


def know_decided(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the tables of what was settled, and of service packages, stand: empty where nothing was, or none are known."""
    connection.execute("create schema if not exists facts")
    query = "select table_schema || '.' || table_name from information_schema.tables"
    known = {name for (name,) in connection.execute(query).fetchall()}
    for table in (one for one in UNSHOWN if one not in known):
        columns = ", ".join(f"{one.name} {one.type}" for one in table_doc(table).columns)
        connection.execute(f"create table {table} ({columns})")


def _keep(connection: duckdb.DuckDBPyConnection, results: Sequence[str], *, is_first: bool) -> None:
    """Put one plan's results beside those of the others."""
    connection.execute("create schema if not exists assessed")
    for table in results:
        verb = f"create or replace table assessed.{table} as" if is_first else f"insert into assessed.{table}"
        connection.execute(f"{verb} select * from out.{table}")  # noqa: S608 - names of ours


def _ran(one: Statement, years: Sequence[int], *, this_year: int) -> Ran:
    """The statement with all that it binds, the years apart."""
    text = one.text()
    asked = {"this_year": this_year} if "this_year" in parameters_of(text) else {}
    return Ran(one.table, tuple(years), text, {**one.parameters, **asked})


def _assess(connection: duckdb.DuckDBPyConnection, prepared: Prepared, make: Maker, *, this_year: int) -> list[Ran]:
    years = prepared.years
    made = run_compiled(connection, prepared.statements, years, make, this_year=this_year)
    ran = [_ran(one, years, this_year=this_year) for one in made]
    parameters = outcome_parameters(prepared.plan, this_year=this_year)
    make(connection, "out.assessment", {**parameters, "years": list(years)}, text=None)
    return [*ran, Ran("out.assessment", years, sql_text("out.assessment"), parameters)]


def outcome_parameters(plan: Plan, *, this_year: int) -> dict[str, Any]:
    """What out.assessment binds of the Plan and of the day of the computation, the years to assess apart."""
    counting = any(one.counts_window_relief and one.event_kind is EventKind.CARE for one in plan.benefits)
    return {
        "maf_is_window_relief": counting,
        "is_by_discharge": plan.benefit_year_by == "discharge",
        "closing": [one.code for one in plan.benefits if closing_bits(plan, one)],
        "this_year": this_year,
    }


def in_rounds(compiled: Sequence[Statement], *, is_open: Callable[[], bool]) -> Iterator[Statement]:
    """The statements in the order in which they run, those that repeat as long as it is open what does not fit into a purse; the
    caller runs each one before it takes the next."""
    for repeats, grouped in groupby(compiled, key=lambda one: one.repeats):
        together = list(grouped)
        while not repeats or is_open():
            yield from together
            if not repeats:
                break


def run_compiled(
    connection: duckdb.DuckDBPyConnection,
    compiled: Sequence[Statement],
    years: Sequence[int],
    make: Maker = make_table,
    *,
    this_year: int = 0,
) -> Iterator[Statement]:
    """Run the statements over the years, in order, those that repeat as often as they must; yields each one that ran."""
    for one in in_rounds(compiled, is_open=lambda: _is_open(connection)):
        make(connection, one.table, {**one.parameters, "years": list(years), "this_year": this_year}, text=one.text())
        yield one


def _is_open(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether what does not fit into a purse is still looked for."""
    return connection.execute("select 1 from out.purse_cut limit 1").fetchone() is not None


def record_claims(
    connection: duckdb.DuckDBPyConnection, prepared: Prepared, make: Maker = make_table, *, this_year: int, is_first: bool
) -> list[Ran]:
    """Make the records of what was assessed under the plan, and keep its rates beside the statements in checks.assess_pair.

    ValueError where the plan was prepared without records.
    """
    if prepared.trace is None:
        raise ValueError("the plan was prepared without records")
    years = prepared.years
    first = _ran(prepared.trace, years, this_year=this_year)
    make(connection, first.table, first.parameters, text=first.text)
    bound = make_records(connection, prepared.plan, make, this_year=this_year)
    connection.execute("create schema if not exists checks")
    rates = "select cast($years as integer[]) as years, * from staging.plan_pair"
    verb = "create or replace table checks.assess_pair as" if is_first else "insert into checks.assess_pair"
    connection.execute(f"{verb} {rates}", {"years": list(years)})
    texts = {table: sql_text(table) for table in MADE}
    others = (
        Ran(table, years, text, {name: bound[name] for name in sorted(parameters_of(text))}) for table, text in texts.items()
    )
    return [first, *others]


def years_of(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Benefit years of the events, in order."""
    tables = ("facts.care_event", "facts.enrolment_event", ASSESSED)
    query = " union ".join(f"select benefit_year from {one}" for one in tables) + " order by 1"  # noqa: S608 - names of ours
    return tuple(year for (year,) in connection.execute(query).fetchall())


def _shape(connection: duckdb.DuckDBPyConnection, plan: Plan, spans: str) -> tuple[int, bool]:
    """The most categories that one person comes to hold, listed or following from those; whether a span is provisional."""
    codes = [one.code for one in plan.categories[:BITS]]
    query = f"""
        select distinct held, is_doubtful
        from (
            select bit_or(1::bigint << (list_position($codes, category_code) - 1)) as held, bool_or(is_provisional) as is_doubtful
            from {spans}
            where list_contains($codes, category_code)
            group by person_key
        )
    """  # noqa: S608 - a name of ours
    sets = connection.execute(query, {"codes": codes}).fetchall()
    listed = [[code for place, code in enumerate(codes) if held >> place & 1] for held, _ in sets]
    return most_held(plan, listed), any(is_doubtful for _, is_doubtful in sets)
