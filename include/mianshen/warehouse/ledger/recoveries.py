"""Assessments that were applied, and what was paid beyond what is due: recoveries, their postings, how they are settled."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from mianshen.warehouse.ledger.columns import fen, table, words

ASSESSMENT_APPLIED = table(
    "assessment_applied",
    Column("applied_no", Integer, primary_key=True, autoincrement=False),
    words("county_code"),
    words("run_id"),
    words("applied_at"),
    UniqueConstraint("county_code", "applied_no", name="one_applied_number"),
)
"""An assessment whose differences were posted whole; the last row of a county is what its postings stand for."""


RECOVERY = table(
    "recovery",
    Column("recovery_id", Text, primary_key=True),
    words("county_code"),
    words("person_key"),
    Column("benefit_year", Integer, nullable=False),
    fen("amount_fen"),
    words("way"),
    words("cause"),
    words("case_id", null=True),
    words("run_id"),
    words("found_at"),
    CheckConstraint("amount_fen > 0", name="recovery_is_positive"),
    CheckConstraint("way in ('case','small','forgiven')", name="recovery_way"),
    CheckConstraint("(way = 'case') = (case_id is not null)", name="recovery_has_its_case"),
    Index("recovery_by_person", "county_code", "person_key"),
)
"""What one person was paid beyond what is due, with its cause. Append-only: what is open of it follows from its entries."""


RECOVERY_LINE = table(
    "recovery_line",
    Column("award_id", Text, ForeignKey("award_posting.award_id"), primary_key=True),
    Column("recovery_id", Text, ForeignKey("recovery.recovery_id"), nullable=False, index=True),
    words("fund_code"),
    words("department_code"),
    fen("amount_fen"),
)
"""A posting that a recovery is made of: it counts there and in no payment. Their sum is the recovery's, below zero."""


RECOVERY_ENTRY = table(
    "recovery_entry",
    Column("recovery_id", Text, ForeignKey("recovery.recovery_id"), primary_key=True),
    Column("entry_no", Integer, primary_key=True),
    words("entry"),
    fen("amount_fen"),
    Column("award_id", Text, ForeignKey("award_posting.award_id"), nullable=True),
    words("reference"),
    words("actor"),
    words("at"),
    UniqueConstraint("recovery_id", "reference", name="one_entry_a_reference"),
    CheckConstraint("amount_fen > 0", name="recovery_entry_is_positive"),
    CheckConstraint("entry in ('received','fallen','offset','written_off','let_go')", name="recovery_entry_kind"),
    CheckConstraint("(entry in ('fallen','offset')) = (award_id is not null)", name="recovery_entry_names_its_award"),
    Index("recovery_entry_by_award", "award_id"),
)
"""A part of a recovery that was settled, append-only: money back, a later award kept for it, written off, let go."""


RECOVERY_PART = table(
    "recovery_part",
    Column("recovery_id", Text, ForeignKey("recovery.recovery_id"), primary_key=True),
    Column("plan_no", Integer, primary_key=True),
    Column("part_no", Integer, primary_key=True),
    words("due_on"),
    fen("amount_fen"),
    words("agreed_by"),
    words("agreed_at"),
    CheckConstraint("amount_fen > 0", name="recovery_part_is_positive"),
)
"""An instalment that was agreed, append-only; the plan with the highest number counts."""
