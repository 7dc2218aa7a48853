"""Relief officers in the ledger: each list whole, the newest counts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from mianshen.core.officers import Level, Officer
from mianshen.warehouse.ledger import OFFICER


def standing(connection: Connection, *, county_code: str) -> list[Officer]:
    """The newest list, in its order; empty before the first."""
    own = OFFICER.c
    query = select(own.level, own.place, own.role, own.login).where(
        own.county_code == county_code, own.list_no == _newest(connection, county_code)
    )
    return [Officer(Level(row.level), row.place, row.role, row.login) for row in connection.execute(query.order_by(own.line_no))]


def replace(
    connection: Connection, officers: Sequence[Officer], *, county_code: str, sheet_sha256: str, by: str, at: str
) -> bool:
    """Let the list count from now on; False when the very list counts already."""
    if standing(connection, county_code=county_code) == list(officers):
        return False
    number = _newest(connection, county_code) + 1
    rows = [
        {
            "county_code": county_code,
            "list_no": number,
            "line_no": line,
            "level": one.level.value,
            "place": one.place,
            "role": one.role,
            "login": one.login,
            "sheet_sha256": sheet_sha256,
            "recorded_by": by,
            "recorded_at": at,
        }
        for line, one in enumerate(officers, 1)
    ]
    connection.execute(insert(OFFICER), rows)
    return True


def _newest(connection: Connection, county_code: str) -> int:
    query = select(func.coalesce(func.max(OFFICER.c.list_no), 0)).where(OFFICER.c.county_code == county_code)
    return int(connection.execute(query).scalar_one())
