"""Applications are cases: decisions on approval items are events of their steps, and `decision` is a view of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from mianshen.warehouse.migrations.guards import append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PROCESS = "relief_approval"
HOW = "how is null or how in ('rule','person','bulk')"
VIEW = """
create view decision as
select
    item.approval_item_id,
    event.outcome_code as outcome,
    event.reason_code,
    event.actor as decided_by,
    event.happened_at as decided_at,
    event.how
from approval_item as item
inner join case_event as event
    on event.case_id = item.application_id and event.step_code = item.department_code and event.happening = 'decided'
where not exists (
    select 1
    from case_event as undone
    where
        undone.case_id = event.case_id
        and undone.step_code = event.step_code
        and undone.round_no = event.round_no
        and undone.happening = 'cancelled'
)
"""
Row = dict[str, Any]


def upgrade() -> None:
    """Every application of before gets its case, every decision its event; then the table gives way to the view."""
    bind = op.get_bind()
    if "how" not in {one["name"] for one in sa.inspect(bind).get_columns("case_event")}:
        op.execute(f"alter table case_event add column how text constraint case_event_how check ({HOW})")
    op.create_index(
        "one_decision",
        "case_event",
        ["case_id", "step_code", "round_no"],
        unique=True,
        sqlite_where=sa.text("happening = 'decided'"),
        postgresql_where=sa.text("happening = 'decided'"),
    )
    op.create_index(
        "case_turns",
        "case_event",
        ["case_id", "step_code"],
        unique=False,
        sqlite_where=sa.text("happening in ('delegated','paused','resumed')"),
        postgresql_where=sa.text("happening in ('delegated','paused','resumed')"),
    )
    meta = sa.MetaData()
    meta.reflect(bind, only=["application", "approval_item", "approval_batch", "decision", "case", "case_event"])
    cases, events = _histories(bind, meta)
    if cases:
        bind.execute(sa.insert(meta.tables["case"]), cases)
        bind.execute(sa.insert(meta.tables["case_event"]), events)
    op.drop_table("decision")
    op.execute(VIEW)


def _histories(bind: sa.Connection, meta: sa.MetaData) -> tuple[list[Row], list[Row]]:
    item, batch, decision = (meta.tables[name] for name in ("approval_item", "approval_batch", "decision"))
    query = (
        sa.select(
            *(item.c[name] for name in ("application_id", "department_code", "town")),
            batch.c.maker,
            *(decision.c[name] for name in ("outcome", "reason_code", "decided_by", "decided_at", "how")),
        )
        .join(batch, batch.c.approval_batch_id == item.c.approval_batch_id)
        .outerjoin(decision, decision.c.approval_item_id == item.c.approval_item_id)
        .order_by(item.c.application_id, decision.c.decided_at, item.c.department_code)
    )
    items: dict[str, list[Row]] = defaultdict(list)
    for row in bind.execute(query).mappings():
        items[row["application_id"]].append(dict(row))
    cases, events = [], []
    standing = set(bind.execute(sa.select(meta.tables["case"].c.case_id)).scalars())
    for row in bind.execute(sa.select(meta.tables["application"])).mappings():
        if row["application_id"] in standing:
            continue
        own = items[row["application_id"]]
        cases.append(
            {
                **{name: row[name] for name in ("county_code", "person_key")},
                "case_id": row["application_id"],
                "process_code": PROCESS,
                "subject_id": row["receipt_no"],
                "benefit_year": int(row["month"][:4]),
                "channel": None,
                "town": own[0]["town"] if own else None,
                "opened_at": row["applied_at"],
            }
        )
        for number, event in enumerate(_events(dict(row), own), 1):
            events.append({**event, "case_id": row["application_id"], "event_no": number})
    return cases, events


def _events(application: Row, items: Sequence[Row]) -> Iterator[Row]:
    at = application["applied_at"]
    maker = items[0]["maker"] if items else "system"
    yield _event("opened", at, maker)
    for item in sorted(items, key=lambda one: str(one["department_code"])):
        yield _event("step_opened", at, "system", step_code=item["department_code"])
    decided = [item for item in items if item["outcome"] is not None]
    for item in decided:
        said = {"outcome_code": item["outcome"], "reason_code": item["reason_code"], "how": item["how"]}
        yield _event("decided", item["decided_at"], item["decided_by"], step_code=item["department_code"], **said)
    if items and len(decided) == len(items):
        end = "refused" if all(item["outcome"] == "refuse" for item in items) else "decided"
        yield _event("ended", decided[-1]["decided_at"], "system", outcome_code=end, reason_code=decided[-1]["reason_code"])


def _event(happening: str, at: str, actor: str, *, step_code: str = "", **said: Any) -> Row:
    return {
        "happening": happening,
        "step_code": step_code,
        "round_no": 1 if step_code else 0,
        "department_code": step_code,
        "outcome_code": "",
        "actor": actor,
        "happened_at": at,
        "reason_code": None,
        "papers": "",
        "how": None,
        **said,
    }


def downgrade() -> None:
    """The table of before, with what was decided; the cases of applications stay, and how their steps were decided."""
    bind = op.get_bind()
    rows = [dict(row) for row in bind.execute(sa.text("select * from decision")).mappings()]
    op.execute("drop view decision")
    table = op.create_table(
        "decision",
        sa.Column("decision_id", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("approval_item_id", "outcome", "reason_code", "decided_by", "decided_at", "how")
        ),
        sa.CheckConstraint("outcome in ('agree','return','refuse')", name="decision_outcome"),
        sa.CheckConstraint("how in ('rule','person','bulk')", name="decision_how"),
        sa.ForeignKeyConstraint(["approval_item_id"], ["approval_item.approval_item_id"]),
        sa.PrimaryKeyConstraint("decision_id"),
        sa.UniqueConstraint("approval_item_id"),
    )
    if rows:
        bind.execute(sa.insert(table), [{**row, "decision_id": f"E{row['approval_item_id'][1:]}"} for row in rows])
    append_only("decision")
    op.drop_index("case_turns", "case_event")
    op.drop_index("one_decision", "case_event")
