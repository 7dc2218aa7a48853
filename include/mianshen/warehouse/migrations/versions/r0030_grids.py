"""The grid in which the person of a signal lives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A signal may name its grid."""
    op.add_column("radar_signal", sa.Column("grid_code", sa.Text(), nullable=True))


def downgrade() -> None:
    """Without it."""
    op.drop_column("radar_signal", "grid_code")
