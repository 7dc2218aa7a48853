"""预判 of every holder: running clocks by due day, the pace of the last working days, and what approvals still wait.

Codes, counts and days only: nobody is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.days import local
from mianshen.core.outlook import LOOK_BACK_DAYS, Outlook, days_back, look_ahead, pace_of, usually_late
from mianshen.warehouse.clock_store import STANDS_STILL, of_kind
from mianshen.warehouse.clock_watch import LIST
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, CLOCK_STANDING, DECISION

LAST_LISTS = 6
"""A department's habit with a list is taken from so many of its last months."""
_CLOCK = CLOCK_STANDING.c
_STILL = STANDS_STILL.isoformat(timespec="seconds")
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will become of the running clocks of one county, limit and holder."""

    county_code: str
    """Whose."""
    time_limit_code: str
    """The limit."""
    holder_department: str
    """Who must act."""
    outlook: Outlook
    """By due day."""


@dataclass(frozen=True, slots=True)
class ListForecast:
    """A list that has not come and whose department was mostly late with it."""

    county_code: str
    """Whose."""
    holder_department: str
    """Who delivers it."""
    subject_id: str
    """`list_code|month`."""
    clock_id: str
    """Its clock."""
    due_on: str
    """Its last day in time."""
    late: int
    """How often it came late."""
    months: int
    """Of so many last months."""


@dataclass(frozen=True, slots=True)
class BurnDown:
    """Items of a department's open batches that wait for a person, day by day."""

    department_code: str
    """Who decides."""
    opened_on: date
    """Day on which the first of the batches opened."""
    due_on: date | None
    """Last day in time of the last of them; None while no clock of theirs runs."""
    items: int
    """Items in them."""
    left: tuple[tuple[date, int], ...]
    """(day, items not decided at its end), from the day on which the first opened up to today."""


def forecasts(
    connection: Connection, county_codes: Sequence[str], *, as_of: datetime, calendar: WorkingCalendar
) -> list[Forecast]:
    """Every holder and limit with running clocks, those with the earliest miss first; lists stand apart.

    Whose clocks all opened today, or on days off since the last working day, has no pace yet and is left out.
    """
    today, runs = local(as_of).date(), (*_running(county_codes), _CLOCK.subject_kind != LIST)
    due = _counted(connection, _CLOCK.due_on, *runs)
    done = _closed(county_codes, since=days_back(today, LOOK_BACK_DAYS, calendar))
    closed = _counted(connection, func.substr(_CLOCK.closed_at, 1, 10), *done)
    began = _began(connection, runs, done)
    found = []
    for key, days in due.items():
        pace = pace_of(closed[key], since=began[key], today=today, calendar=calendar)
        if pace is not None:
            found.append(Forecast(*key, look_ahead(days, pace=pace, today=today, calendar=calendar)))
    return sorted(found, key=_urgency)


def _urgency(one: Forecast) -> tuple[Any, ...]:
    first = one.outlook.shortfalls[0].due_on if one.outlook.shortfalls else date.max
    return first, -one.outlook.clocks, one.county_code, one.time_limit_code, one.holder_department


def list_forecasts(connection: Connection, county_codes: Sequence[str], *, as_of: datetime) -> list[ListForecast]:
    """Lists that are expected, not late yet, and mostly came late before, by due day."""
    now, endings = local(as_of).isoformat(timespec="seconds"), _habits(connection, county_codes)
    query = (
        select(_CLOCK.county_code, _CLOCK.holder_department, _CLOCK.subject_id, _CLOCK.clock_id, _CLOCK.due_on)
        .where(*_running(county_codes), of_kind(LIST), _CLOCK.due_at > now)
        .order_by(_CLOCK.due_on, _CLOCK.clock_id)
    )
    found = []
    for row in connection.execute(query):
        past = endings[row.county_code, row.holder_department, row.subject_id.partition("|")[0]][:LAST_LISTS]
        if usually_late(past):
            found.append(ListForecast(*row, late=sum(past), months=len(past)))
    return found


def burn_downs(connection: Connection, county_code: str, *, as_of: datetime) -> list[BurnDown]:
    """Each department whose open batches wait for a person, by code."""
    waiting = (
        select(APPROVAL_ITEM.c.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(APPROVAL_ITEM.c.route == "person", DECISION.c.outcome.is_(None))
    )
    decided_on = func.substr(func.coalesce(DECISION.c.decided_at, ""), 1, 10)
    batch = APPROVAL_BATCH.c
    query = (
        select(batch.department_code, batch.approval_batch_id, func.substr(batch.opened_at, 1, 10), decided_on, func.count())
        .join(APPROVAL_ITEM, APPROVAL_ITEM.c.approval_batch_id == batch.approval_batch_id)
        .outerjoin(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
        .where(batch.county_code == county_code, batch.approval_batch_id.in_(waiting), APPROVAL_ITEM.c.route == "person")
        .group_by(batch.department_code, batch.approval_batch_id, batch.opened_at, decided_on)
    )
    by_department: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        by_department[row[0]].append(row)
    due = _batches_due(connection, county_code)
    return [_burn_down(code, rows, due, local(as_of).date()) for code, rows in sorted(by_department.items())]


def _burn_down(code: str, rows: Sequence[Any], due: Mapping[str, str], today: date) -> BurnDown:
    opened: Counter[date] = Counter()
    decided: Counter[date] = Counter()
    for _, _, opened_on, decided_on, count in rows:
        opened[date.fromisoformat(opened_on)] += count
        if decided_on:
            decided[date.fromisoformat(decided_on)] += count
    first = min(opened)
    days = [first + timedelta(days=number) for number in range((max(today, first) - first).days + 1)]
    left = [(day, _until(opened, day) - _until(decided, day)) for day in days]
    last = [due[row[1]] for row in rows if row[1] in due]
    return BurnDown(code, first, date.fromisoformat(max(last)) if last else None, sum(opened.values()), tuple(left))


def _until(counted: Counter[date], day: date) -> int:
    return sum(count for on, count in counted.items() if on <= day)


def _batches_due(connection: Connection, county_code: str) -> dict[str, str]:
    query = select(_CLOCK.subject_id, func.max(_CLOCK.due_on)).where(*_running([county_code]), _CLOCK.subject_kind == "batch")
    return {subject: due_on for subject, due_on in connection.execute(query.group_by(_CLOCK.subject_id))}


def _running(county_codes: Sequence[str]) -> tuple[Any, ...]:
    return _CLOCK.county_code.in_(county_codes), _CLOCK.closed_at.is_(None), _CLOCK.due_at != _STILL


def _closed(county_codes: Sequence[str], *, since: date) -> tuple[Any, ...]:
    """Which clocks were closed since then."""
    return _CLOCK.county_code.in_(county_codes), _CLOCK.closed_at >= since.isoformat(), _CLOCK.subject_kind != LIST


def _began(connection: Connection, *some: tuple[Any, ...]) -> dict[_Key, date]:
    """Day on which the first clock that meets one of the conditions started, by county, limit and holder."""
    key, found = (_CLOCK.county_code, _CLOCK.time_limit_code, _CLOCK.holder_department), dict[_Key, date]()
    for conditions in some:
        query = select(*key, func.min(_CLOCK.started_at)).where(*conditions).group_by(*key)
        for county, limit, holder, at in connection.execute(query):
            day = date.fromisoformat(at[:10])
            found[county, limit, holder] = min(day, found.get((county, limit, holder), day))
    return found


def _counted(connection: Connection, day: Any, *conditions: Any) -> dict[_Key, dict[date, int]]:
    key = (_CLOCK.county_code, _CLOCK.time_limit_code, _CLOCK.holder_department)
    found: dict[_Key, dict[date, int]] = defaultdict(dict)
    for county, limit, holder, on, count in connection.execute(
        select(*key, day, func.count()).where(*conditions).group_by(*key, day)
    ):
        found[county, limit, holder][date.fromisoformat(on)] = count
    return found


def _habits(connection: Connection, county_codes: Sequence[str]) -> dict[_Key, list[bool]]:
    """Whether each list came late, the newest month first, by county, department and list."""
    ended = or_(_CLOCK.closed_as == "met", _CLOCK.closed_as == "met_late")
    query = (
        select(_CLOCK.county_code, _CLOCK.holder_department, _CLOCK.subject_id, _CLOCK.closed_as)
        .where(_CLOCK.county_code.in_(county_codes), of_kind(LIST), ended)
        .order_by(_CLOCK.due_at.desc())
    )
    found: dict[_Key, list[bool]] = defaultdict(list)
    for county, holder, subject, closed_as in connection.execute(query):
        found[county, holder, subject.partition("|")[0]].append(closed_as == "met_late")
    return found
