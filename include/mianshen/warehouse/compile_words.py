"""The words that compiled SQL is made of: a few expressions over sqlglot, and the numbers that are bound beside the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from sqlglot import exp

BIGINT = exp.DataType.build("bigint")
"""Fen, bit masks and counts."""


@dataclass(slots=True)
class Binder:
    """Values bound by name; the text holds `$name` and never a value."""

    values: dict[str, Any] = field(default_factory=dict)
    """Parameter name to value."""

    def bind(self, name: str, value: Any) -> exp.Expr:
        """The placeholder of a value; ValueError when the name stands for another value already."""
        if name in self.values and self.values[name] != value:
            raise ValueError(f"parameter {name} is bound twice")
        self.values[name] = value
        return exp.Placeholder(this=name)


def col(name: str, table: str | None = None) -> exp.Column:
    """A column, of a table when it is named."""
    return exp.column(name, table=table)


def number(value: int) -> exp.Expr:
    """A whole number of the structure: a bit, a position, nought or one."""
    return exp.Literal.number(value)


def bigint(what: exp.Expr) -> exp.Expr:
    """The value as BIGINT."""
    return exp.Cast(this=what, to=BIGINT.copy())


def missing_fen() -> exp.Expr:
    """A missing amount."""
    return bigint(exp.null())


def plus(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The sum of the parts; nought when there are none."""
    listed = list(parts)
    return reduce(lambda left, right: exp.Add(this=left, expression=right), listed) if listed else number(0)


def minus(first: exp.Expr, *others: exp.Expr) -> exp.Expr:
    """The first less all others, in order."""
    return reduce(lambda left, right: exp.Sub(this=left, expression=right), others, first)


def coalesced(what: exp.Expr) -> exp.Expr:
    """The value, nought where it is missing."""
    return exp.Coalesce(this=what, expressions=[number(0)])


def greatest(parts: Sequence[exp.Expr]) -> exp.Expr:
    """The greatest of the parts, none of them null."""
    return parts[0] if len(parts) == 1 else exp.Greatest(this=parts[0], expressions=list(parts[1:]), ignore_nulls=True)


def least(parts: Sequence[exp.Expr]) -> exp.Expr:
    """The least of the parts, none of them null."""
    return parts[0] if len(parts) == 1 else exp.Least(this=parts[0], expressions=list(parts[1:]), ignore_nulls=True)


def all_of(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Whether every part is true; true when there are none."""
    return exp.and_(*parts, copy=False) if parts else exp.true()


def same_columns(names: Iterable[str], first: str, second: str) -> exp.Expr:
    """Whether two tables have the same in each of the columns, none of them null."""
    return all_of([exp.EQ(this=col(name, first), expression=col(name, second)) for name in names])


def any_of(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Whether one of the parts is true; false when there are none. In brackets, to stand beside other conditions."""
    return exp.paren(exp.or_(*parts, copy=False), copy=False) if parts else exp.false()


def when(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Expr:
    """then where the condition is true, else otherwise (null counts as not true)."""
    return exp.Case().when(condition, then, copy=False).else_(otherwise, copy=False)


def switch(of: exp.Expr | None, arms: Iterable[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr | None = None) -> exp.Expr:
    """case [of] when ... then ... else ... end, arms in order."""
    case = exp.Case(this=of) if of is not None else exp.Case()
    for condition, then in arms:
        case = case.when(condition, then, copy=False)
    return case.else_(otherwise, copy=False) if otherwise is not None else case


def has_bit(mask: str, bit: int) -> exp.Expr:
    """Whether a column has one of the bits."""
    return exp.NEQ(this=exp.paren(exp.BitwiseAnd(this=col(mask), expression=number(bit))), expression=number(0))


def named(what: exp.Expr, name: str) -> exp.Expr:
    """The expression under a column name."""
    return exp.alias_(what, name, copy=False)


def columns(names: Iterable[str], table: str | None = None) -> list[exp.Expr]:
    """Columns by name."""
    return [col(name, table) for name in names]


def lower_case(text: str) -> str:
    """The text in lower case, quoted literals left as they stand."""
    parts = text.split("'")
    return "'".join(part.lower() if place % 2 == 0 else part for place, part in enumerate(parts))


def select_from(source: str | exp.Expr, *what: exp.Expr | str) -> exp.Select:
    """select what from source; the parts are taken as they are, not copied."""
    return exp.select(*what, copy=False).from_(source, copy=False)


def table(name: str, alias: str | None = None) -> exp.Expr:
    """A table, or a common table expression, under an alias when one is named."""
    schema, _, bare = name.rpartition(".")
    found = exp.table_(bare, db=schema or None)
    return exp.alias_(found, alias, table=True, copy=False) if alias else found


def all_rows(first: exp.Query, *others: exp.Query) -> exp.Query:
    """The rows of all queries, repeated ones kept."""
    return reduce(lambda left, right: exp.union(left, right, distinct=False, copy=False), others, first)


def with_steps(query: exp.Select, steps: Iterable[tuple[str, exp.Query]]) -> exp.Select:
    """The query with its common table expressions, in order."""
    for name, body in steps:
        query.with_(name, as_=body, copy=False)
    return query
