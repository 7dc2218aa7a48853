"""Rechecks that a person asked for: where each stands and until when it is answered. Read from the cases' events."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from mianshen.core.case_clocks import clocks_of, due_of
from mianshen.core.cases import Event, state_of
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.warehouse import cases
from mianshen.warehouse.case_clocks import limit_of
from mianshen.warehouse.ledger import CASE


@dataclass(frozen=True, slots=True)
class Recheck:
    """One recheck of one person."""

    case_id: str
    """The case."""
    benefit_year: int
    """The year in which it was asked for."""
    asked_on: str
    """Day on which it was asked for, ISO text."""
    stands_zh: str
    """The open step, or how it ended, in Chinese."""
    stands_en: str
    """The same in English."""
    department_code: str
    """Who holds the open step; empty once it has ended."""
    due_on: str
    """Last day of the open step, ISO text; empty while its time stands still, and once it has ended."""

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return bool(self.department_code)


def of_person(connection: Connection, pack: Pack, person_key: str) -> list[Recheck]:
    """The person's rechecks in this county, the newest first; none where the county has no process for them."""
    process = pack.recheck_process
    if process is None:
        return []
    query = select(CASE.c.case_id, CASE.c.benefit_year, CASE.c.opened_at).where(
        CASE.c.county_code == pack.county_code, CASE.c.process_code == process.code, CASE.c.person_key == person_key
    )
    rows = connection.execute(query.order_by(CASE.c.opened_at.desc(), CASE.c.case_id)).all()
    events = cases.events_of(connection, [row.case_id for row in rows])
    return [_recheck(pack, process, row.case_id, row.benefit_year, row.opened_at, events[row.case_id]) for row in rows]


def _recheck(pack: Pack, process: Process, key: str, year: int, opened_at: str, events: list[Event]) -> Recheck:
    state = state_of(events)
    if state.end_code is not None:
        end = process.end(state.end_code)
        return Recheck(key, year, opened_at[:10], end.name_zh, end.name_en, "", "")
    code, waiting = next(iter(state.open.items()))
    step = process.step(code)
    clock = next((one for one in reversed(clocks_of(process, events)) if one.code == code), None)
    due = (
        None if clock is None else due_of(clock, process, limit=limit_of(pack, process, clock), year=year, calendar=pack.calendar)
    )
    due_on = "" if due is None else due.on.isoformat()
    return Recheck(key, year, opened_at[:10], step.name_zh, step.name_en, waiting.department_code, due_on)
