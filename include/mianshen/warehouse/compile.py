"""The Plan compiled to SQL: structure from the Plan, numbers and words bound beside it (docs/adr/0004).

The DuckDB text is what runs; the same tree writes Spark text. docs/reference/relief-semantics.md says what an amount means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlglot import ErrorLevel, exp

from mianshen.core.plan import Plan
from mianshen.warehouse import compile_order_claims, compile_orders, compile_purses
from mianshen.warehouse.compile_claim import claim_query
from mianshen.warehouse.compile_holder import holder_query, sure_holder_query
from mianshen.warehouse.compile_line import line_query, share_query, sure_line_query
from mianshen.warehouse.compile_orders import Maker
from mianshen.warehouse.compile_record import trace_query
from mianshen.warehouse.compile_scope import require_compilable
from mianshen.warehouse.compile_words import Binder, lower_case

WIDTH = 110
"""Calls longer than this are broken over lines."""
BITS = 62
"""Categories and benefits stand in masks of a BIGINT."""
TABLES: Mapping[str, Maker] = MappingProxyType(
    {
        "out.holder": holder_query,
        "out.claim": claim_query,
        "out.order_year": compile_order_claims.year_query,
        "out.order_option": compile_orders.option_query,
        "out.order_claim": compile_order_claims.claim_query,
        "out.order_total": compile_purses.total_query,
        "out.order_choice": compile_orders.choice_query,
        "out.order_tried": compile_orders.tried_query,
        "out.award_chain": compile_orders.chain_query,
        "out.award_line": line_query,
        "out.award_share": share_query,
    }
)
"""The compiled tables, in the order in which they read each other."""
SEARCHED = frozenset({"out.order_year", "out.order_option", "out.order_claim", "out.order_total", "out.order_choice"})
"""Those of a Plan that permits several orders."""
SHARED: Mapping[str, str] = MappingProxyType({"out.order_total": "tried", "out.award_chain": "chosen"})
"""Those for which the purses of a Plan that has any are heeded first: of the orders that are tried, or of the chosen ones."""
SURE: Mapping[str, Maker] = MappingProxyType({"out.holder": sure_holder_query, "out.award_line": sure_line_query})
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
    repeats: bool = False
    """Whether it is one of neighbours that are run again, together, until out.purse_cut is empty."""

    texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What was written of it, by dialect: a long chain takes its time."""

    def text(self, dialect: str = "duckdb") -> str:
        """The query in a dialect, lower case; sqlglot's UnsupportedError where the dialect cannot say it."""
        if dialect not in self.texts:
            text = self.query.sql(dialect=dialect, pretty=True, max_text_width=WIDTH, unsupported_level=ErrorLevel.RAISE)
            self.texts[dialect] = lower_case(text) + "\n"
        return self.texts[dialect]


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
    makers = TABLES if has_doubts else {**TABLES, **SURE}
    made: list[Statement] = []
    for table, of in makers.items():
        if table in SEARCHED and not compile_orders.is_searched(plan):
            continue
        if table in SHARED and compile_purses.has_purses(plan):
            made += _with_purses(table, plan, held)
        elif table == "out.order_total":
            made += [_statement(name, one, plan, held) for name, one in compile_orders.total_makers().items()]
        else:
            made.append(_statement(table, of, plan, held))
    return tuple(made)


def _with_purses(table: str, plan: Plan, slots: int) -> list[Statement]:
    """The statements that lead to a table whose amounts the purses bound."""
    is_tried = SHARED[table] == "tried"
    first, rounds = compile_purses.makers(is_tried=is_tried)
    made = [_statement(name, of, plan, slots) for name, of in first.items()]
    made += [_statement(name, of, plan, slots, repeats=True) for name, of in rounds.items()]
    return [*made, _statement(table, compile_purses.total_query if is_tried else compile_purses.settled_query, plan, slots)]


def compile_records(plan: Plan) -> Statement:
    """The statement that makes out.record_trace, from out.claim and out.award_chain of the same Plan."""
    binder = Binder()
    query = trace_query(plan, binder)
    return Statement(table="out.record_trace", query=query, parameters=MappingProxyType(binder.values))


def _statement(table: str, of: Maker, plan: Plan, slots: int, *, repeats: bool = False) -> Statement:
    binder = Binder()
    query = of(plan, binder, slots)
    return Statement(table=table, query=query, parameters=MappingProxyType(binder.values), repeats=repeats)
