"""What clerks look up at the window, and whom the bureau told what by letter or text message; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("window_query", "telling")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "window_query",
        sa.Column("query_no", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("county_code", "actor", "asked_at", "act")),
        sa.Column("sought", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.CheckConstraint("act in ('searched','opened','named','printed')", name="window_query_act"),
        sa.CheckConstraint("(act = 'searched') = (sought is not null)", name="window_query_sought"),
        sa.CheckConstraint("sought in ('certno','name','amount')", name="window_query_sought_by"),
        sa.PrimaryKeyConstraint("query_no"),
    )
    op.create_index("window_query_by_actor", "window_query", ["actor", "asked_at"])
    names = ("county_code", "person_key", "event_code", "subject_id", "act", "way", "file_name", "told_by", "told_at")
    op.create_table(
        "telling",
        sa.Column("telling_no", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.CheckConstraint("act in ('told','withdrawn')", name="telling_act"),
        sa.CheckConstraint("way in ('sms','letter','visit')", name="telling_way"),
        sa.CheckConstraint("parts >= 0", name="telling_parts"),
        sa.PrimaryKeyConstraint("telling_no"),
        sa.UniqueConstraint("county_code", "person_key", "event_code", "subject_id", "act", name="told_once"),
    )
    for table in TABLES:
        append_only(table)


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
