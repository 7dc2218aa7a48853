"""Who was matched with a law, and numbers that steps took down."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Text

from mianshen.warehouse.ledger.columns import table, words

MATCHED = table(
    "matched",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    words("verdict"),
    words("confirmation_code"),
    words("item_codes"),
    words("refusals"),
    words("left_lists"),
    words("matched_at"),
    words("matched_by"),
    CheckConstraint("verdict in ('fit','left')", name="matched_verdict"),
)
"""Why a match opened the case: who was confirmed in an earlier year fits the law of this one, or fits no more; append-only.

`item_codes` are those confirmed earlier, `refusals` the rules that do not hold, `left_lists` the categories that the person
left with the first day no longer, `CODE:2026-12-01`; each separated by commas, empty where there is none.
"""


CASE_NUMBER = table(
    "case_number",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("step_code", Text, primary_key=True),
    Column("round_no", Integer, primary_key=True),
    words("number"),
    words("recorded_by"),
    words("recorded_at"),
)
"""The number that a step took down, such as that of a letter at the post; append-only. It is nobody's own number."""
