"""Payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payment_batch",
        sa.Column("payment_batch_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("bank_profile", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("manual_payments", sa.Integer(), nullable=False),
        sa.Column("manual_fen", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("checker", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.Column("audit_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'sent' or file_sha256 is not null", name="sent_needs_file"),
        sa.CheckConstraint("state = 'drafted' or checker is not null", name="approved_needs_checker"),
        sa.CheckConstraint("state in ('drafted','approved','sent')", name="payment_batch_state"),
        sa.CheckConstraint("checker is null or checker <> maker", name="maker_is_not_checker"),
        sa.PrimaryKeyConstraint("payment_batch_id"),
        sa.UniqueConstraint("county_code", "content_sha256", name="one_payment_content"),
    )
    op.create_table(
        "payment_hold",
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("payee_key", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("county_code", "payee_key", "reason_code", "since"),
    )
    op.create_table(
        "payment",
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("payment_batch_id", sa.Text(), nullable=False),
        sa.Column("sequence_no", sa.Integer(), nullable=False),
        sa.Column("payee_key", sa.Text(), nullable=False),
        sa.Column("account_key", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('drafted','approved','sent','paid','returned','reissued','manual')", name="payment_state"),
        sa.CheckConstraint("amount_fen > 0", name="payment_is_positive"),
        sa.ForeignKeyConstraint(
            ["payment_batch_id"],
            ["payment_batch.payment_batch_id"],
        ),
        sa.PrimaryKeyConstraint("payment_id"),
        sa.UniqueConstraint("payment_batch_id", "payee_key", name="one_payment_a_payee"),
    )
    op.create_index("ix_payment_payment_batch_id", "payment", ["payment_batch_id"], unique=False)
    op.create_table(
        "bank_result",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.payment_id"],
        ),
        sa.PrimaryKeyConstraint("file_sha256", "line_no"),
        sa.UniqueConstraint("payment_id", "outcome", name="one_outcome"),
    )
    op.create_table(
        "payment_line",
        sa.Column("payment_line_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("award_id", sa.Text(), nullable=False),
        sa.Column("payee_key", sa.Text(), nullable=False),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["award_id"],
            ["award_posting.award_id"],
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.payment_id"],
        ),
        sa.PrimaryKeyConstraint("payment_line_id"),
    )
    op.create_index("ix_payment_line_payment_id", "payment_line", ["payment_id"], unique=False)
    op.create_index("line_by_award", "payment_line", ["award_id"], unique=False)
    op.create_index(
        "one_live_line",
        "payment_line",
        ["award_id", "payee_key"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("payment_line")
    op.drop_table("bank_result")
    op.drop_table("payment")
    op.drop_table("payment_hold")
    op.drop_table("payment_batch")
