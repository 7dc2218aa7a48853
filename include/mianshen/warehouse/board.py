"""What the supervisor's page shows, counted from the ledger: time limits by holder, late lists, approvals, payments, deliveries.

Counts, codes and fen only: nobody is named, and no row is smaller than a department.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, select

from mianshen.core.days import local
from mianshen.warehouse import docket
from mianshen.warehouse.clock_store import clocks_of, state_of
from mianshen.warehouse.clock_watch import LIST
from mianshen.warehouse.docket import Ahead, Wanted
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, DECISION, DELIVERY, PAYMENT_BATCH

STATES = ("open", "overdue", "met", "met_late")
"""How a clock can stand."""
WAITING = "waiting"
"""An item that no one has decided."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """Clocks of one time limit that one department holds."""

    time_limit_code: str
    """The limit."""
    holder_department: str
    """Who must act."""
    open: int
    """Running, not yet due."""
    overdue: int
    """Running, past due."""
    met: int
    """Closed in time."""
    met_late: int
    """Closed late; the miss stays."""
    due_soon: int
    """Of those that run, late in two days or fewer."""
    paused: int
    """Of those that run, with their time standing still."""
    exempted: int
    """Late, and nobody is to blame (容错免责)."""
    next_due_on: str | None
    """The nearest last day of a running clock that is not late; None when none runs."""
    is_provisional: bool
    """Whether a running clock's due day counts on days without an official notice."""


@dataclass(frozen=True, slots=True)
class LateList:
    """A monthly list that came late or has not come."""

    list_code: str
    """Which list."""
    month: str
    """Of which month."""
    holder_department: str
    """Who delivers it."""
    due_on: str
    """The last day in time."""
    arrived_at: str | None
    """When it came; None while it is missing."""
    days_late: int
    """Calendar days past the due day, up to its arrival or to now."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """Items of one department by what became of them."""

    department_code: str
    """Who decides."""
    batches: int
    """Frozen batches."""
    items: int
    """Items in them."""
    by_rule: int
    """Decided by rule."""
    agreed: int
    """Agreed by a person."""
    refused: int
    """Refused."""
    returned: int
    """Sent back for papers."""
    waiting: int
    """Not decided yet."""
    amount_fen: int
    """What they ask for."""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment batch."""

    payment_batch_id: str
    """Its id."""
    month: str
    """The month it belongs to."""
    state: str
    """drafted | approved | sent."""
    payments: int
    """Payees, those paid by hand included."""
    amount_fen: int
    """Control total, those paid by hand included."""
    manual_payments: int
    """Paid by hand."""
    created_at: str
    """When it was made."""
    file_name: str | None
    """The bank file; None before it is sent."""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """Deliveries of one list in one state."""

    list_code: str
    """The list, `settlement` or `enrolment`."""
    state: str
    """RECEIVED, KEYED, ACCEPTED, SUPERSEDED, REJECTED or HELD."""
    reason_code: str | None
    """Why it was rejected or held."""
    deliveries: int
    """How many."""
    rows_accepted: int
    """Rows that were accepted."""
    rows_quarantined: int
    """Rows that were set aside, each with its reason."""


def limits(connection: Connection, county_code: str, *, as_of: datetime) -> list[LimitRow]:
    """Time limits by holder at the moment, by code and department."""
    grouped: dict[tuple[str, str], Counter[str]] = {}
    for one in docket.counted(connection, Wanted((county_code,)), as_of=as_of):
        grouped.setdefault((one.time_limit_code, one.holder_department), Counter())[one.state] += one.clocks
    ahead = docket.running(connection, county_code, as_of=as_of)
    return [_limit_row(key, stands, ahead.get(key)) for key, stands in sorted(grouped.items())]


def late_lists(connection: Connection, county_code: str, *, as_of: datetime) -> list[LateList]:
    """Lists that are missing past their day or came late, the latest month first."""
    late = [row for row in clocks_of(connection, county_code, kind=LIST) if _state(row, as_of) in STATES[1::2]]
    found = [_late_list(row, as_of) for row in late]
    return sorted(found, key=lambda one: (one.month, one.days_late), reverse=True)


def approvals(connection: Connection, county_code: str) -> list[ApprovalRow]:
    """Approval items by department and outcome."""
    outcome = func.coalesce(DECISION.c.outcome, WAITING)
    how = func.coalesce(DECISION.c.how, WAITING)
    query = (
        select(APPROVAL_ITEM.c.department_code, outcome, how, func.count(), func.sum(APPROVAL_ITEM.c.amount_fen))
        .join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_BATCH.c.county_code == county_code)
        .group_by(APPROVAL_ITEM.c.department_code, outcome, how)
    )
    items: dict[str, Counter[str]] = {}
    for department, became, by, count, fen in connection.execute(query):
        items.setdefault(department, Counter()).update({"rule" if by == "rule" else became: count, "fen": int(fen)})
    frozen = select(APPROVAL_BATCH.c.department_code, func.count()).where(APPROVAL_BATCH.c.county_code == county_code)
    batches = {code: count for code, count in connection.execute(frozen.group_by(APPROVAL_BATCH.c.department_code))}
    return [_approval_row(code, batches[code], counted) for code, counted in sorted(items.items())]


def payments(connection: Connection, county_code: str) -> list[PaymentRow]:
    """Payment batches, the newest first."""
    wanted = [
        PAYMENT_BATCH.c[name]
        for name in ("payment_batch_id", "month", "state", "payments", "amount_fen", "manual_payments", "created_at", "file_name")
    ]
    query = select(*wanted).where(PAYMENT_BATCH.c.county_code == county_code)
    rows = connection.execute(query.order_by(PAYMENT_BATCH.c.created_at.desc(), PAYMENT_BATCH.c.payment_batch_id))
    return [PaymentRow(*row) for row in rows]


def deliveries(connection: Connection, county_code: str) -> list[DeliveryRow]:
    """Deliveries by list, state and reason."""
    key = (DELIVERY.c.list_code, DELIVERY.c.state, DELIVERY.c.reason_code)
    query = (
        select(*key, func.count(), func.sum(DELIVERY.c.rows_accepted), func.sum(DELIVERY.c.rows_quarantined))
        .where(DELIVERY.c.county_code == county_code)
        .group_by(*key)
        .order_by(*key)
    )
    rows = connection.execute(query)
    return [DeliveryRow(code, state, why, count, int(accepted), int(aside)) for code, state, why, count, accepted, aside in rows]


def _limit_row(key: tuple[str, str], stands: Counter[str], ahead: Ahead | None) -> LimitRow:
    code, holder = key
    counted = {state: stands[state] for state in ("overdue", "met", "met_late", "due_soon", "paused", "exempted")}
    running = stands["open"] + stands["due_soon"] + stands["paused"]
    next_due_on, is_provisional = (ahead.next_due_on, ahead.is_provisional) if ahead else (None, False)
    return LimitRow(code, holder, open=running, **counted, next_due_on=next_due_on, is_provisional=is_provisional)


def _late_list(row: RowMapping, as_of: datetime) -> LateList:
    list_code, month = str(row["subject_id"]).split("|")
    until = datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else as_of
    days = (local(until).date() - date.fromisoformat(row["due_on"])).days
    return LateList(list_code, month, row["holder_department"], row["due_on"], row["closed_at"], days)


def _approval_row(code: str, batches: int, counted: Counter[str]) -> ApprovalRow:
    became = ("rule", "agree", "refuse", "return", WAITING)
    by_rule, agreed, refused, returned, waiting = (counted[one] for one in became)
    items = sum(counted[one] for one in became)
    return ApprovalRow(code, batches, items, by_rule, agreed, refused, returned, waiting, counted["fen"])


def _state(row: RowMapping, as_of: datetime) -> str:
    closed = datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else None
    return state_of(due_at=datetime.fromisoformat(row["due_at"]), closed_at=closed, as_of=as_of)
