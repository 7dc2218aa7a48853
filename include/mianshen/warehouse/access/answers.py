"""What departments answered by logins of their own: read here, recorded by `approve` like a form or a sheet."""

from __future__ import annotations

from sqlalchemy import Connection

from mianshen.core.days import local
from mianshen.warehouse.access.catalogue import columns_in
from mianshen.warehouse.access.file import ANSWER


def signed_answers(connection: Connection, *, county_code: str) -> list[tuple[str, dict[str, str]]]:
    """(batch, reply) of every answer that was signed in the database by a login of the county, oldest first.

    Who signed is what PostgreSQL knew of the session; when is the moment of the insert. Empty where there is no such table.
    """
    if connection.dialect.name != "postgresql" or not columns_in(connection, ANSWER):
        return []
    query = (
        "select a.approval_batch_id, a.chosen, a.refusals, a.returns, a.agrees, a.signed_by, a.signed_at, l.department_code"
        " from office.answer a join office.login_department l on l.login = a.signed_by"
        " where l.county_code = %s order by a.signed_at, a.approval_batch_id, a.signed_by"
    )
    return [
        (
            row["approval_batch_id"],
            {
                **{name: row[name] for name in ("chosen", "refusals", "returns", "agrees", "department_code")},
                "decided_by": row["signed_by"],
                "decided_at": local(row["signed_at"]).isoformat(timespec="seconds"),
            },
        )
        for row in connection.exec_driver_sql(query, (county_code,)).mappings()
    ]
