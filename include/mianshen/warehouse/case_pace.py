"""How fast a department must decide cases of a step with a quota, and whether that will do until the window closes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from mianshen.core.cases import Happening
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.days import local
from mianshen.core.pack import Pack
from mianshen.core.process import Process, Step
from mianshen.core.yearly import Quota
from mianshen.warehouse import cases
from mianshen.warehouse.ledger import CASE, CASE_EVENT

Row = dict[str, Any]


def pace(connection: Connection, pack: Pack, *, as_of: datetime) -> list[Row]:
    """Rows of out.approval_pace for steps with a quota and a window, by department and last day; none where nothing waits."""
    found: list[Row] = []
    for process in pack.processes:
        for step in process.steps:
            if step.quota is not None and step.window is not None:
                found += _of_step(connection, pack, process, step, today=local(as_of).date())
    return sorted(found, key=lambda one: (one["department_code"], one["due_on"]))


def row_of(
    quota: Quota, *, waiting: int, decided: Sequence[date], window: tuple[date, date], today: date, calendar: WorkingCalendar
) -> Row:
    """The row of one step and year without its department: what waits, the pace that it takes, the pace so far.

    Until a whole day of the window is over, the quota stands for the pace so far.
    """
    opens, closes = window
    earlier = [day for day in decided if day < today]
    over = quota.days_left(opens, date.fromordinal(today.toordinal() - 1), calendar)
    so_far = len(earlier) // over if over else quota.per_day
    days_left = quota.days_left(max(today, opens), closes, calendar)
    return {
        "due_on": closes.isoformat(),
        "waiting": waiting,
        "days_left": days_left,
        "quota_per_day": quota.per_day,
        "counting": quota.counting.value,
        "required_pace": quota.required_pace(waiting=waiting, days_left=days_left),
        "decided_today": sum(day == today for day in decided),
        "pace_so_far": so_far,
        "short_by": max(0, waiting - so_far * days_left),
    }


def _of_step(connection: Connection, pack: Pack, process: Process, step: Step, *, today: date) -> Iterator[Row]:
    quota, window = step.quota, step.window
    if quota is None or window is None:
        return
    rows = cases.waiting(connection, county_code=pack.county_code, process_code=process.code)
    waiting = Counter((row["department_code"], row["benefit_year"]) for row in rows if row["step_code"] == step.code)
    for (department, year), count in sorted(waiting.items()):
        span = window.opens.on(year, pack.calendar), window.closes.on(year, pack.calendar)
        decided = _decided(connection, pack, process, step, year)
        made = row_of(quota, waiting=count, decided=decided, window=span, today=today, calendar=pack.calendar)
        yield {"department_code": department, **made}


def _decided(connection: Connection, pack: Pack, process: Process, step: Step, year: int) -> list[date]:
    query = (
        select(CASE_EVENT.c.happened_at)
        .join(CASE, CASE.c.case_id == CASE_EVENT.c.case_id)
        .where(
            CASE.c.county_code == pack.county_code,
            CASE.c.process_code == process.code,
            CASE.c.benefit_year == year,
            CASE_EVENT.c.step_code == step.code,
            CASE_EVENT.c.happening == Happening.DECIDED,
        )
    )
    return [date.fromisoformat(moment[:10]) for moment in connection.execute(query).scalars()]
