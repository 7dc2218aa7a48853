"""Signals that somebody should be helped, and what came of asking the person; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("radar_signal", "visit")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "radar_signal",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("signal_id", "county_code", "signal_code", "subject_id", "person_key")
        ),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("arose_on", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("evidence", "raised_at", "run_id")),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("signal_id"),
    )
    op.create_index("ix_radar_signal_case_id", "radar_signal", ["case_id"])
    op.create_index("signal_by_county", "radar_signal", ["county_code", "raised_at"])
    op.create_table(
        "visit",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("case_id", "step_code")),
        sa.Column("round_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("outcome_code", "way", "spoke_with", "visited_on", "visited_by", "recorded_by", "recorded_at")
        ),
        sa.Column("sheet_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("way in ('home','phone')", name="visit_way"),
        sa.CheckConstraint("spoke_with in ('self','family','nobody')", name="visit_spoke_with"),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "step_code", "round_no"),
    )
    for table in TABLES:
        append_only(table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
