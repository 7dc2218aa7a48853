"""What people said of how their finished case was served."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text

from mianshen.warehouse.ledger.columns import table, words

CASE_RATING = table(
    "case_rating",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    words("rating"),
    words("recorded_by"),
    words("recorded_at"),
    CheckConstraint("channel in ('好差评','12345')", name="rating_channel"),
    CheckConstraint("rating in ('good','bad')", name="rating_word"),
)
"""One rating of a finished case, once a channel; append-only."""
