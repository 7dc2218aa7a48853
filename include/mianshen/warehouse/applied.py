"""Which assessment a county's postings stand for."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from mianshen.warehouse.ledger import ASSESSMENT_APPLIED


def newest(connection: Connection, *, county_code: str) -> str | None:
    """The run of the assessment that was applied last; None before the first."""
    query = select(ASSESSMENT_APPLIED.c.run_id).where(ASSESSMENT_APPLIED.c.county_code == county_code)
    return connection.execute(query.order_by(ASSESSMENT_APPLIED.c.applied_no.desc()).limit(1)).scalar()


def note(connection: Connection, run_id: str, *, county_code: str, at: str) -> None:
    """Note in the transaction of the postings that they stand for this assessment; nothing when it is the newest already."""
    if newest(connection, county_code=county_code) == run_id:
        return
    last = connection.execute(select(func.coalesce(func.max(ASSESSMENT_APPLIED.c.applied_no), 0))).scalar_one()
    row = {"applied_no": last + 1, "county_code": county_code, "run_id": run_id, "applied_at": at}
    connection.execute(insert(ASSESSMENT_APPLIED), row)
