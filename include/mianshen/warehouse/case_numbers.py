"""Numbers that steps took down, such as those of letters at the post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from mianshen.warehouse import cases
from mianshen.warehouse.ledger import CASE_NUMBER


def numbers_of(connection: Connection, case_ids: Iterable[str]) -> dict[tuple[str, str, int], str]:
    """Every number of these cases, by case, step and round."""
    wanted, found = sorted(set(case_ids)), {}
    for start in range(0, len(wanted), cases.CHUNK):
        query = select(CASE_NUMBER).where(CASE_NUMBER.c.case_id.in_(wanted[start : start + cases.CHUNK]))
        found.update({(row.case_id, row.step_code, row.round_no): row.number for row in connection.execute(query)})
    return found


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add numbers."""
    if rows:
        connection.execute(insert(CASE_NUMBER), [dict(one) for one in rows])
