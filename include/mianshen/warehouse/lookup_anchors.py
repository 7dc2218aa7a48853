"""Look-ups of names in the audit chain: the digest of each row of a look-up log, by which the log can be checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry

LOOKED_UP = "vault.looked_up"
"""Action of the row that names a look-up by its log and number."""
EXPLAINED = "vault.lookup_explained"
"""Action of the row by which somebody answers for a look-up whose task died before it could be named."""


def anchor(connection: Connection, subject: str, digest: str, *, at: str, actor: str, action: str = LOOKED_UP) -> None:
    """Name a look-up in the chain, once: who tries the same act again finds it there."""
    audit.lock_money(connection)
    if not audit.stands(connection, action=action, subject=subject):
        audit.append(connection, [Entry(action, subject, {"digest": digest})], at=at, actor=actor)


def anchored(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The digest of each look-up that the chain names, by its subject."""
    return {row["subject"]: json.loads(row["detail"])["digest"] for row in rows if row["action"] in (LOOKED_UP, EXPLAINED)}
