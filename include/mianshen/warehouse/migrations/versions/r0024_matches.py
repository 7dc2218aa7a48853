"""Who was matched with a law, and numbers that steps took down; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("matched", "case_number")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "matched",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "case_id",
                "verdict",
                "confirmation_code",
                "item_codes",
                "refusals",
                "left_lists",
                "matched_at",
                "matched_by",
            )
        ),
        sa.CheckConstraint("verdict in ('fit','left')", name="matched_verdict"),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "case_number",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "step_code")),
        sa.Column("round_no", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("number", "recorded_by", "recorded_at")),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "step_code", "round_no"),
    )
    for table in TABLES:
        append_only(table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
