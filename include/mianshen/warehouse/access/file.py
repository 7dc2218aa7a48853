"""The access file: roles, the tables and columns that each reads or adds to, and the rows of them; held against what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import mianshen
from mianshen.core.errors import MianshenError
from mianshen.warehouse.connect import LEDGER, MART
from mianshen.warehouse.ledger import METADATA, VIEWS
from mianshen.warehouse.publish import mart_columns, published_tables

FILE = Path(mianshen.__file__).resolve().parents[1] / "access" / "roles.yaml"
"""include/access/roles.yaml."""
OFFICE = "office"
"""The schema of who answers for whom, and of the views that roles read through."""
LOGIN_DEPARTMENT = f"{OFFICE}.login_department"
"""Which department of which county a login answers for."""
ANSWER = f"{OFFICE}.answer"
"""What departments answered by their own logins, one row a reply to a batch; nobody changes or removes one."""
PIPELINE = "pipeline"
"""The role of the product's own login: every row and column."""
EVERY = "*"
ANSWER_COLUMNS = ("approval_batch_id", "chosen", "refusals", "returns", "agrees", "signed_by", "signed_at")
"""Of `office.answer`; as `core.decisions.Reply` says, with who signed and when, which the database says itself."""

Declared = Mapping[str, tuple[str, ...]]
"""Columns by schema.table, of everything that the product makes in a database."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a role has of one table."""

    table: str
    """schema.table."""
    columns: tuple[str, ...]
    """Columns that it reads or fills in."""
    rows: str
    """Name of the condition that a row must meet; empty for every row."""


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of person."""

    code: str
    """As people name it on the command line; in the database it is mianshen_<code>."""
    name_zh: str
    """What the role is called, in Chinese."""
    name_en: str
    """The same in English."""
    why_zh: str
    """What it sees and why, for whoever reads the table of roles."""
    why_en: str
    """The same in English."""
    reads: tuple[Share, ...]
    """What it may select."""
    adds: tuple[Share, ...]
    """What it may insert; nobody but the pipeline changes or removes a row."""


@dataclass(frozen=True, slots=True)
class View:
    """A view that is made for a role."""

    name: str
    """schema.view."""
    columns: tuple[str, ...]
    """Its columns."""
    needs: tuple[str, ...]
    """Tables that it reads; where one is missing the view is not made."""
    text: str
    """Its select."""


@dataclass(frozen=True, slots=True)
class Access:
    """The whole file, with every table and column that it names known to exist."""

    schemas: Mapping[str, tuple[str, str, str, str]]
    """Schema -> (what it holds in Chinese, in English, category of storage in Chinese, in English)."""
    rows: Mapping[str, str]
    """Name of a condition -> its SQL."""
    views: tuple[View, ...]
    """Views that roles read through."""
    roles: tuple[Role, ...]
    """In the order of the file."""
    unshared: tuple[str, ...]
    """Tables that nobody reads but whom a whole schema is open to."""
    signed_at: str
    """SQL by which the database dates a signature: its own clock, so that nobody who signs says when."""

    def role(self, code: str) -> Role:
        """The role of this code; MianshenError ACCESS_UNKNOWN when there is none."""
        for one in self.roles:
            if one.code == code:
                return one
        raise _unknown(code, f"role ({', '.join(one.code for one in self.roles)})")


def prefixed(code: str) -> str:
    """What a role is called in the database: mianshen_analyst."""
    return f"mianshen_{code}"


def declared_here() -> dict[str, tuple[str, ...]]:
    """Columns of every ledger table and view, of every table that `publish` makes, and of the office's own table."""
    ledger = {f"{LEDGER}.{name}": tuple(table.c.keys()) for name, table in (METADATA.tables | VIEWS.tables).items()}
    mart = {f"{MART}.{name}": mart_columns(table) for table in published_tables() for name in [table.replace(".", "_")]}
    office = {LOGIN_DEPARTMENT: ("login", "county_code", "department_code"), ANSWER: ANSWER_COLUMNS}
    return ledger | mart | office


def load_access(declared: Declared, path: Path = FILE) -> Access:
    """The file's roles; `declared` says which tables and columns exist.

    MianshenError ACCESS_UNKNOWN names a table, column, condition or key that is not known, and a table that the file forgets.
    """
    try:
        said = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except YAMLError as cause:
        raise _unknown(type(cause).__name__, path.name) from cause
    views = tuple(View(name, tuple(one["columns"]), tuple(one["needs"]), one["text"]) for name, one in said["views"].items())
    known = {**declared, **{one.name: one.columns for one in views}}
    for view in views:
        _must_stand(set(view.needs) - set(declared), f"views.{view.name}")
    rows = {name: " ".join(text.split()) for name, text in said["rows"].items()}
    roles = tuple(_role(code, one, known, rows) for code, one in said["roles"].items())
    unshared = tuple(said["unshared"])
    _must_stand(set(unshared) - set(known), "unshared")
    schemas = {name: (one["zh"], one["en"], one["category_zh"], one["category_en"]) for name, one in said["schemas"].items()}
    _must_stand({name.split(".")[0] for name in known} - set(schemas), "schemas")
    _must_stand(forgotten(said, known), "roles, unshared")
    return Access(schemas, rows, views, roles, unshared, said["signed_at"])


def forgotten(said: Mapping[str, Any], known: Declared) -> set[str]:
    """Tables that no role names one by one and that do not stand under `unshared`: nobody decided who sees them."""
    named = {table for one in said["roles"].values() for act in ("reads", "adds") for table in one.get(act) or {}}
    return set(known) - named - set(said["unshared"])


def _role(code: str, said: Mapping[str, Any], known: Declared, rows: Mapping[str, str]) -> Role:
    where = f"roles.{code}"
    _must_stand(set(said) - {"zh", "en", "why_zh", "why_en", "reads", "adds"}, where)
    shares = {act: tuple(_shares(said.get(act) or {}, known, rows, where=f"{where}.{act}")) for act in ("reads", "adds")}
    return Role(code, said["zh"], said["en"], said["why_zh"], said["why_en"], shares["reads"], shares["adds"])


def _shares(said: Mapping[str, Any], known: Declared, rows: Mapping[str, str], *, where: str) -> Iterator[Share]:
    """One share a table; `ledger.*` is every table of the schema that is not named beside it."""
    for name, what in said.items():
        if not name.endswith(f".{EVERY}"):
            _must_stand({name} - set(known), where)
            yield _share(name, what, known[name], rows, where=f"{where}.{name}")
            continue
        schema = name.split(".")[0]
        for table in sorted(one for one in known if one.split(".")[0] == schema and one not in said):
            yield _share(table, what, known[table], rows, where=f"{where}.{name}")


def _share(table: str, said: Any, columns: tuple[str, ...], rows: Mapping[str, str], *, where: str) -> Share:
    if said == "all":
        return Share(table, columns, "")
    if not isinstance(said, dict) or set(said) - {"only", "without", "rows"} or {"only", "without"} <= set(said):
        raise _unknown(str(said)[:40], where)
    _must_stand({*said.get("only", ()), *said.get("without", ())} - set(columns), where)
    _must_stand({said["rows"]} - set(rows) if "rows" in said else set(), where)
    chosen = said.get("only", columns)
    return Share(
        table, tuple(one for one in columns if one in chosen and one not in said.get("without", ())), said.get("rows", "")
    )


def _must_stand(unknown: set[str], where: str) -> None:
    if unknown:
        raise _unknown(", ".join(sorted(unknown)), where)


def _unknown(found: str, where: str) -> MianshenError:
    return MianshenError("ACCESS_UNKNOWN", found=found, where=f"include/access/roles.yaml {where}")
