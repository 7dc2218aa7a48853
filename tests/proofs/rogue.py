"""For every constraint of the ledger a row that breaks it and nothing else, made from the constraint itself."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint

from mianshen.warehouse.ledger import METADATA

Row = dict[str, Any]
DRAWS = 20_000
"""Rows drawn before a search is given up."""


@dataclass(frozen=True)
class Rule:
    """One thing that the database refuses."""

    table: str
    """Of which table."""
    kind: str
    """check | unique | null."""
    name: str
    """The constraint's name, or its columns."""

    def __str__(self) -> str:
        return f"{self.table}.{self.kind}.{self.name}"


def rules() -> list[Rule]:
    """Every check, every unique key and unique index, and every column that may not be null."""
    return [rule for table in METADATA.sorted_tables for rule in _rules_of(table)]


def _rules_of(table: Table) -> Iterator[Rule]:
    for check in sorted(checks(table)):
        yield Rule(table.name, "check", check)
    for name in uniques(table):
        if not _follows(table, name):
            yield Rule(table.name, "unique", name)
    for column in table.columns:
        if not column.nullable and not column.primary_key:
            yield Rule(table.name, "null", column.name)


def _follows(table: Table, name: str) -> bool:
    """Whether a key follows from a narrower one: what breaks it breaks the other as well."""
    columns = set(uniques(table)[name][0])
    return any(set(names) < columns and where == "true" for names, where in uniques(table).values())


def checks(table: Table) -> dict[str, str]:
    """The table's checks as SQL, by name."""
    found = (one for one in sorted(table.constraints, key=lambda one: str(one.name)) if isinstance(one, CheckConstraint))
    return {str(one.name): str(one.sqltext) for one in found}


def uniques(table: Table) -> dict[str, tuple[tuple[str, ...], str]]:
    """The table's unique keys and indexes: columns, and the condition under which they hold."""
    found = {",".join(one.name for one in table.primary_key.columns): (tuple(c.name for c in table.primary_key.columns), "true")}
    for one in sorted(table.constraints, key=lambda one: str(one.name)):
        if isinstance(one, UniqueConstraint):
            names = tuple(column.name for column in one.columns)
            found[str(one.name or ",".join(names))] = (names, "true")
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        if index.unique:
            where = index.dialect_options["sqlite"]["where"]
            found[str(index.name)] = (tuple(c.name for c in index.columns), str(where) if where is not None else "true")
    for column in table.columns:
        if column.unique:
            found.setdefault(column.name, ((column.name,), "true"))
    return found


def pools(table: Table) -> dict[str, Sequence[Any]]:
    """Values that each column may be drawn from: those that the checks speak of, and a few others."""
    words = sorted({one for text in checks(table).values() for one in re.findall(r"'([^']*)'", text)})
    named = " ".join([*checks(table).values(), *(where for _, where in uniques(table).values())])
    found: dict[str, Sequence[Any]] = {}
    for column in table.columns:
        kind = column.type.python_type
        drawn = [0, 1] if kind is bool else [-1, 0, 1, 7] if kind is int else [*words, "x", "y"]
        if re.search(rf"\b{column.name}\b", named):
            found[column.name] = [*drawn, *([None] * len(drawn) if column.nullable else [])]
        else:
            found[column.name] = [1 if kind in (int, bool) else "x"]
    return found


class Judge:
    """Says which checks of a table a row meets."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.checks = checks(table)
        self.connection = sqlite3.connect(":memory:")

    def broken(self, row: Row) -> list[str]:
        """Names of the checks that it breaks."""
        columns = ", ".join(f':{name} as "{name}"' for name in row)
        asked = ", ".join(f'({text}) is not false as "{name}"' for name, text in self.checks.items()) or "true"
        found = self.connection.execute(f"select {asked} from (select {columns})", row).fetchone()
        return [name for name, is_met in zip(self.checks, found, strict=False) if not is_met]

    def holds(self, condition: str, row: Row) -> bool:
        columns = ", ".join(f':{name} as "{name}"' for name in row)
        return bool(self.connection.execute(f"select ({condition}) from (select {columns})", row).fetchone()[0])

    def drawn(self, wanted: Sequence[str], *, where: str = "true") -> Row:
        """A row that breaks exactly the wanted checks and meets the condition."""
        draw, pool = Random(f"{self.table.name} {wanted} {where}"), pools(self.table)
        for _ in range(DRAWS):
            row = {name: draw.choice(values) for name, values in pool.items()}
            if self.broken(row) == list(wanted) and self.holds(where, row):
                return row
        raise LookupError(f"{self.table.name}: no row breaks only {wanted} where {where}")


def harms(rule: Rule) -> list[Row]:
    """The rows that are put in one after the other: the last one breaks the rule and nothing else."""
    table = METADATA.tables[rule.table]
    judge = Judge(table)
    if rule.kind == "check":
        return [judge.drawn([rule.name])]
    if rule.kind == "null":
        row = judge.drawn([])
        return [row | {rule.name: None}]
    columns, where = uniques(table)[rule.name]
    first = judge.drawn([], where=" and ".join([f"({where})", *(f'"{name}" is not null' for name in columns)]))
    return [first, _apart(judge, first, but=columns)]


def _apart(judge: Judge, row: Row, *, but: Sequence[str]) -> Row:
    """The row again with every other unique key of its own, as far as the checks let it."""
    fresh = dict(row)
    for columns, _ in uniques(judge.table).values():
        if set(columns) <= set(but):
            continue
        for name in (one for one in columns if one not in but and fresh[one] is not None):
            tried = fresh | {name: fresh[name] + 1 if isinstance(fresh[name], int) else f"{fresh[name]}z"}
            fresh = tried if judge.broken(tried) == [] else fresh
    return fresh


def without(rule: Rule) -> list[str]:
    """The table's statements as they would be if somebody had taken the rule away."""
    table = METADATA.tables[rule.table]
    kept = {name: key for name, key in uniques(table).items() if (rule.kind, rule.name) != ("unique", name)}
    columns = [f'"{one.name}" {_type(one)}{_must(one, rule)}' for one in table.columns]
    said = [f"check ({text})" for name, text in checks(table).items() if (rule.kind, rule.name) != ("check", name)]
    keyed = [
        f'create unique index "{table.name} {name}" on "{table.name}" ({", ".join(names)}) where {where}'
        for name, (names, where) in kept.items()
    ]
    return [f'create table "{table.name}" ({", ".join([*columns, *said])})', *keyed]


def _type(column: Column[Any]) -> str:
    return "text" if column.type.python_type is str else "integer"


def _must(column: Column[Any], rule: Rule) -> str:
    return "" if column.nullable or (rule.kind, rule.name) == ("null", column.name) else " not null"


def put(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Insert the row by hand."""
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    connection.execute(f'insert into "{table}" ({names}) values ({places})', dict(row))
