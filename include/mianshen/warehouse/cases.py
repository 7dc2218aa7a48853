"""Cases in the ledger: opened, read, and moved by appending events; a clock runs on every step and span that has a time limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from mianshen.core.cases import Event, Happening
from mianshen.core.days import local
from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.warehouse.ledger import CASE, CASE_EVENT

CHUNK = 500
"""Cases asked for at a time."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case is about."""

    subject_id: str
    """An application, a person, a batch: whatever the process is opened for; one case a process, subject and benefit year."""
    benefit_year: int
    """The year that the days of a yearly calendar belong to."""
    person_key: str | None = None
    """Whose matter, when it is one person's."""
    channel: str | None = None
    """How it came: window, clinic, town point, phone, found by us."""
    town: str | None = None
    """Which town serves the person."""
    own_id: str | None = None
    """Of what is itself a case, such as an application: its id, which the case bears."""
    item_code: str | None = None
    """Of a subject with several items, such as diseases of one application: which; each is a case of its own."""

    @property
    def subject(self) -> str:
        """The subject with its item."""
        return self.subject_id if self.item_code is None else f"{self.subject_id}|{self.item_code}"


def matter_of(row: Mapping[str, Any]) -> Matter:
    """What the case of this row is about, with its item."""
    item, subject = row["item_code"], str(row["subject_id"])
    bare = subject if item is None else subject.removesuffix(f"|{item}")
    place = {"person_key": row["person_key"], "channel": row["channel"], "town": row["town"]}
    return Matter(bare, row["benefit_year"], **place, item_code=item)


def case_id(county_code: str, process_code: str, matter: Matter) -> str:
    """The case's id; equal for the same matter."""
    if matter.own_id is not None:
        return matter.own_id
    return short_id("K", county_code, process_code, matter.subject, str(matter.benefit_year))


def write_cases(
    connection: Connection, county_code: str, process_code: str, matters: Sequence[Matter], *, opened_at: datetime
) -> list[str]:
    """Insert the cases that do not stand yet; returns their ids in the order of the matters."""
    wanted = {case_id(county_code, process_code, one): one for one in matters}
    standing = {row["case_id"] for row in cases_of(connection, wanted)}
    fresh = [
        {
            "case_id": key,
            "county_code": county_code,
            "process_code": process_code,
            "subject_id": one.subject,
            "benefit_year": one.benefit_year,
            "person_key": one.person_key,
            "channel": one.channel,
            "town": one.town,
            "opened_at": local(opened_at).isoformat(timespec="seconds"),
            "item_code": one.item_code,
        }
        for key, one in wanted.items()
        if key not in standing
    ]
    if fresh:
        connection.execute(insert(CASE), fresh)
    return [key for key in wanted if key not in standing]


def cases_of(connection: Connection, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of these cases, by id; those that there are."""
    wanted, found = sorted(set(ids)), []
    for start in range(0, len(wanted), CHUNK):
        query = select(CASE).where(CASE.c.case_id.in_(wanted[start : start + CHUNK])).order_by(CASE.c.case_id)
        found += [dict(row) for row in connection.execute(query).mappings()]
    return found


def case_of(connection: Connection, key: str, *, county_code: str) -> dict[str, Any]:
    """The row of one case; MianshenError CASE_UNKNOWN when the county has none with this id."""
    found = [row for row in cases_of(connection, [key]) if row["county_code"] == county_code]
    if not found:
        raise MianshenError("CASE_UNKNOWN", found=key, where="case")
    return found[0]


def events_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[Event]]:
    """Every event of these cases, by case, in order."""
    wanted = sorted(set(ids))
    found: dict[str, list[Event]] = defaultdict(list)
    for start in range(0, len(wanted), CHUNK):
        query = select(CASE_EVENT).where(CASE_EVENT.c.case_id.in_(wanted[start : start + CHUNK]))
        for row in connection.execute(query.order_by(CASE_EVENT.c.case_id, CASE_EVENT.c.event_no)).mappings():
            found[row["case_id"]].append(_event(dict(row)))
    return found


def append(connection: Connection, news: Mapping[str, Sequence[Event]], *, known: Mapping[str, int]) -> None:
    """Append the new events of each case after the `known` number of those that stand.

    Whoever appended in between makes the database refuse it: what was judged on stale events is never written.
    """
    rows = [
        {
            "case_id": key,
            "event_no": known[key] + number,
            "happening": one.happening.value,
            "step_code": one.step_code,
            "round_no": one.round_no,
            "department_code": one.department_code,
            "outcome_code": one.outcome_code,
            "actor": one.actor,
            "happened_at": local(one.at).isoformat(timespec="seconds"),
            "reason_code": one.reason_code,
            "papers": ",".join(one.papers),
            "how": one.how or None,
        }
        for key, events in news.items()
        for number, one in enumerate(events, 1)
    ]
    if rows:
        connection.execute(insert(CASE_EVENT), rows)


def waiting(
    connection: Connection, *, county_code: str, process_code: str | None = None, department_code: str | None = None
) -> list[dict[str, Any]]:
    """Open steps, oldest first: case_id, process_code, subject_id, town, step_code, round_no, department_code, opened_at.

    The department is the one that holds the step now, after a delegation.
    """
    opened, over = CASE_EVENT.alias("opened"), CASE_EVENT.alias("over")
    same = and_(over.c.case_id == opened.c.case_id, over.c.step_code == opened.c.step_code, over.c.round_no == opened.c.round_no)
    ended = select(over.c.event_no).where(same, over.c.happening.in_([Happening.DECIDED, Happening.CANCELLED])).exists()
    last = select(func.max(over.c.event_no)).where(same, over.c.happening.in_([Happening.DELEGATED])).scalar_subquery()
    given = CASE_EVENT.alias("given")
    held_by = func.coalesce(given.c.department_code, opened.c.department_code)
    query = (
        select(
            *(CASE.c[name] for name in ("case_id", "process_code", "subject_id", "benefit_year", "town")),
            opened.c.step_code,
            opened.c.round_no,
            held_by.label("department_code"),
            opened.c.happened_at.label("opened_at"),
        )
        .join(opened, opened.c.case_id == CASE.c.case_id)
        .outerjoin(given, and_(given.c.case_id == opened.c.case_id, given.c.event_no == last))
        .where(CASE.c.county_code == county_code, opened.c.happening == Happening.STEP_OPENED, ~ended)
        .order_by(opened.c.happened_at, CASE.c.case_id, opened.c.step_code)
    )
    if process_code is not None:
        query = query.where(CASE.c.process_code == process_code)
    if department_code is not None:
        query = query.where(held_by == department_code)
    return [dict(row) for row in connection.execute(query).mappings()]


def _event(row: Mapping[str, Any]) -> Event:
    return Event(
        happening=Happening(row["happening"]),
        at=datetime.fromisoformat(row["happened_at"]),
        actor=row["actor"],
        step_code=row["step_code"],
        round_no=row["round_no"],
        department_code=row["department_code"],
        outcome_code=row["outcome_code"],
        reason_code=row["reason_code"],
        papers=tuple(one for one in row["papers"].split(",") if one),
        how=row["how"] or "",
    )
