"""Leads of the supervisor's checks, and what was done about each; append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("lead", "lead_act")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "lead",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("lead_id", "county_code", "indicator_code", "subject_kind", "subject_id")
        ),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("person_key", "department_code", "town")),
        sa.Column("arose_on", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("evidence", "raised_at", "run_id")),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index("lead_by_county", "lead", ["county_code", "raised_at"])
    op.create_table(
        "lead_act",
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("act_no", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("act", "actor", "department_code", "acted_at", "document")),
        sa.CheckConstraint("act in ('asked','answered','refuted','confirmed','transferred')", name="lead_act_kind"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.lead_id"]),
        sa.PrimaryKeyConstraint("lead_id", "act_no"),
    )
    for table in TABLES:
        _guard(table)


def _guard(table: str) -> None:
    """Refuse every change and removal, as revision 0007 does."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"create trigger {table}_keeps_{act} before {act} on {table}"
                f" begin select raise(abort, 'append-only: {act} of {table} is refused'); end"
            )
        return
    for act, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f"create trigger {table}_keeps_{act} before {act} on {table} for each {each} execute function mianshen_append_only()"
        )


def downgrade() -> None:
    """Without them."""
    for table in reversed(TABLES):
        op.drop_table(table)
