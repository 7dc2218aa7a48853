"""家庭经济状况核对: who belongs to the family, what each was told to earn, and what the test said; append-only."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, words

FAMILY_MEMBER = table(
    "family_member",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("member_no", Integer, primary_key=True),
    words("person_key"),
    words("relation"),
    words("recorded_by"),
    words("recorded_at"),
    words("sheet_sha256"),
    UniqueConstraint("case_id", "person_key", name="family_member_once"),
)
"""A member of the family of a case, the applicant first; names stand in the vault alone."""


MEANS_ANSWER = table(
    "means_answer",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("round_no", Integer, primary_key=True),
    Column("member_no", Integer, primary_key=True),
    fen("income_fen"),
    words("recorded_by"),
    words("recorded_at"),
    words("sheet_sha256"),
    CheckConstraint("income_fen >= 0", name="means_answer_income"),
)
"""What the checking department told of a member's income, of all the months together; `sheet_sha256` is the file in custody."""


MEANS_TEST = table(
    "means_test",
    Column("case_id", Text, ForeignKey("case.case_id"), primary_key=True),
    Column("round_no", Integer, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("months", Integer, nullable=False),
    fen("income_fen"),
    fen("borne_fen"),
    Column("times", Integer, nullable=False),
    fen("standard_fen"),
    fen("least_borne_fen"),
    words("article"),
    words("applied_on"),
    words("tested_at"),
    CheckConstraint("people > 0 and months > 0 and times > 0", name="means_test_counts"),
)
"""The family's income held against the standard of the day of the application; what it says follows from its numbers."""
