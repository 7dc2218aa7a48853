"""Applications, approvals, decisions, postings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "application",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("departments", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("application_id"),
        sa.UniqueConstraint("receipt_no"),
    )
    op.create_table(
        "approval_batch",
        sa.Column("approval_batch_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.Column("audit_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("approval_batch_id"),
    )
    op.create_table(
        "award_posting",
        sa.Column("award_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("benefit_code", sa.Text(), nullable=False),
        sa.Column("benefit_year", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("posting_no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("clause_id", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=True),
        sa.Column("approval_item_id", sa.Text(), nullable=True),
        sa.Column("reverses_award_id", sa.Text(), nullable=True),
        sa.Column("policy_hash", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('opening','award')", name="posting_kind"),
        sa.CheckConstraint("amount_fen <> 0", name="posting_says_something"),
        sa.CheckConstraint("reverses_award_id is null or amount_fen < 0", name="reversal_is_negative"),
        sa.ForeignKeyConstraint(
            ["reverses_award_id"],
            ["award_posting.award_id"],
        ),
        sa.PrimaryKeyConstraint("award_id"),
        sa.UniqueConstraint("person_key", "benefit_code", "benefit_year", "event_id", "posting_no", name="one_posting"),
    )
    op.create_index("ix_award_posting_reverses_award_id", "award_posting", ["reverses_award_id"], unique=False)
    op.create_index("posting_by_county", "award_posting", ["county_code", "kind"], unique=False)
    op.create_index("posting_by_item", "award_posting", ["approval_item_id"], unique=False)
    op.create_table(
        "approval_item",
        sa.Column("approval_item_id", sa.Text(), nullable=False),
        sa.Column("approval_batch_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("item_no", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("route_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("route in ('rule','person')", name="item_route"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.application_id"],
        ),
        sa.ForeignKeyConstraint(
            ["approval_batch_id"],
            ["approval_batch.approval_batch_id"],
        ),
        sa.PrimaryKeyConstraint("approval_item_id"),
        sa.UniqueConstraint("application_id", "department_code", name="one_item_a_department"),
        sa.UniqueConstraint("approval_batch_id", "item_no", name="one_number_a_batch"),
    )
    op.create_index("ix_approval_item_application_id", "approval_item", ["application_id"], unique=False)
    op.create_index("ix_approval_item_approval_batch_id", "approval_item", ["approval_batch_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("approval_item_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.CheckConstraint("how in ('rule','person','bulk')", name="decision_how"),
        sa.CheckConstraint("outcome in ('agree','return','refuse')", name="decision_outcome"),
        sa.ForeignKeyConstraint(
            ["approval_item_id"],
            ["approval_item.approval_item_id"],
        ),
        sa.PrimaryKeyConstraint("decision_id"),
        sa.UniqueConstraint("approval_item_id"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("decision")
    op.drop_table("approval_item")
    op.drop_table("award_posting")
    op.drop_table("approval_batch")
    op.drop_table("application")
