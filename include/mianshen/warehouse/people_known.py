"""Of whom the ledger speaks: the person_keys that a vault must hold for its decisions and payments to lead back to people."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from mianshen.warehouse.ledger import METADATA

_COLUMNS = ("person_key", "payee_key")


def people_of_ledger(connection: Connection) -> set[str]:
    """Every person_key and payee_key that stands in any table of the ledger."""
    named = [select(table.c[name]) for table in METADATA.sorted_tables for name in _COLUMNS if name in table.c]
    return {key for key in connection.execute(union(*named)).scalars() if key}
