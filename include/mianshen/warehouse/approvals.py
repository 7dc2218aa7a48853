"""Applications, approval batches and their items, and decisions: reading and writing (docs/adr/0005)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, insert, select

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.warehouse.case_moves import Opening
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.ledger import APPLICATION, APPROVAL_BATCH, APPROVAL_ITEM, CASE_EVENT, DECISION

Row = dict[str, Any]
DEPARTMENT_ORDER = APPROVAL_BATCH.c.department_code
"""Departments are listed by code."""


def applications_by_person(connection: Connection, *, county_code: str) -> Counter[str]:
    """How many applications each person of the county has."""
    query = select(APPLICATION.c.person_key, func.count()).where(APPLICATION.c.county_code == county_code)
    return Counter({person: count for person, count in connection.execute(query.group_by(APPLICATION.c.person_key))})


def last_receipt(connection: Connection, *, prefix: str) -> int:
    """The last running number of the receipts that begin so; 0 for none."""
    query = select(func.max(APPLICATION.c.receipt_no)).where(APPLICATION.c.receipt_no.startswith(prefix))
    found = connection.execute(query).scalar_one()
    return int(found.removeprefix(prefix)) if found else 0


def write_applications(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows into application."""
    if rows:
        connection.execute(insert(APPLICATION), list(rows))


def write_batch(connection: Connection, batch: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """Insert a batch and the items that it freezes."""
    connection.execute(insert(APPROVAL_BATCH), dict(batch))
    connection.execute(insert(APPROVAL_ITEM), list(items))


def batches(connection: Connection, *, county_code: str, month: str | None = None) -> list[Row]:
    """The county's approval batches (of the month, when given), oldest first, departments by code."""
    query = select(APPROVAL_BATCH).where(APPROVAL_BATCH.c.county_code == county_code)
    if month is not None:
        query = query.where(APPROVAL_BATCH.c.month == month)
    ordered = query.order_by(APPROVAL_BATCH.c.opened_at, DEPARTMENT_ORDER, APPROVAL_BATCH.c.approval_batch_id)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def batch_of(connection: Connection, batch_id: str, *, county_code: str) -> Row:
    """The county's batch; MianshenError ITEM_NOT_OPEN when it has none with this id."""
    query = select(APPROVAL_BATCH).where(
        APPROVAL_BATCH.c.county_code == county_code, APPROVAL_BATCH.c.approval_batch_id == batch_id
    )
    found = connection.execute(query).mappings().first()
    if found is None:
        raise MianshenError("ITEM_NOT_OPEN", found=batch_id, where="approval_batch")
    return dict(found)


def cases_wanted(items: Iterable[Row], applications: Iterable[Row]) -> list[Opening]:
    """A case for each application, in which the steps of the departments concerned are open."""
    departments: dict[str, list[str]] = defaultdict(list)
    towns: dict[str, str | None] = {}
    for item in items:
        departments[item["application_id"]].append(item["department_code"])
        towns[item["application_id"]] = item["town"]
    return [
        Opening(
            Matter(
                subject_id=row["receipt_no"],
                benefit_year=int(row["month"][:4]),
                person_key=row["person_key"],
                town=towns[row["application_id"]],
                own_id=row["application_id"],
            ),
            tuple(sorted(departments[row["application_id"]])),
        )
        for row in applications
    ]


def _with_standing(query: Select[Any]) -> Select[Any]:
    """The query over approval items, joined to the decision of each and to who holds it now.

    What was cancelled was opened again, by an objection to its notice or by papers that came: what was turned before counts no
    longer.
    """
    kinds = (Happening.DELEGATED, Happening.PAUSED, Happening.RESUMED, Happening.CANCELLED)
    last = (
        select(
            CASE_EVENT.c.case_id,
            CASE_EVENT.c.step_code,
            *(func.max(case((CASE_EVENT.c.happening == kind, CASE_EVENT.c.event_no))).label(kind.value) for kind in kinds),
        )
        .where(CASE_EVENT.c.happening.in_(kinds))
        .group_by(CASE_EVENT.c.case_id, CASE_EVENT.c.step_code)
        .subquery("last")
    )
    given, undone = CASE_EVENT.alias("given"), CASE_EVENT.alias("undone")
    item, again = APPROVAL_ITEM.c, func.coalesce(last.c.cancelled, 0)
    paused = func.coalesce(last.c.paused, 0)
    return (
        query.add_columns(
            func.coalesce(given.c.department_code, item.department_code).label("holder_department"),
            and_(paused > func.coalesce(last.c.resumed, 0), paused > again).label("is_paused"),
            last.c.case_id.is_not(None).label("is_turned"),
            last.c.cancelled.is_not(None).label("is_again"),
            undone.c.reason_code.label("again_for"),
            undone.c.happened_at.label("again_at"),
        )
        .outerjoin(DECISION, DECISION.c.approval_item_id == item.approval_item_id)
        .outerjoin(last, and_(last.c.case_id == item.application_id, last.c.step_code == item.department_code))
        .outerjoin(undone, and_(undone.c.case_id == last.c.case_id, undone.c.event_no == last.c.cancelled))
        .outerjoin(
            given,
            and_(given.c.case_id == last.c.case_id, given.c.event_no == last.c.delegated, last.c.delegated > again),
        )
    )


def _to_person(row: Row) -> Row:
    """The item with who decides it now: what was opened again goes to a person, whatever route it was frozen with."""
    turned = {"route": "person", "route_reason": row["again_for"] or "NOTICE_OBJECTED"}
    return {**row, **(turned if row["is_again"] else {})}


def items_of(connection: Connection, batch_id: str) -> list[Row]:
    """The batch's items by number, each with receipt_no, its decision's columns (None while it waits), holder_department,
    is_paused, is_turned (whether it ever was delegated, paused or opened again), is_again (opened again), again_for (why),
    again_at (when), and follows_refusal: whether another department's refusal of the person's application before changed the
    amount."""
    said = (DECISION.c[name] for name in ("outcome", "reason_code", "decided_by", "decided_at", "how"))
    query = select(APPROVAL_ITEM, APPLICATION.c.receipt_no, *said).join(
        APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id
    )
    own = _with_standing(query).where(APPROVAL_ITEM.c.approval_batch_id == batch_id).order_by(APPROVAL_ITEM.c.item_no)
    refused = _after_refusals(connection, batch_id)
    return [
        {**_to_person(dict(row)), "follows_refusal": (row["person_key"], row["department_code"]) in refused}
        for row in connection.execute(own).mappings()
    ]


def _after_refusals(connection: Connection, batch_id: str) -> set[tuple[str, str]]:
    """(person_key, department_code) of the batch's items whose person was refused by another department between the application
    before and this one: the plan was made anew without that department."""
    other, filed = APPROVAL_ITEM.alias("other"), APPLICATION.alias("filed")
    own = (
        select(APPROVAL_ITEM.c.person_key, APPROVAL_ITEM.c.department_code, APPLICATION.c.applied_at)
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .where(APPROVAL_ITEM.c.approval_batch_id == batch_id)
        .subquery("own")
    )
    between = select(filed.c.application_id).where(
        filed.c.person_key == own.c.person_key,
        filed.c.applied_at > DECISION.c.decided_at,
        filed.c.applied_at < own.c.applied_at,
    )
    query = (
        select(own.c.person_key, own.c.department_code)
        .join(other, (other.c.person_key == own.c.person_key) & (other.c.department_code != own.c.department_code))
        .join(DECISION, DECISION.c.approval_item_id == other.c.approval_item_id)
        .where(DECISION.c.outcome == "refuse", DECISION.c.decided_at <= own.c.applied_at, ~between.exists())
    )
    return {(person, department) for person, department in connection.execute(query)}


def undecided(connection: Connection, *, county_code: str, route: str | None = None) -> list[Row]:
    """Items (on this route) that wait for a decision, by batch and number, with what `items_of` says of who holds them."""
    query = _with_standing(
        select(APPROVAL_ITEM).join(APPROVAL_BATCH, APPROVAL_BATCH.c.approval_batch_id == APPROVAL_ITEM.c.approval_batch_id)
    ).where(APPROVAL_BATCH.c.county_code == county_code, DECISION.c.approval_item_id.is_(None))
    ordered = query.order_by(APPROVAL_ITEM.c.approval_batch_id, APPROVAL_ITEM.c.item_no)
    rows = [_to_person(dict(row)) for row in connection.execute(ordered).mappings()]
    return [row for row in rows if route in (None, row["route"])]


def opened_again(connection: Connection, *, county_code: str) -> dict[str, str]:
    """By batch, the newest moment at which something of it that waits now was opened again: an objection, or papers that came."""
    found: dict[str, str] = {}
    for row in undecided(connection, county_code=county_code, route="person"):
        if row["is_again"]:
            batch = row["approval_batch_id"]
            found[batch] = max(row["again_at"], found.get(batch, ""))
    return found


def done_with(connection: Connection, *, county_code: str) -> list[str]:
    """Batches whose clock has nothing left to run for: every item was decided, or runs by itself since it was turned."""
    open_still = {row["approval_batch_id"] for row in undecided(connection, county_code=county_code) if not row["is_turned"]}
    known = select(APPROVAL_BATCH.c.approval_batch_id).where(APPROVAL_BATCH.c.county_code == county_code)
    return sorted(set(connection.execute(known).scalars()) - open_still)


def recorded(connection: Connection, *, county_code: str, how: Iterable[str]) -> list[Row]:
    """Decisions that were made so, each with its item's batch, department, number and receipt, in a fixed order."""
    query = (
        select(
            APPROVAL_ITEM.c.department_code,
            APPLICATION.c.receipt_no,
            APPROVAL_ITEM.c.approval_batch_id,
            APPROVAL_ITEM.c.item_no,
            *DECISION.c,
        )
        .join(APPROVAL_ITEM, APPROVAL_ITEM.c.approval_item_id == DECISION.c.approval_item_id)
        .join(APPLICATION, APPLICATION.c.application_id == APPROVAL_ITEM.c.application_id)
        .where(APPLICATION.c.county_code == county_code, DECISION.c.how.in_(list(how)))
        .order_by(APPROVAL_ITEM.c.department_code, APPLICATION.c.receipt_no)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
