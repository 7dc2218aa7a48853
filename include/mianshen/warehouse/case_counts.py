"""How many cases came to which step, outcome and end, and how many working days they took: counts, and nobody in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from mianshen.core.cases import Happening
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.pack import Pack
from mianshen.warehouse.ledger import CASE, CASE_EVENT

DAY = 10
"""Characters of a moment that name its day."""
GROUP = (CASE.c.process_code, CASE.c.benefit_year, func.coalesce(CASE.c.item_code, "").label("item_code"))


@dataclass(frozen=True, slots=True)
class Ended:
    """Cases of one process, year and item that ended alike, or run."""

    process_code: str
    """The process."""
    benefit_year: int
    """The benefit year."""
    item_code: str
    """Such as a disease; empty where the process has no items."""
    end_code: str
    """How they ended; empty while they run."""
    cases: int
    """How many."""
    median_workdays: int | None
    """Working days from opening to end, day 0 not counted: as many of half of them at most; None while they run."""
    most_workdays: int | None
    """The longest."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """Decisions of one step that came out alike, or steps that wait."""

    process_code: str
    """The process."""
    benefit_year: int
    """The benefit year."""
    item_code: str
    """Such as a disease; empty where the process has no items."""
    step_code: str
    """The step."""
    outcome_code: str
    """What was decided; empty for steps that wait."""
    cases: int
    """In how many cases."""


def ended(connection: Connection, *, county_code: str, calendar: WorkingCalendar, benefit_year: int | None = None) -> list[Ended]:
    """Cases by their end, those that run first; of the county, and of one benefit year where it is given."""
    over = CASE_EVENT.alias("over")
    opened_on, ended_on = func.substr(CASE.c.opened_at, 1, DAY), func.substr(over.c.happened_at, 1, DAY)
    end = func.coalesce(over.c.outcome_code, "")
    query = (
        select(
            *GROUP, end.label("end_code"), opened_on.label("opened_on"), ended_on.label("ended_on"), func.count().label("cases")
        )
        .outerjoin(over, and_(over.c.case_id == CASE.c.case_id, over.c.happening == Happening.ENDED))
        .group_by(*GROUP, end, opened_on, ended_on)
    )
    days: dict[tuple[Any, ...], list[tuple[int | None, int]]] = defaultdict(list)
    for row in connection.execute(_of(query, county_code, benefit_year)).mappings():
        group = (row["process_code"], row["benefit_year"], row["item_code"], row["end_code"])
        days[group].append((_workdays(row["opened_on"], row["ended_on"], calendar), row["cases"]))
    return [_ended(*group, found=found) for group, found in sorted(days.items())]


def stepped(connection: Connection, *, county_code: str, benefit_year: int | None = None) -> list[Stepped]:
    """Cases by what their steps came to; a step that was decided in several rounds counts a case once an outcome."""
    event, over = CASE_EVENT.alias("event"), CASE_EVENT.alias("over")
    same = and_(over.c.case_id == event.c.case_id, over.c.step_code == event.c.step_code, over.c.round_no == event.c.round_no)
    is_over = select(over.c.event_no).where(same, over.c.happening.in_([Happening.DECIDED, Happening.CANCELLED])).exists()
    decided = event.c.happening == Happening.DECIDED
    waits = and_(event.c.happening == Happening.STEP_OPENED, ~is_over)
    columns = (*GROUP, event.c.step_code, event.c.outcome_code)
    query = (
        select(*columns, func.count(func.distinct(CASE.c.case_id)).label("cases"))
        .join(event, event.c.case_id == CASE.c.case_id)
        .where(decided | waits)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [Stepped(**row) for row in connection.execute(_of(query, county_code, benefit_year)).mappings()]


def trips(connection: Connection, pack: Pack, *, benefit_year: int | None = None) -> list[tuple[str, int, str, int, int]]:
    """(process, year, item, trips, cases): how often people had to come (最多跑一次).

    Each opening of a first step that takes papers is a trip: to be taken in, and once more for papers that were missing.
    """
    starts = {(one.code, code) for one in pack.processes for code in one.starts if one.step(code).papers}
    event = CASE_EVENT.alias("event")
    rounds = func.max(event.c.round_no).label("rounds")
    query = (
        select(*GROUP, CASE.c.case_id, event.c.step_code, rounds)
        .join(event, event.c.case_id == CASE.c.case_id)
        .where(event.c.happening == Happening.STEP_OPENED)
        .group_by(*GROUP, CASE.c.case_id, event.c.step_code)
    )
    most: dict[tuple[str, int, str, str], int] = defaultdict(int)
    for row in connection.execute(_of(query, pack.county_code, benefit_year)).mappings():
        if (row["process_code"], row["step_code"]) in starts:
            key = (row["process_code"], row["benefit_year"], row["item_code"], row["case_id"])
            most[key] = max(most[key], row["rounds"])
    counted = Counter((*key[:3], count) for key, count in most.items())
    return [(*key, cases) for key, cases in sorted(counted.items())]


def served_by(connection: Connection, *, county_code: str, department: str, benefit_year: int | None = None) -> dict[str, int]:
    """How many people of the department decided steps of each town's cases; cases of no town under no name."""
    event = CASE_EVENT.alias("event")
    query = (
        select(CASE.c.town, func.count(event.c.actor.distinct()).label("staff"))
        .join(event, event.c.case_id == CASE.c.case_id)
        .where(event.c.happening == Happening.DECIDED, event.c.department_code == department, CASE.c.town.is_not(None))
        .group_by(CASE.c.town)
    )
    return {row.town: row.staff for row in connection.execute(_of(query, county_code, benefit_year))}


def channelled(connection: Connection, *, county_code: str, benefit_year: int | None = None) -> list[tuple[str, int, str, int]]:
    """Process, benefit year, channel and how many cases came by it; empty text for those whose channel nobody wrote down."""
    channel = func.coalesce(CASE.c.channel, "").label("channel")
    columns = (CASE.c.process_code, CASE.c.benefit_year, channel)
    query = select(*columns, func.count().label("cases")).group_by(*columns).order_by(*columns)
    return [(one[0], one[1], one[2], one[3]) for one in connection.execute(_of(query, county_code, benefit_year))]


def _ended(process_code: str, year: int, item_code: str, end_code: str, *, found: Sequence[tuple[int | None, int]]) -> Ended:
    median, most = _middle_and_most(found)
    return Ended(process_code, year, item_code, end_code, sum(count for _, count in found), median, most)


def _of(query: Select[Any], county_code: str, benefit_year: int | None) -> Select[Any]:
    own = query.where(CASE.c.county_code == county_code)
    return own if benefit_year is None else own.where(CASE.c.benefit_year == benefit_year)


def _workdays(opened_on: str, ended_on: str | None, calendar: WorkingCalendar) -> int | None:
    if ended_on is None:
        return None
    first, last = date.fromisoformat(opened_on), date.fromisoformat(ended_on)
    return sum(calendar.is_workday(first + timedelta(days=offset)) for offset in range(1, (last - first).days + 1))


def _middle_and_most(found: Iterable[tuple[int | None, int]]) -> tuple[int | None, int | None]:
    known = sorted((days, count) for days, count in found if days is not None)
    if not known:
        return None, None
    half, seen = sum(count for _, count in known) / 2, 0
    for days, count in known:
        seen += count
        if seen >= half:
            return days, known[-1][0]
    raise AssertionError("half of the cases are among the cases")
