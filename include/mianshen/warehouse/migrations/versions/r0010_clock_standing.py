"""How each clock stands, kept by the database as turns, events and exemptions are added; clocks have towns, misses exemptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = (
    "clock_id",
    "county_code",
    "time_limit_code",
    "subject_kind",
    "subject_id",
    "holder_department",
    "started_at",
    "due_on",
    "due_at",
)
COUNTED = ["county_code", "closed_as", "time_limit_code", "holder_department", "town", "due_at", "exempted_at"]
FEW = {
    "running": "closed_at is null",
    "unmissed": "closed_as = 'met_late' and missed_at is null",
    "missed": "missed_at is not null",
    "exempted": "exempted_at is not null",
}
KEPT = {
    "clock": (
        "insert into clock_standing (clock_id, county_code, time_limit_code, subject_kind, subject_id, holder_department,"
        " started_at, due_on, due_at, is_provisional, town, turn_no)"
        " values (new.clock_id, new.county_code, new.time_limit_code, new.subject_kind, new.subject_id, new.holder_department,"
        " new.started_at, new.due_on, new.due_at, new.is_provisional, new.town, 0)"
    ),
    "clock_turn": (
        "update clock_standing set turn_no = new.turn_no, holder_department = new.holder_department,"
        " due_on = coalesce(new.due_on, '9999-12-31'), due_at = coalesce(new.due_at, '9999-12-31T00:00:00+08:00'),"
        " is_provisional = new.is_provisional where clock_id = new.clock_id and turn_no < new.turn_no"
    ),
    "clock_event": (
        "update clock_standing set"
        " closed_at = case when new.event = 'closed' then new.happened_at else closed_at end,"
        " closed_as = case when new.event <> 'closed' then closed_as"
        " when new.happened_at < due_at then 'met' else 'met_late' end,"
        " missed_at = case when new.event = 'missed' then new.happened_at else missed_at end,"
        " cause_code = case when new.event = 'missed' then new.cause_code else cause_code end"
        " where clock_id = new.clock_id and new.event in ('closed', 'missed')"
    ),
    "clock_exemption": (
        "update clock_standing set exempted_at = new.acted_at where clock_id = new.clock_id and new.act = 'granted'"
    ),
}
STANDING_NOW = """
insert into clock_standing (
    clock_id, county_code, time_limit_code, subject_kind, subject_id, holder_department, started_at, due_on, due_at,
    is_provisional, town, turn_no, closed_at, closed_as, missed_at, cause_code
)
select
    clock.clock_id, clock.county_code, clock.time_limit_code, clock.subject_kind, clock.subject_id,
    coalesce(turn.holder_department, clock.holder_department), clock.started_at,
    case when turn.clock_id is null then clock.due_on else coalesce(turn.due_on, '9999-12-31') end,
    case when turn.clock_id is null then clock.due_at else coalesce(turn.due_at, '9999-12-31T00:00:00+08:00') end,
    coalesce(turn.is_provisional, clock.is_provisional), clock.town, coalesce(turn.turn_no, 0), closed.happened_at,
    case when closed.clock_id is null then null
        when turn.clock_id is not null and turn.due_at is null then 'met'
        when closed.happened_at < coalesce(turn.due_at, clock.due_at) then 'met' else 'met_late' end,
    missed.happened_at, missed.cause_code
from clock
left join clock_turn as turn on turn.clock_id = clock.clock_id
    and turn.turn_no = (select max(turn_no) from clock_turn as one where one.clock_id = clock.clock_id)
left join clock_event as closed on closed.clock_id = clock.clock_id and closed.event = 'closed'
left join clock_event as missed on missed.clock_id = clock.clock_id and missed.event = 'missed'
"""


def upgrade() -> None:
    """Make the tables, sum up what stands, and let the database keep it from now on."""
    op.add_column("clock", sa.Column("town", sa.Text(), nullable=True))
    op.create_table(
        "clock_exemption",
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("act_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("act", "actor", "department_code", "acted_at", "ground", "document")
        ),
        sa.Column("document_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint("act in ('applied','granted','denied')", name="clock_exemption_act"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.clock_id"]),
        sa.PrimaryKeyConstraint("clock_id", "act_no"),
    )
    op.create_table(
        "clock_standing",
        *(sa.Column(name, sa.Text(), nullable=False) for name in WORDS),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("turn_no", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("closed_at", "closed_as", "missed_at", "cause_code", "exempted_at")
        ),
        sa.CheckConstraint("closed_as in ('met','met_late')", name="clock_closed_as"),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.clock_id"]),
        sa.PrimaryKeyConstraint("clock_id"),
    )
    op.execute(STANDING_NOW)
    op.create_index("clock_standing_due", "clock_standing", ["county_code", "due_at", "clock_id"])
    op.create_index("clock_standing_counted", "clock_standing", COUNTED)
    for name, condition in FEW.items():
        only = sa.text(condition)
        op.create_index(
            f"clock_standing_{name}",
            "clock_standing",
            ["county_code", "due_at", "clock_id"],
            sqlite_where=only,
            postgresql_where=only,
        )
    for table, act in KEPT.items():
        _keep(table, act)
    _guard("clock_exemption")


def _keep(table: str, act: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"create trigger {table}_stands after insert on {table} begin {act}; end")
        return
    body = f"begin {act}; return null; end"
    op.execute(f"create function mianshen_{table}_stands() returns trigger language plpgsql as $body$ {body} $body$")
    op.execute(f"create trigger {table}_stands after insert on {table} for each row execute function mianshen_{table}_stands()")


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
    for table in KEPT:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"drop trigger {table}_stands")
        else:
            op.execute(f"drop trigger {table}_stands on {table}")
            op.execute(f"drop function mianshen_{table}_stands()")
    op.drop_table("clock_standing")
    op.drop_table("clock_exemption")
    op.drop_column("clock", "town")
