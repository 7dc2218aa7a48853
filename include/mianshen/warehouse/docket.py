"""The register of clocks (时限台账): filtered, counted by state, read page by page, and the whole history of one.

Everything is answered from clock_standing and its indexes, so that a million clocks cost a page no more than a thousand. Codes,
counts and moments only: nobody is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, func, or_, select, tuple_

from mianshen.core.days import local
from mianshen.warehouse.clock_store import STANDS_STILL
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT, CLOCK_EXEMPTION, CLOCK_STANDING, CLOCK_TURN

STATES = ("overdue", "due_soon", "open", "paused", "met_late", "met", "exempted")
"""逾期未办结, 临期, 办理中, 中止, 逾期办结, 按期办结, 免责."""
SOON_DAYS = 2
"""A running clock that is late in so many days or fewer is due soon."""
PAGE_SIZE = 50
"""Clocks of one page."""
_STILL = STANDS_STILL.isoformat(timespec="seconds")
_CLOCK = CLOCK_STANDING.c
_CLOSED = ("met", "met_late", "exempted")
_RUNNING = ("overdue", "due_soon", "open", "paused", "exempted")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clocks; None wants all."""

    county_codes: tuple[str, ...]
    """Counties that the reader may see."""
    time_limit_code: str | None = None
    """One limit."""
    holder_department: str | None = None
    """One holder."""
    town: str | None = None
    """One town."""
    state: str | None = None
    """One of STATES."""
    due_since: str | None = None
    """First due day."""
    due_until: str | None = None
    """First due day that is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Clocks of one county, limit, holder and town in one state."""

    county_code: str
    """Whose."""
    time_limit_code: str
    """The limit."""
    holder_department: str
    """Who must act."""
    town: str | None
    """Where the people live; None where no person stands behind the clock."""
    state: str
    """One of STATES."""
    clocks: int
    """How many."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes next of one limit and holder."""

    next_due_on: str | None
    """The nearest last day of a running clock that is not late; None when none runs."""
    is_provisional: bool
    """Whether a running clock's due day counts on days without an official notice."""


@dataclass(frozen=True, slots=True)
class DocketPage:
    """Some clocks by due moment, and where the next page begins."""

    rows: Sequence[RowMapping]
    """Rows of clock_standing with `state`."""
    after: tuple[str, str] | None
    """(due_at, clock_id) of the last row; None at the end."""


def counted(connection: Connection, wanted: Wanted, *, as_of: datetime) -> list[Counted]:
    """How many clocks stand how, by county, limit, holder and town.

    The many that are closed are counted along one index; those that run or are exempted are few.
    """
    found: Counter[tuple[Any, ...]] = Counter()
    if wanted.state in (None, *_CLOSED):
        found.update(_closed(connection, wanted))
    if wanted.state not in ("met", "met_late"):
        running, state = _CLOCK.closed_at.is_(None), _state(as_of, _RUNNING)
        found.update(_by(connection, state, running, *_conditions(wanted, as_of)))
    wants = [(key, count) for key, count in found.items() if count and wanted.state in (None, key[-1])]
    return [Counted(*(*key, count)) for key, count in sorted(wants, key=lambda one: tuple(part or "" for part in one[0]))]


def _closed(connection: Connection, wanted: Wanted) -> Counter[tuple[Any, ...]]:
    named = _named(wanted)
    found = _by(connection, _CLOCK.closed_as, _CLOCK.closed_as.in_(("met", "met_late")), *named)
    spared = _by(connection, _CLOCK.closed_as, _CLOCK.exempted_at.is_not(None), _CLOCK.closed_as == "met_late", *named)
    for key, count in spared.items():
        found[key] -= count
        found[(*key[:-1], "exempted")] += count
    return found


def _by(connection: Connection, state: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Counter[tuple[Any, ...]]:
    keys = (_CLOCK.county_code, _CLOCK.time_limit_code, _CLOCK.holder_department, _CLOCK.town)
    told = state.label("state")
    query = select(*keys, told, func.count()).where(*conditions).group_by(_CLOCK.county_code, told, *keys[1:])
    return Counter({tuple(row[:-1]): row[-1] for row in connection.execute(query)})


def running(connection: Connection, county_code: str, *, as_of: datetime) -> dict[tuple[str, str], Ahead]:
    """What comes next by (limit, holder), of those that have running clocks."""
    ahead = and_(_CLOCK.due_at > local(as_of).isoformat(timespec="seconds"), _CLOCK.due_at != _STILL)
    query = (
        select(
            _CLOCK.time_limit_code,
            _CLOCK.holder_department,
            func.min(case((ahead, _CLOCK.due_on))),
            func.max(case((_CLOCK.is_provisional, 1), else_=0)),
        )
        .where(_CLOCK.county_code == county_code, _CLOCK.closed_at.is_(None))
        .group_by(_CLOCK.time_limit_code, _CLOCK.holder_department)
    )
    return {(code, holder): Ahead(due_on, bool(provisional)) for code, holder, due_on, provisional in connection.execute(query)}


def page_of(
    connection: Connection, wanted: Wanted, *, as_of: datetime, after: tuple[str, str] | None = None, size: int = PAGE_SIZE
) -> DocketPage:
    """Up to `size` clocks by due moment, those behind `after`."""
    rows = connection.execute(_page(wanted, as_of, after).limit(size + 1)).mappings().all()
    some = rows[:size]
    last = (some[-1]["due_at"], some[-1]["clock_id"]) if len(rows) > size else None
    return DocketPage(some, last)


def every_row(connection: Connection, wanted: Wanted, *, as_of: datetime, most: int) -> Sequence[RowMapping]:
    """The first `most` clocks at once, for a table that leaves the page."""
    return connection.execute(_page(wanted, as_of, None).limit(most)).mappings().all()


def misses_by_day(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many clocks were missed, by the day on which they were due."""
    query = select(_CLOCK.due_on, func.count()).where(*_named(wanted), _CLOCK.missed_at.is_not(None))
    return {str(day): int(count) for day, count in connection.execute(query.group_by(_CLOCK.due_on).order_by(_CLOCK.due_on))}


def missed_between(connection: Connection, county_codes: Sequence[str], *, since: str, as_of: datetime) -> Sequence[RowMapping]:
    """Clocks that became late after `since`, up to the moment, by county, holder, limit: {clocks, first_due_on}, most first."""
    key = (_CLOCK.county_code, _CLOCK.holder_department, _CLOCK.time_limit_code)
    clocks, now = func.count().label("clocks"), local(as_of).isoformat(timespec="seconds")
    query = (
        select(*key, clocks, func.min(_CLOCK.due_on).label("first_due_on"))
        .where(_CLOCK.county_code.in_(county_codes), _CLOCK.due_at > since, _CLOCK.due_at <= now)
        .where(or_(_CLOCK.closed_at.is_(None), _CLOCK.closed_as == "met_late"))
        .group_by(*key)
        .order_by(clocks.desc(), *key)
    )
    return connection.execute(query).mappings().all()


def due_by_day(connection: Connection, wanted: Wanted, *, as_of: datetime) -> dict[str, int]:
    """How many running clocks are due, by day, the late ones by the day that passed; those that stand still have none."""
    running = (_CLOCK.closed_at.is_(None), _CLOCK.due_at != _STILL, *_conditions(wanted, as_of))
    query = select(_CLOCK.due_on, func.count()).where(*running).group_by(_CLOCK.due_on).order_by(_CLOCK.due_on)
    return {str(day): int(count) for day, count in connection.execute(query)}


def started_by_day(connection: Connection, wanted: Wanted, *, as_of: datetime) -> dict[tuple[str, bool], int]:
    """How many running clocks started on a day and are late or not, by (day, is late)."""
    late = case((_CLOCK.due_at <= local(as_of).isoformat(timespec="seconds"), 1), else_=0)
    day, is_late = func.substr(_CLOCK.started_at, 1, 10).label("day"), late.label("is_late")
    query = select(day, is_late, func.count()).where(_CLOCK.closed_at.is_(None), *_conditions(wanted, as_of))
    return {(str(on), bool(late)): int(count) for on, late, count in connection.execute(query.group_by(day, is_late))}


def clock_row(connection: Connection, clock_id: str, *, county_codes: Sequence[str], as_of: datetime) -> RowMapping | None:
    """One clock with its state; None when the counties have no such clock."""
    query = select(CLOCK_STANDING, _state(as_of).label("state"))
    return connection.execute(query.where(_CLOCK.clock_id == clock_id, _CLOCK.county_code.in_(county_codes))).mappings().first()


def history(connection: Connection, clock_id: str) -> list[dict[str, Any]]:
    """Everything that happened to the clock, as it came: {at, what, holder, due_on, code, actor, document}."""
    opened = connection.execute(select(CLOCK).where(CLOCK.c.clock_id == clock_id)).mappings().one()
    events = connection.execute(select(CLOCK_EVENT).where(CLOCK_EVENT.c.clock_id == clock_id)).mappings()
    turns = connection.execute(
        select(CLOCK_TURN).where(CLOCK_TURN.c.clock_id == clock_id).order_by(CLOCK_TURN.c.turn_no)
    ).mappings()
    acts = select(CLOCK_EXEMPTION).where(CLOCK_EXEMPTION.c.clock_id == clock_id).order_by(CLOCK_EXEMPTION.c.act_no)
    told = [
        *(_told(row["happened_at"], row["event"], _of_event(row, opened)) for row in events),
        *(_told(row["happened_at"], "turned" if row["due_on"] else "paused", _of_turn(row)) for row in turns),
        *(_told(row["acted_at"], f"exemption_{row['act']}", _of_act(row)) for row in connection.execute(acts).mappings()),
    ]
    return sorted(told, key=lambda one: (one["at"], _ORDER.get(one["what"], 9)))


_ORDER = {"opened": 0, "closed": 8}


def _told(at: str, what: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": at, "what": what, "holder": None, "due_on": None, "code": None, "actor": None, "document": None, **more}


def _of_event(row: RowMapping, opened: RowMapping) -> dict[str, Any]:
    if row["event"] == "opened":
        return {"holder": opened["holder_department"], "due_on": opened["due_on"]}
    return {"code": row["cause_code"]}


def _of_turn(row: RowMapping) -> dict[str, Any]:
    return {"holder": row["holder_department"], "due_on": row["due_on"], "code": row["reason_code"]}


def _of_act(row: RowMapping) -> dict[str, Any]:
    return {"holder": row["department_code"], "code": row["ground"], "actor": row["actor"], "document": row["document"]}


def _page(wanted: Wanted, as_of: datetime, after: tuple[str, str] | None) -> Select[Any]:
    query = select(CLOCK_STANDING, _state(as_of).label("state")).where(*_conditions(wanted, as_of))
    if after is not None:
        query = query.where(tuple_(_CLOCK.due_at, _CLOCK.clock_id) > tuple_(*after))
    return query.order_by(_CLOCK.due_at, _CLOCK.clock_id)


def _named(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What does not depend on the moment."""
    equal = (
        (_CLOCK.time_limit_code, wanted.time_limit_code),
        (_CLOCK.holder_department, wanted.holder_department),
        (_CLOCK.town, wanted.town),
    )
    found: list[ColumnElement[bool]] = [_CLOCK.county_code.in_(wanted.county_codes)]
    found += [column == value for column, value in equal if value is not None]
    if wanted.due_since is not None:
        found.append(_CLOCK.due_on >= wanted.due_since)
    if wanted.due_until is not None:
        found.append(_CLOCK.due_on < wanted.due_until)
    return found


def _conditions(wanted: Wanted, as_of: datetime) -> list[ColumnElement[bool]]:
    return [*_named(wanted), *([_is(as_of)[wanted.state]] if wanted.state is not None else [])]


def _state(as_of: datetime, states: Sequence[str] = STATES) -> ColumnElement[str]:
    conditions = _is(as_of)
    return case(*((conditions[name], name) for name in states[:-1]), else_=states[-1])


def _is(as_of: datetime) -> dict[str, ColumnElement[bool]]:
    """When a clock stands in each state; each clock stands in one."""
    now = local(as_of).isoformat(timespec="seconds")
    soon = (local(as_of) + timedelta(days=SOON_DAYS)).isoformat(timespec="seconds")
    running, blamed = _CLOCK.closed_at.is_(None), _CLOCK.exempted_at.is_(None)
    return {
        "overdue": and_(running, _CLOCK.due_at <= now, blamed),
        "due_soon": and_(running, _CLOCK.due_at > now, _CLOCK.due_at <= soon),
        "open": and_(running, _CLOCK.due_at > soon, _CLOCK.due_at != _STILL),
        "paused": and_(running, _CLOCK.due_at == _STILL),
        "met_late": and_(_CLOCK.closed_as == "met_late", blamed),
        "met": _CLOCK.closed_as == "met",
        "exempted": and_(
            _CLOCK.exempted_at.is_not(None), or_(and_(running, _CLOCK.due_at <= now), _CLOCK.closed_as == "met_late")
        ),
    }
