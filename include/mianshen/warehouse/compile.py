"""The Plan compiled to SQL: structure from the Plan, numbers and words bound beside it (docs/adr/0004).

The DuckDB text is what runs; the same tree writes Spark text. docs/reference/relief-semantics.md says what an amount means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlglot import ErrorLevel, exp

from mianshen.core.plan import Plan
from mianshen.warehouse.compile_chain import chain_query
from mianshen.warehouse.compile_claim import claim_query
from mianshen.warehouse.compile_holder import holder_query, sure_holder_query
from mianshen.warehouse.compile_line import line_query, share_query, sure_line_query
from mianshen.warehouse.compile_record import trace_query
from mianshen.warehouse.compile_scope import require_compilable
from mianshen.warehouse.compile_words import Binder, lower_case

WIDTH = 110
"""Calls longer than this are broken over lines."""
BITS = 62
"""Categories and benefits stand in masks of a BIGINT."""
TABLES: Mapping[str, Callable[[Plan, Binder, int], exp.Query]] = MappingProxyType(
    {
        "out.holder": holder_query,
        "out.claim": claim_query,
        "out.award_chain": chain_query,
        "out.award_line": line_query,
        "out.award_share": share_query,
    }
)
"""The compiled tables, in the order in which they read each other."""
SURE: Mapping[str, Callable[[Plan, Binder, int], exp.Query]] = MappingProxyType(
    {"out.holder": sure_holder_query, "out.award_line": sure_line_query}
)
"""What stands in their place where no span is provisional."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One compiled table."""

    table: str
    """schema.table that the query makes."""
    query: exp.Query
    """The query's tree."""
    parameters: Mapping[str, Any]
    """Values bound by name; `years`, the benefit years to assess, is bound by whoever runs it."""

    def text(self, dialect: str = "duckdb") -> str:
        """The query in a dialect, lower case; sqlglot's UnsupportedError where the dialect cannot say it."""
        text = self.query.sql(dialect=dialect, pretty=True, max_text_width=WIDTH, unsupported_level=ErrorLevel.RAISE)
        return lower_case(text) + "\n"


def compile_plan(plan: Plan, *, slots: int | None = None, has_doubts: bool = True) -> tuple[Statement, ...]:
    """The statements that assess every claim of some benefit years under the Plan.

    `slots` is the most categories of the Plan that one person holds, at least 1; all of them when it is not said. Without
    doubts no span is provisional, and the shorter texts serve. Raises
    ValueError for a Plan without benefits or with more categories or benefits than a mask has bits, and what `require_compilable`
    raises for a construct that SQL does not carry.
    """
    if not plan.benefits or max(len(plan.benefits), len(plan.categories)) > BITS:
        raise ValueError(f"a plan has 1 to {BITS} benefits and at most {BITS} categories")
    require_compilable(plan)
    held = len(plan.categories) if slots is None else max(1, min(slots, len(plan.categories)))
    made = TABLES if has_doubts else {**TABLES, **SURE}
    return tuple(_statement(table, of, plan, held) for table, of in made.items())


def compile_records(plan: Plan) -> Statement:
    """The statement that makes out.record_trace, from out.claim and out.award_chain of the same Plan."""
    binder = Binder()
    query = trace_query(plan, binder)
    return Statement(table="out.record_trace", query=query, parameters=MappingProxyType(binder.values))


def _statement(table: str, of: Callable[[Plan, Binder, int], exp.Query], plan: Plan, slots: int) -> Statement:
    binder = Binder()
    query = of(plan, binder, slots)
    return Statement(table=table, query=query, parameters=MappingProxyType(binder.values))
