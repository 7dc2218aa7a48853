"""What is recorded stands: the database itself refuses to change or remove rows of append-only tables."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "run",
    "delivery_act",
    "claim_decision",
    "application",
    "approval_batch",
    "approval_item",
    "decision",
    "award_posting",
    "bank_result",
    "case",
    "case_event",
    "clock",
    "clock_event",
    "audit",
)
REFUSAL = """
create function mianshen_append_only() returns trigger language plpgsql as $body$
begin
    raise exception 'append-only: % of % is refused', lower(tg_op), tg_table_name;
end
$body$
"""


def upgrade() -> None:
    """Put a guard on every table: one trigger for each way of changing it."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("update", "delete"):
                op.execute(
                    f'create trigger {table}_keeps_{act} before {act} on "{table}"'
                    f" begin select raise(abort, 'append-only: {act} of {table} is refused'); end"
                )
        return
    op.execute(REFUSAL)
    for table in TABLES:
        for act, each in (("update", "row"), ("delete", "row"), ("truncate", "statement")):
            op.execute(
                f'create trigger {table}_keeps_{act} before {act} on "{table}"'
                f" for each {each} execute function mianshen_append_only()"
            )


def downgrade() -> None:
    """Take the guards away."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("update", "delete"):
                op.execute(f"drop trigger {table}_keeps_{act}")
        return
    for table in TABLES:
        for act in ("update", "delete", "truncate"):
            op.execute(f'drop trigger {table}_keeps_{act} on "{table}"')
    op.execute("drop function mianshen_append_only()")
