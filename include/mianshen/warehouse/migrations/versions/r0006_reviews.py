"""Decisions on held claims; deliveries that a person withdrew or released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = "state in ('RECEIVED','KEYED','ACCEPTED','SUPERSEDED','REJECTED','HELD')"
STATES_NOW = "state in ('RECEIVED','KEYED','ACCEPTED','SUPERSEDED','REJECTED','HELD','WITHDRAWN')"


def upgrade() -> None:
    """Make the tables and let a delivery be withdrawn."""
    op.create_table(
        "claim_decision",
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("review_code", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('release','refuse')", name="claim_decision_outcome"),
        sa.PrimaryKeyConstraint("county_code", "event_id", "review_code"),
    )
    _state_is(STATES_NOW)
    op.create_table(
        "delivery_act",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("act_no", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("acted_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("act in ('withdrawn','released')", name="delivery_act_kind"),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.delivery_id"],
        ),
        sa.PrimaryKeyConstraint("delivery_id", "act_no"),
    )


def downgrade() -> None:
    """Drop them; a withdrawn delivery stands as refused."""
    op.drop_table("delivery_act")
    op.execute("update delivery set state = 'REJECTED' where state = 'WITHDRAWN'")
    _state_is(STATES)
    op.drop_table("claim_decision")


def _state_is(states: str) -> None:
    """Put this check on delivery.state; SQLite makes the table again, without its old check."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("delivery", recreate="always") as batch:
            batch.create_check_constraint("delivery_state", states)
        return
    op.drop_constraint("delivery_state", "delivery", type_="check")
    op.create_check_constraint("delivery_state", "delivery", states)
