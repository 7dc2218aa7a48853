"""How fast each department must decide, and whether that will do: its quota, what waits by due day, the pace so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select

from mianshen.core.clocks import Counting
from mianshen.core.days import local
from mianshen.core.pack import Pack
from mianshen.core.yearly import Quota
from mianshen.warehouse import approvals, case_pace
from mianshen.warehouse.case_clocks import KIND
from mianshen.warehouse.clock_store import current
from mianshen.warehouse.connect import show_arrow
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, DECISION

TABLE = "out.approval_pace"
"""What supervise publishes of it."""
_COLUMNS = (
    ("department_code", pa.string()),
    ("due_on", pa.string()),
    ("waiting", pa.int64()),
    ("days_left", pa.int64()),
    ("quota_per_day", pa.int64()),
    ("counting", pa.string()),
    ("required_pace", pa.int64()),
    ("decided_today", pa.int64()),
    ("pace_so_far", pa.int64()),
    ("short_by", pa.int64()),
)
_SINGLE = 1
"""Items a day that a department decides at least while anything waits, whoever sets no quota."""
Row = dict[str, Any]


def pace(connection: Connection, pack: Pack, *, as_of: datetime) -> list[Row]:
    """Rows of out.approval_pace: by department and due day, what is due by then counted with what is due earlier.

    Cases of steps with a quota and a window follow. Items whose time stands still are not counted.
    required_pace = min(waiting, max(quota, waiting / days left, rounded up)).
    """
    waiting = [row for row in approvals.undecided(connection, county_code=pack.county_code) if row["route"] == "person"]
    running = [row for row in waiting if not row["is_paused"]]
    due = _due_days(connection, pack, running)
    today = local(as_of).date()
    decided = _decided(connection, pack.county_code)
    by_department: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in running:
        by_department[row["holder_department"]].append((due[row["approval_item_id"]], row))
    found: list[Row] = []
    for department, own in sorted(by_department.items()):
        found += _of_department(pack, department, own, decided, today)
    return [*found, *case_pace.pace(connection, pack, as_of=as_of)]


def show_pace(con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make out.approval_pace readable."""
    show_arrow(con, TABLE, pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(list(_COLUMNS))))


def _of_department(
    pack: Pack, department: str, own: Sequence[tuple[str, Row]], decided: Sequence[Row], today: date
) -> Iterator[Row]:
    quota, per_day = _quota(pack, department)
    batches = {row["approval_batch_id"] for _, row in own}
    in_them = [row for row in decided if row["approval_batch_id"] in batches]
    opened = min((date.fromisoformat(row["opened_at"][:10]) for row in in_them), default=today)
    so_far = len(in_them) // max(1, quota.days_left(opened, today, pack.calendar))
    by_now = sum(row["department_code"] == department and row["decided_at"][:10] == today.isoformat() for row in decided)
    waiting = 0
    for due_on, count in sorted(Counter(day for day, _ in own).items()):
        waiting += count
        days_left = quota.days_left(today, date.fromisoformat(due_on), pack.calendar)
        yield {
            "department_code": department,
            "due_on": due_on,
            "waiting": waiting,
            "days_left": days_left,
            "quota_per_day": per_day,
            "counting": quota.counting.value,
            "required_pace": quota.required_pace(waiting=waiting, days_left=days_left),
            "decided_today": by_now,
            "pace_so_far": so_far,
            "short_by": max(0, waiting - so_far * days_left),
        }


def _quota(pack: Pack, department: str) -> tuple[Quota, int | None]:
    """The department's quota, or where it has none one that asks for nothing and counts as its time limit does."""
    step = next((one for one in pack.award_process.steps if one.code == department), pack.award_process.steps[0])
    if step.code == department and step.quota is not None:
        return step.quota, step.quota.per_day
    limit = pack.time_limit(step.limit_code) if step.limit_code else None
    return Quota(_SINGLE, limit.counting if limit else Counting.WORKDAYS), None


def _due_days(connection: Connection, pack: Pack, items: Sequence[Row]) -> dict[str, str]:
    """When each item is due: with its batch, or by itself since it was turned."""
    clock = current()
    query = select(clock.c.subject_kind, clock.c.subject_id, clock.c.due_on).where(clock.c.county_code == pack.county_code)
    limits = {one.limit_code for one in pack.award_process.steps} if pack.pays_relief else set()
    kinds = query.where(clock.c.subject_kind.in_(["batch", KIND]), clock.c.time_limit_code.in_(limits))
    known = {(row.subject_kind, row.subject_id): row.due_on for row in connection.execute(kinds)}
    found = {}
    for item in items:
        own = known.get((KIND, f"{item['application_id']}|{item['department_code']}|1"))
        found[item["approval_item_id"]] = own or known[("batch", item["approval_batch_id"])]
    return found


def _decided(connection: Connection, county_code: str) -> list[Row]:
    """Decisions by people, each with its batch, when that opened, and the department."""
    query = (
        select(
            APPROVAL_ITEM.c.approval_batch_id, APPROVAL_ITEM.c.department_code, APPROVAL_BATCH.c.opened_at, DECISION.c.decided_at
        )
        .join(APPROVAL_ITEM, APPROVAL_ITEM.c.approval_item_id == DECISION.c.approval_item_id)
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .where(APPROVAL_BATCH.c.county_code == county_code, DECISION.c.how != "rule")
    )
    return [dict(row) for row in connection.execute(query).mappings()]
