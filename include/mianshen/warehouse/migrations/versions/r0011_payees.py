"""Payees who are not the beneficiary, by a relation that two people recorded; accounts that are watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import allow, append_only, refuse

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("payee_relation", "payee_confirm", "payee_end", "watched_account", "watched_account_end")
OTHER_PAYEE = """exists (
    select 1 from award_posting as a where a.award_id = new.award_id and (
        (a.person_key = new.payee_key and new.relation_id is not null)
        or (a.person_key <> new.payee_key and not exists (
            select 1 from payee_relation as r
            inner join payee_confirm as c on c.relation_id = r.relation_id
            where r.relation_id = new.relation_id and r.person_key = a.person_key and r.payee_key = new.payee_key
            and (r.event_id is null or r.event_id = a.event_id)
            and not exists (select 1 from payee_end as e where e.relation_id = r.relation_id)))))"""
RELATION_STAYS = "coalesce(new.relation_id, '') <> coalesce(old.relation_id, '')"
GUARDS = (
    ("payment_line_payee", "insert", OTHER_PAYEE, "payment line: no confirmed relation to this payee"),
    ("payment_line_relation", "update", RELATION_STAYS, "payment line: its content is frozen"),
)


def upgrade() -> None:
    """Make the tables; a line says by which relation its payee is paid."""
    _relations()
    _watched()
    for table in TABLES:
        append_only(table)
    op.execute("alter table payment_line add column relation_id text references payee_relation (relation_id)")
    for name, act, when, saying in GUARDS:
        refuse(name, "payment_line", act, when=f"({when})", saying=saying)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _relations() -> None:
    op.create_table(
        "payee_relation",
        *_text("relation_id", "county_code", "person_key", "payee_key", "kind"),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("advanced_fen", sa.BigInteger(), nullable=True),
        sa.Column("share_ppm", sa.Integer(), nullable=True),
        *_text("paper_sha256", "recorded_by", "recorded_at"),
        sa.PrimaryKeyConstraint("relation_id"),
        sa.UniqueConstraint("relation_id", "recorded_by", name="relation_by_whom"),
        sa.CheckConstraint("kind in ('hospital','guardian','heir','institution')", name="relation_kind"),
        sa.CheckConstraint("payee_key <> person_key", name="relation_is_of_two"),
        sa.CheckConstraint(
            "(kind = 'hospital') = (event_id is not null) and (kind = 'hospital') = (advanced_fen is not null)",
            name="advance_is_of_an_event",
        ),
        sa.CheckConstraint("advanced_fen is null or advanced_fen > 0", name="advance_is_positive"),
        sa.CheckConstraint("(kind = 'heir') = (share_ppm is not null)", name="heir_has_a_share"),
        sa.CheckConstraint("share_ppm is null or (share_ppm > 0 and share_ppm <= 1000000)", name="share_is_a_part"),
    )
    op.create_table(
        "payee_confirm",
        *_text("relation_id", "recorded_by", "confirmed_by", "confirmed_at"),
        sa.ForeignKeyConstraint(["relation_id", "recorded_by"], ["payee_relation.relation_id", "payee_relation.recorded_by"]),
        sa.PrimaryKeyConstraint("relation_id"),
        sa.CheckConstraint("confirmed_by <> recorded_by", name="confirmed_by_another"),
    )
    op.create_table(
        "payee_end",
        *_text("relation_id", "reason", "ended_by", "ended_at"),
        sa.ForeignKeyConstraint(["relation_id"], ["payee_relation.relation_id"]),
        sa.PrimaryKeyConstraint("relation_id"),
    )


def _watched() -> None:
    op.create_table(
        "watched_account",
        *_text("watch_id", "county_code", "account_key", "kind", "recorded_by", "recorded_at"),
        sa.PrimaryKeyConstraint("watch_id"),
        sa.UniqueConstraint("watch_id", "recorded_by", name="watch_by_whom"),
        sa.CheckConstraint("kind in ('officer','flagged')", name="watched_kind"),
    )
    op.create_table(
        "watched_account_end",
        *_text("watch_id", "recorded_by", "reason", "ended_by", "ended_at"),
        sa.ForeignKeyConstraint(["watch_id", "recorded_by"], ["watched_account.watch_id", "watched_account.recorded_by"]),
        sa.PrimaryKeyConstraint("watch_id"),
        sa.CheckConstraint("ended_by <> recorded_by", name="unwatched_by_another"),
    )


def downgrade() -> None:
    """Take them away."""
    for name, *_ in GUARDS:
        allow(name, "payment_line")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("pragma writable_schema=on")
        op.execute(
            "update sqlite_master set sql = replace(sql, ' references payee_relation (relation_id)', '')"
            " where type = 'table' and name = 'payment_line'"
        )
        version = op.get_bind().exec_driver_sql("pragma schema_version").scalar_one()
        op.execute(f"pragma schema_version={version + 1}")
        op.execute("pragma writable_schema=off")
    op.execute("alter table payment_line drop column relation_id")
    for table in reversed(TABLES):
        op.drop_table(table)
