"""Public notices in the ledger and the lake: which cases stand on which notice since when, and what may not be shown of whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_ITEM, AUDIT

PUBLISHED = "notice.published"
"""Action of the audit row behind a notice."""
OBJECTED = "notice.objected"
"""The same behind an objection that was taken in writing."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Published:
    """Since when a case's step stands on a notice."""

    at: str
    """ISO moment of the notice."""
    notice_id: str
    """Which notice."""


def published(connection: Connection) -> dict[tuple[str, int], Published]:
    """The notice of each (case id, round of its notice step); the first that named it counts."""
    query = select(AUDIT.c.at, AUDIT.c.subject, AUDIT.c.detail).where(AUDIT.c.action == PUBLISHED).order_by(AUDIT.c.audit_no)
    found: dict[tuple[str, int], Published] = {}
    for row in connection.execute(query):
        for case, round_no in json.loads(row.detail)["cases"]:
            found.setdefault((case, round_no), Published(row.at, row.subject))
    return found


def notice_of(connection: Connection, notice_id: str) -> Mapping[str, Any] | None:
    """What the chain keeps of a notice: at, and its detail's values."""
    query = select(AUDIT.c.at, AUDIT.c.detail).where(AUDIT.c.action == PUBLISHED, AUDIT.c.subject == notice_id)
    row = connection.execute(query).first()
    return None if row is None else {"at": row.at, **json.loads(row.detail)}


def asked_for(connection: Connection, subjects: Iterable[str]) -> dict[str, tuple[int, frozenset[str]]]:
    """Fen and category codes of the applications among cases and their subjects; what is none is left out."""
    found: dict[str, tuple[int, frozenset[str]]] = {}
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        query = (
            select(APPLICATION.c.application_id, APPLICATION.c.amount_fen, APPROVAL_ITEM.c.category_code)
            .join(APPROVAL_ITEM, APPROVAL_ITEM.c.application_id == APPLICATION.c.application_id)
            .where(APPLICATION.c.application_id.in_(some))
        )
        for row in connection.execute(query):
            known = found.get(row.application_id, (row.amount_fen, frozenset()))
            found[row.application_id] = (row.amount_fen, known[1] | {row.category_code})
    return found


def said_of(store: Lake, persons: Iterable[str], *, county_code: str) -> dict[str, frozenset[str]]:
    """Every category and list that each person has ever stood on, as codes."""
    query = """
        select distinct person_key, unnest([category_code, list_code]) as said
        from facts.identity_span where list_contains($persons, person_key)
    """
    return _grouped(store, "facts.identity_span", query, persons, county_code)


def diagnoses_of(store: Lake, persons: Iterable[str], *, county_code: str) -> dict[str, frozenset[str]]:
    """Every diagnosis that the claims of each person name."""
    query = """
        select distinct person_key, dise_code as said
        from facts.care_event where dise_code is not null and list_contains($persons, person_key)
    """
    return _grouped(store, "facts.care_event", query, persons, county_code)


def _grouped(store: Lake, table: str, query: str, persons: Iterable[str], county_code: str) -> dict[str, frozenset[str]]:
    with compute() as con:
        lake.show(con, table, store.current(table, county_code=county_code))
        rows = con.execute(query, {"persons": sorted(set(persons))}).fetchall()
    found: dict[str, frozenset[str]] = {}
    for person, said in rows:
        found[person] = found.get(person, frozenset()) | {said}
    return found
