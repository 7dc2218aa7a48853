"""What an SQL file may say: its floor, its header, its case, no clock, no binary division, its columns described beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from ruamel.yaml import YAML
from sqlglot import exp

FLOORS = {"staging": 0, "facts": 1, "out": 2, "release": 3, "checks": 4}
"""Schemas from below; a schema reads from its own floor and those beneath."""
LEDGER = "ledger"
"""Tables of the ledger that a run is shown; any floor from `facts` up may read them, none may make them."""
FOLDERS = {"county", "month"}
"""What the lake's folders are called: DuckDB and pandas read them as columns in place of the file's own."""
CLOCKS = {
    "now",
    "today",
    "random",
    "rand",
    "uuid",
    "uuidv4",
    "uuidv7",
    "gen_random_uuid",
    "nextval",
    "setseed",
    "get_current_timestamp",
    "get_current_time",
    "transaction_timestamp",
}
CLOCK_NODES = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.CurrentDatetime, exp.Rand, exp.Randn, exp.Uuid)
BINARY_TYPES = {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
UNITS = {"fen", "day", "moment", "code", "key", "count", "text", "ppm", "flag"}
HEADER_WORDS = ("grain", "reads", "source")


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One SQL file, taken apart."""

    schema: str
    name: str
    text: str

    @property
    def table(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def query(self) -> exp.Expression:
        """The one statement that it holds."""
        statements = [one for one in sqlglot.parse(self.text, dialect="duckdb") if one is not None]
        assert len(statements) == 1, f"{self.table}: {len(statements)} statements, one file makes one table"
        return statements[0]

    @property
    def header(self) -> str:
        """The comment lines at its head."""
        lines = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            lines.append(line.removeprefix("--").strip())
        return "\n".join(lines)


def read(path: Path) -> SqlFile:
    return SqlFile(schema=path.parent.name, name=path.stem, text=path.read_text("utf-8"))


def tables_read(file: SqlFile) -> set[str]:
    """schema.table of everything it reads; a bare name that is no common table expression counts as `?.name`."""
    query = file.query
    own = {one.alias_or_name for one in query.find_all(exp.CTE)}
    return {f"{one.db or '?'}.{one.name}" for one in query.find_all(exp.Table) if one.name and (one.db or one.name not in own)}


def floor_breaches(file: SqlFile) -> list[str]:
    """Tables that it reads from above its floor, or without a schema."""
    if file.schema not in FLOORS:
        return [f"{file.table}: [{file.schema}] is no schema; choose among {', '.join(FLOORS)}"]
    found = []
    for table in sorted(tables_read(file)):
        schema = table.split(".")[0]
        is_ledger = schema == LEDGER and FLOORS[file.schema] >= FLOORS["facts"]
        if not is_ledger and FLOORS.get(schema, 99) > FLOORS[file.schema]:
            found.append(f"{file.table} reads {table}, which is not on its floor or below")
    return found


def clock_breaches(file: SqlFile) -> list[str]:
    """Where it reads the clock or draws at random."""
    query = file.query
    found = [f"{file.table}: {one.sql()}" for one in query.find_all(*CLOCK_NODES)]
    found += [f"{file.table}: {one.name}()" for one in query.find_all(exp.Anonymous) if one.name.lower() in CLOCKS]
    found += [f"{file.table}: {one.name}" for one in query.find_all(exp.Column) if one.name in {"localtimestamp", "localtime"}]
    return found + [f"{file.table}: samples at random" for one in query.find_all(exp.TableSample)]


def float_breaches(file: SqlFile) -> list[str]:
    """Binary floating point: `/` on whole numbers, double and real types, averages of fen."""
    query = file.query
    found = [f"{file.table}: {one.sql(dialect='duckdb')} (say //)" for one in query.find_all(exp.Div)]
    found += [f"{file.table}: type {one.sql()}" for one in query.find_all(exp.DataType) if one.this in BINARY_TYPES]
    for one in query.find_all(exp.Avg, exp.Median, exp.PercentileCont, exp.Quantile):
        if any(column.name.endswith("_fen") for column in one.find_all(exp.Column)):
            found.append(f"{file.table}: {one.sql(dialect='duckdb')} turns fen into a double")
    return found


def case_breaches(file: SqlFile) -> list[str]:
    """Upper-case letters outside comments, literals and bound names."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"", " ", file.text, flags=re.DOTALL)
    return [f"{file.table}: [{word}] is not lower case" for word in re.findall(r"\b\w*[A-Z]\w*\b", bare)]


def header_breaches(file: SqlFile) -> list[str]:
    """What its header leaves unsaid: what a row is, grain, tables read (each by name), source."""
    header = file.header.lower()
    found = [f"{file.table}: its header does not say [{word}]" for word in HEADER_WORDS if word not in header]
    found += [f"{file.table}: its header does not name {table}" for table in sorted(tables_read(file)) if table not in header]
    return found


def grain(file: SqlFile) -> list[str]:
    """The columns that make a row unique, from the header's line `grain:`; runs order their rows by them."""
    found = re.search(r"grain:\s*([\w, ]+)", file.header)
    return [one.strip() for one in found[1].split(",")] if found else []


def grain_breaches(file: SqlFile) -> list[str]:
    """A header whose grain does not name output columns."""
    unknown = [column for column in grain(file) if column not in output_columns(file)]
    if unknown or not grain(file):
        return [f"{file.table}: its grain [{', '.join(grain(file))}] is not made of its columns"]
    return []


def output_columns(file: SqlFile) -> list[str]:
    """Names of the outermost select, in order."""
    query = file.query
    assert isinstance(query, exp.Query), f"{file.table}: is no query"
    return list(query.named_selects)


def described(path: Path) -> dict[str, object]:
    """The .yml beside it."""
    loaded = YAML(typ="safe", pure=True).load(path.with_suffix(".yml").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def description_breaches(table: str, beside: dict[str, object], columns: list[str] | None) -> list[str]:
    """What the .yml gets wrong: table name, grain, columns in output order, their type, unit and meaning."""
    found = [] if beside.get("table") == table else [f"{table}: its .yml says table [{beside.get('table')}]"]
    found += [f"{table}: its .yml has no {key}" for key in ("grain_zh", "grain_en") if not beside.get(key)]
    listed = beside.get("columns")
    if not isinstance(listed, list):
        return [*found, f"{table}: its .yml lists no columns"]
    names = [one["name"] for one in listed]
    found += [
        f"{table}.{name}: a folder of the lake bears this name and would hide the column" for name in names if name in FOLDERS
    ]
    if columns is not None and names != columns:
        found.append(f"{table}: the query gives {columns}, its .yml says {names}")
    for one in listed:
        if stray := set(one) - {"name", "type", "unit", "meaning_zh", "meaning_en"}:
            found.append(f"{table}.{one['name']}: {sorted(map(str, stray))} are no keys; quote a text that holds a comma")
        found += [f"{table}.{one['name']}: no {key}" for key in ("type", "unit", "meaning_zh", "meaning_en") if not one.get(key)]
        if one.get("unit") not in UNITS:
            found.append(f"{table}.{one['name']}: unit [{one.get('unit')}] is not one of {sorted(UNITS)}")
        if one["name"].endswith("_fen") and (one.get("unit"), one.get("type", "").lower()) != ("fen", "bigint"):
            found.append(f"{table}.{one['name']}: money is a bigint in fen")
    return found
