"""The index of turned steps holds those that were opened again, too."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TURNS = ("delegated", "paused", "resumed")


def upgrade() -> None:
    """With what was cancelled: a step that an objection opened again."""
    _index((*TURNS, "cancelled"))


def downgrade() -> None:
    """As before."""
    _index(TURNS)


def _index(kinds: Sequence[str]) -> None:
    op.drop_index("case_turns", "case_event")
    held = sa.text(f"happening in ({','.join(repr(one) for one in kinds)})")
    op.create_index("case_turns", "case_event", ["case_id", "step_code"], sqlite_where=held, postgresql_where=held)
