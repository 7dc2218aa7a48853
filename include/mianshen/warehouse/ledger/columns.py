"""How every ledger table is declared: one MetaData, text for moments, BIGINT for fen."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

METADATA = MetaData()
"""All tables of the ledger."""
VIEWS = MetaData()
"""Its views."""


def table(name: str, *parts: SchemaItem) -> Table:
    """A table of the ledger."""
    return Table(name, METADATA, *parts)


def view(name: str, *parts: SchemaItem) -> Table:
    """A view of the ledger: read like a table, made by a migration, written never."""
    return Table(name, VIEWS, *parts)


def words(name: str, *, null: bool = False) -> Column[str]:
    """A text column: codes, keys, hashes, ISO moments."""
    return Column(name, Text, nullable=null)


def fen(name: str) -> Column[int]:
    """A money column in fen."""
    return Column(name, BigInteger, nullable=False)


def count(name: str) -> Column[int]:
    """A count, 0 at first."""
    return Column(name, BigInteger, nullable=False, default=0)
