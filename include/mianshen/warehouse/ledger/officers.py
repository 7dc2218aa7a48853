"""Relief officers: each list as it was sent, the newest counts."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Text

from mianshen.warehouse.ledger.columns import table, words

OFFICER = table(
    "officer",
    Column("county_code", Text, primary_key=True),
    Column("list_no", Integer, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    words("level"),
    words("place"),
    words("role"),
    words("login"),
    words("sheet_sha256"),
    words("recorded_by"),
    words("recorded_at"),
)
"""One line of the county's routing table, by login; append-only, no name."""
