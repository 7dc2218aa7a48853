"""The data dictionary as a value: every table and column, what it means, what it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column."""

    name: str
    """Its name."""
    type: str
    """Its type in the store it stands in."""
    unit: str
    """fen, day, moment, code, key, count, text, ppm, flag; keys and nulls of a database column."""
    meaning_zh: str
    """What it holds."""
    meaning_en: str
    """The same in English."""
    sources: tuple[str, ...] = ()
    """schema.table.column of everything that its value is computed from; empty for constants, parameters, what is delivered."""


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table."""

    room: str
    """staging, facts, out, release, checks: schemas of the lake; ledger, vault: databases."""
    name: str
    """schema.table in the lake, the table's name in a database."""
    grain_zh: str
    """What a row is; empty where only English says it."""
    grain_en: str
    """The same in English."""
    columns: tuple[ColumnEntry, ...]
    """In order."""
    reads: tuple[str, ...] = ()
    """Tables that its SQL reads."""
    source: str = ""
    """The law or document that it follows, as its SQL says."""
    mart_name: str = ""
    """What its copy in the mart is called; empty for what is not published."""
