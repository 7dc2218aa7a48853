"""Relief that a meeting granted beyond the rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WORDS = (
    *("county_code", "person_key", "department_code", "fund_code", "minutes_no", "document_sha256"),
    *("decided_by", "decided_on", "recorded_by", "recorded_at"),
)


def upgrade() -> None:
    """Make the table and its guards."""
    op.create_table(
        "exceptional_award",
        sa.Column("exceptional_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in WORDS),
        sa.Column("benefit_year", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("award_id", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="exceptional_is_positive"),
        sa.CheckConstraint("recorded_by <> decided_by", name="exceptional_by_another"),
        sa.ForeignKeyConstraint(["award_id"], ["award_posting.award_id"]),
        sa.PrimaryKeyConstraint("exceptional_id"),
        sa.UniqueConstraint("award_id"),
        sa.UniqueConstraint("county_code", "minutes_no", "person_key", name="one_exceptional"),
    )
    append_only("exceptional_award")


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("exceptional_award")
