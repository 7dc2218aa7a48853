"""Cases of processes, with rounds, owners, outcomes and papers; who holds a clock and when it is due after a pause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("case_event", "case", "clock_turn")
HAPPENINGS = "happening in ('opened','step_opened','papers','delegated','paused','resumed','decided','cancelled','ended')"


def upgrade() -> None:
    """Make the tables anew: nothing was ever written into the two that stood."""
    for table in TABLES[:2]:
        op.drop_table(table)
    op.create_table(
        "case",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("county_code", sa.Text(), nullable=False),
        sa.Column("process_code", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("benefit_year", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("county_code", "process_code", "subject_id", "benefit_year", name="one_case"),
    )
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("event_no", sa.Integer(), nullable=False),
        sa.Column("happening", sa.Text(), nullable=False),
        sa.Column("step_code", sa.Text(), nullable=False),
        sa.Column("round_no", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.Text(), nullable=False),
        sa.Column("outcome_code", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.CheckConstraint(HAPPENINGS, name="case_event_kind"),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "event_no"),
    )
    op.create_table(
        "clock_turn",
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("turn_no", sa.Integer(), nullable=False),
        sa.Column("holder_department", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("due_at", sa.Text(), nullable=True),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("happened_at", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.CheckConstraint("(due_on is null) = (due_at is null)", name="clock_turn_whole"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.clock_id"]),
        sa.PrimaryKeyConstraint("clock_id", "turn_no"),
    )
    for table in TABLES:
        _guard(table)


def _guard(table: str) -> None:
    """Refuse every change and removal, as revision 0007 does."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f'create trigger {table}_keeps_{act} before {act} on "{table}"'
                f" begin select raise(abort, 'append-only: {act} of {table} is refused'); end"
            )
        return
    for act, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
        op.execute(
            f'create trigger {table}_keeps_{act} before {act} on "{table}"'
            f" for each {each} execute function mianshen_append_only()"
        )


def downgrade() -> None:
    """The tables of before, empty."""
    for table in (TABLES[0], TABLES[1], TABLES[2]):
        op.drop_table(table)
    op.create_table(
        "case",
        sa.Column("case_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("county_code", "process_code", "subject_id", "opened_at")),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "case_event",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("event_no", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("step_code", "event", "actor", "happened_at")),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.case_id"]),
        sa.PrimaryKeyConstraint("case_id", "event_no"),
    )
    for table in TABLES[:2]:
        _guard(table)
