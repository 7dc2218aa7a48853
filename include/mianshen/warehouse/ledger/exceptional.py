"""Relief that a meeting granted beyond the rules."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, words

EXCEPTIONAL_AWARD = table(
    "exceptional_award",
    Column("exceptional_id", Text, primary_key=True),
    words("county_code"),
    words("person_key"),
    words("department_code"),
    words("fund_code"),
    Column("benefit_year", Integer, nullable=False),
    fen("amount_fen"),
    words("minutes_no"),
    words("document_sha256"),
    words("decided_by"),
    words("decided_on"),
    words("recorded_by"),
    words("recorded_at"),
    Column("award_id", Text, ForeignKey("award_posting.award_id"), nullable=False, unique=True),
    UniqueConstraint("county_code", "minutes_no", "person_key", name="one_exceptional"),
    CheckConstraint("amount_fen > 0", name="exceptional_is_positive"),
    CheckConstraint("recorded_by <> decided_by", name="exceptional_by_another"),
)
"""What minutes granted to a person beyond the rules, with the posting that it is; append-only, on the supervisor's own list."""
