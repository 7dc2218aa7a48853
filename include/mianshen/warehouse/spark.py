"""Claims assessed where the data lives: the same statements on a site's Spark, the second dialect (docs/adr/0004).

pyspark is the site's own and is imported only here, when asked; nothing else of the product needs it. Spark must run with
`spark.sql.ansi.enabled`: without it a sum beyond BIGINT wraps in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, reduce
from itertools import count
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import ErrorLevel, exp

from mianshen.core.errors import MianshenError
from mianshen.core.plan import Plan
from mianshen.warehouse.assessing import RESULTS, UNSHOWN, first_open_year, in_rounds, outcome_parameters
from mianshen.warehouse.compile import compile_plan
from mianshen.warehouse.compile_identity import most_held
from mianshen.warehouse.sql_files import sql_text, table_doc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FACTS = ("facts.care_event", "facts.enrolment_event", "facts.identity_span")
"""What an assessment reads."""
_MADE = tuple(f"out.{one}" for one in RESULTS)
_ANSI = "spark.sql.ansi.enabled"
_ROUNDS = "spark.sql.analyzer.maxIterations"
_ENOUGH = 2_000
"""Rounds of resolution; a chain of a dozen benefits with steps takes some hundreds, 100 are allowed unasked."""
_WALL = exp.DataType.Type.TIMESTAMPNTZ
"""Moments are Asia/Shanghai wall time; the zone of the session must not move them."""
_turns = count(1)


def assess_on_spark(
    session: SparkSession,
    plans: Sequence[tuple[Plan, Sequence[int]]],
    *,
    facts: Mapping[str, DataFrame],
    folder: str,
    on: date | None = None,
) -> dict[str, DataFrame]:
    """out.award_line, out.assessment and out.order_tried by name, each plan over its benefit years, with the columns and types
    of their .yml.

    `facts` holds the tables of FACTS, and those of UNSHOWN that have rows. `folder` does not exist yet, and driver and executors
    can write it: every statement's rows are written there as Parquet before the next one reads them, and the tables that are
    returned are read from there, so that it goes only after them. MianshenError SPARK_NOT_ANSI when the session would let a
    number overflow in silence, and what `compile_plan` raises.
    `on` is the day of the computation, as in `assess_claims`.
    """
    if str(session.conf.get(_ANSI)).lower() != "true":
        raise MianshenError("SPARK_NOT_ANSI", found=f"{_ANSI}={session.conf.get(_ANSI)}", where="Spark")
    made = []
    for place, (plan, years) in enumerate(plans, 1):
        views = _Views(session, f"{folder.rstrip('/')}/{place}")
        with _long_statements(session):
            try:
                for table in (*FACTS, *UNSHOWN):
                    views.show(table, facts[table].selectExpr(*_typed(table)) if table in facts else _no_rows(session, table))
                made.append(_assessed(views, plan, years, first_open_year(plan, on)))
            finally:
                views.drop()
    return {table: reduce(_stacked, (one[table] for one in made)) for table in _MADE}


@contextmanager
def _long_statements(session: SparkSession) -> Iterator[None]:
    """Let Spark resolve a chain of many benefits, which takes it more rounds than it allows unasked; then as it was."""
    before = session.conf.get(_ROUNDS)
    session.conf.set(_ROUNDS, str(_ENOUGH))
    try:
        yield
    finally:
        session.conf.set(_ROUNDS, str(before))


class _Views:
    """Temporary views of one plan's assessment: a schema's table is one name, and no other assessment's."""

    def __init__(self, session: SparkSession, folder: str) -> None:
        self._session = session
        self._folder = folder
        self._prefix = f"mianshen_{next(_turns)}"
        self._named: dict[str, str] = {}
        self._written = 0

    def show(self, table: str, rows: DataFrame) -> None:
        """Make the rows readable as schema.table."""
        name = f"{self._prefix}_{table.replace('.', '_')}"
        rows.createOrReplaceTempView(name)
        self._named[table] = name

    def make(self, table: str, query: exp.Query, parameters: Mapping[str, Any]) -> None:
        """Make schema.table from a statement, its common table expressions one by one: Spark resolves a long chain of them at
        once in a time that no one would wait for. What is read more than once is written out, or it would be computed as often.
        """
        told = query.copy()
        read = Counter(one.name for one in told.find_all(exp.Table))
        steps = list(told.ctes)
        told.set("with_", None)
        inner = dict(self._named)
        for step in steps:
            rows = self.query(step.this, parameters)
            self.show(step.alias, self._written_out(step.alias, rows) if read[step.alias] > 1 else rows)
        made = self._written_out(table, self.query(told, parameters))
        for step in steps:
            self._session.catalog.dropTempView(self._named[step.alias])
        self._named = inner
        self.show(table, made)

    def _written_out(self, name: str, rows: DataFrame) -> DataFrame:
        self._written += 1
        place = f"{self._folder}/{self._written:04d}_{name}"
        rows.write.parquet(place)
        return self._session.read.parquet(place)

    def query(self, query: exp.Expr, parameters: Mapping[str, Any]) -> DataFrame:
        """The rows of a statement."""
        named = {one.name for one in query.find_all(exp.Placeholder, exp.Parameter)}
        args = {name: _bound(value) for name, value in parameters.items() if name in named}
        return self._session.sql(spark_text(query, self._named), args=args)

    def rows(self, table: str) -> DataFrame:
        """A shown table."""
        return self._session.table(self._named[table])

    def typed(self, table: str) -> DataFrame:
        """A shown table with the columns and types of its .yml."""
        return self.rows(table).selectExpr(*_typed(table))

    def drop(self) -> None:
        """Forget the names; what was written stays."""
        for name in self._named.values():
            self._session.catalog.dropTempView(name)


def spark_text(query: exp.Expr, names: Mapping[str, str]) -> str:
    """A statement as Spark reads it, its tables under other names; sqlglot's UnsupportedError where Spark cannot say it."""
    told = query.copy()
    for table in list(told.find_all(exp.Table)):
        name = f"{table.db}.{table.name}" if table.db else table.name
        if name in names:
            table.replace(exp.alias_(exp.table_(names[name]), table.alias or table.name, table=True))
    for kind in told.find_all(exp.DataType):
        if kind.this is exp.DataType.Type.TIMESTAMP:
            kind.set("this", _WALL)
    return told.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE, comments=False)


def _assessed(views: _Views, plan: Plan, years: Sequence[int], this_year: int) -> dict[str, DataFrame]:
    slots, has_doubts = _shape(views.rows("facts.identity_span"), plan)
    compiled = compile_plan(plan, slots=slots, has_doubts=has_doubts)
    for one in in_rounds(compiled, is_open=lambda: not views.rows("out.purse_cut").isEmpty()):
        views.make(one.table, one.query, {**one.parameters, "years": list(years), "this_year": this_year})
    outcome = {**outcome_parameters(plan, this_year=this_year), "years": list(years)}
    views.make("out.assessment", _parsed(sql_text("out.assessment")), outcome)
    return {table: views.typed(table) for table in _MADE}


def _shape(spans: DataFrame, plan: Plan) -> tuple[int, bool]:
    """The most categories that one person comes to hold, listed or following from those; whether a span is provisional."""
    from pyspark.sql.functions import bool_or, collect_set, sort_array

    codes = [one.code for one in plan.categories]
    held = spans.where(spans.category_code.isin(codes)).groupBy("person_key")
    shapes = held.agg(sort_array(collect_set("category_code")).alias("held"), bool_or("is_provisional").alias("is_doubtful"))
    listed = shapes.select("held", "is_doubtful").distinct().collect()
    return most_held(plan, [row["held"] for row in listed]), any(row["is_doubtful"] for row in listed)


@cache
def _parsed(text: str) -> exp.Query:
    found = sqlglot.parse_one(text, dialect="duckdb")
    if not isinstance(found, exp.Query):
        raise TypeError(f"a statement that makes a table is a query, not [{type(found).__name__}]")
    return found


def _typed(table: str) -> list[str]:
    """The columns of a documented table, in Spark's types."""
    return [f"cast({one.name} as {_spark_type(one.type)}) as {one.name}" for one in table_doc(table).columns]


def _no_rows(session: SparkSession, table: str) -> DataFrame:
    """A documented table without rows."""
    return session.createDataFrame([], ", ".join(f"{one.name} {_spark_type(one.type)}" for one in table_doc(table).columns))


@cache
def _spark_type(kind: str) -> str:
    found = exp.DataType.build(kind, dialect="duckdb")
    return "timestamp_ntz" if found.this is exp.DataType.Type.TIMESTAMP else found.sql("spark")


def _bound(value: Any) -> Any:
    """A value as Spark binds it: a list as an array of literals."""
    from pyspark.sql.functions import array, lit

    return array(*(lit(one) for one in value)) if isinstance(value, list) else value


def _stacked(first: DataFrame, second: DataFrame) -> DataFrame:
    return first.unionByName(second)
