"""取消救助资格 and its end: append-only."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text

from mianshen.warehouse.ledger.columns import table, words

EXCLUSION = table(
    "exclusion",
    Column("exclusion_id", Text, primary_key=True),
    Column("county_code", Text, nullable=False, index=True),
    words("person_key"),
    words("ground"),
    words("since"),
    words("until", null=True),
    words("document_no"),
    words("document_sha256"),
    words("decided_by"),
    words("decided_on"),
    words("recorded_by"),
    words("recorded_at"),
    CheckConstraint("decided_by <> recorded_by", name="exclusion_recorded_by_another"),
    CheckConstraint("until is null or until > since", name="exclusion_has_days"),
)
"""A person to whom nothing is given for care and fees from `since` on, until `until` or a lifting."""


EXCLUSION_END = table(
    "exclusion_end",
    Column("exclusion_id", Text, ForeignKey("exclusion.exclusion_id"), primary_key=True),
    words("ended_on"),
    words("document_sha256"),
    words("decided_by"),
    words("recorded_by"),
    words("recorded_at"),
    CheckConstraint("decided_by <> recorded_by", name="exclusion_end_recorded_by_another"),
)
"""It was lifted: relief is given again for care and fees from `ended_on` on."""
