"""Experts drawn for a review, and the item that a case is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its guard; a case may name its item."""
    op.add_column("case", sa.Column("item_code", sa.Text(), nullable=True))
    op.create_table(
        "expert_draw",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("step_code", sa.Text(), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("draw_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("experts", "recused", "seed", "pool_sha256", "drawn_by", "drawn_at")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "step_code", "round_no", "draw_no"),
    )
    append_only("expert_draw")


def downgrade() -> None:
    """Take both away."""
    op.drop_table("expert_draw")
    op.drop_column("case", "item_code")
