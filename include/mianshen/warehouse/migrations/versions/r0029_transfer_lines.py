"""Postings that a transfer between funds settles without a payment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its guard."""
    op.create_table(
        "transfer_line",
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("award_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("fund_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", "award_id"),
        sa.ForeignKeyConstraint(["award_id"], ["award_posting.award_id"]),
        sa.CheckConstraint("amount_fen <> 0", name="transfer_line_says_something"),
    )
    op.create_index("transfer_by_award", "transfer_line", ["award_id"])
    append_only("transfer_line")


def downgrade() -> None:
    """Without it."""
    op.drop_table("transfer_line")
