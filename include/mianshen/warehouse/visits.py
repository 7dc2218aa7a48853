"""Visits in the ledger: who waits to be asked, and what came of asking; append-only beside the events of the case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from mianshen.core.pack import Pack
from mianshen.core.visits import Visit
from mianshen.warehouse import cases, radar
from mianshen.warehouse.case_clocks import KIND
from mianshen.warehouse.ledger import CLOCK_STANDING, VISIT

SAID = ("outcome_code", "way", "spoke_with", "visited_on", "visited_by")
"""What a visit says, as columns."""

Row = dict[str, Any]


def waiting(connection: Connection, pack: Pack) -> list[Row]:
    """Asking steps that wait, oldest first, like `cases.waiting`.

    With `person_key`, `grid_code` (None where nobody knows it) and `due_on` (None without a clock).
    """
    asking = {(process.code, step.code) for process in pack.processes for step in process.steps if step.asks_person}
    rows = [
        row
        for row in cases.waiting(connection, county_code=pack.county_code)
        if (row["process_code"], row["step_code"]) in asking
    ]
    people = {one["case_id"]: one["person_key"] for one in cases.cases_of(connection, (row["case_id"] for row in rows))}
    dues = _dues(connection, (_clock_subject(row) for row in rows))
    grids = _grids(connection, people)
    return [
        {
            **row,
            "person_key": people[row["case_id"]],
            "due_on": dues.get(_clock_subject(row)),
            "grid_code": grids.get(row["case_id"]),
        }
        for row in rows
    ]


def recorded(connection: Connection, case_ids: Iterable[str]) -> list[Row]:
    """Every visit of these cases, in order."""
    wanted, found = sorted(set(case_ids)), []
    for start in range(0, len(wanted), cases.CHUNK):
        query = select(VISIT).where(VISIT.c.case_id.in_(wanted[start : start + cases.CHUNK]))
        found += [dict(row) for row in connection.execute(query.order_by(VISIT.c.case_id, VISIT.c.recorded_at)).mappings()]
    return found


def columns_of(visit: Visit) -> dict[str, str]:
    """The visit as columns of SAID."""
    said = (visit.outcome_code, visit.way.value, visit.spoke_with.value, visit.visited_on.isoformat(), visit.visited_by)
    return dict(zip(SAID, said, strict=True))


def dues_of(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, int], str]:
    """The due day of each of these open steps that has a clock, by case, step and round."""
    wanted = {_clock_subject(row): (row["case_id"], row["step_code"], row["round_no"]) for row in rows}
    return {wanted[subject]: day for subject, day in _dues(connection, wanted).items()}


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add visits."""
    if rows:
        connection.execute(insert(VISIT), [dict(one) for one in rows])


def _grids(connection: Connection, case_ids: Iterable[str]) -> dict[str, str]:
    wanted, found = sorted(case_ids), dict[str, str]()
    for start in range(0, len(wanted), cases.CHUNK):
        found |= radar.grids_of(connection, wanted[start : start + cases.CHUNK])
    return found


def _clock_subject(row: Mapping[str, Any]) -> str:
    return f"{row['case_id']}|{row['step_code']}|{row['round_no']}"


def _dues(connection: Connection, subjects: Iterable[str]) -> dict[str, str]:
    wanted, found = sorted(subjects), {}
    for start in range(0, len(wanted), cases.CHUNK):
        query = select(CLOCK_STANDING.c.subject_id, CLOCK_STANDING.c.due_on).where(
            CLOCK_STANDING.c.subject_kind == KIND, CLOCK_STANDING.c.subject_id.in_(wanted[start : start + cases.CHUNK])
        )
        found.update({row.subject_id: row.due_on for row in connection.execute(query)})
    return found
