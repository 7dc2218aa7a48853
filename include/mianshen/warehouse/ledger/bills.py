"""Bills that are claimed at a window, and the case that decides about each."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Text

from mianshen.warehouse.ledger.columns import table, words

CASE_BILL = table(
    "case_bill",
    Column("county_code", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("case.case_id"), nullable=False, index=True),
    words("recorded_by"),
    words("recorded_at"),
)
"""One bill or fee of a case; append-only. A bill belongs to one case, whatever else is claimed for it."""
