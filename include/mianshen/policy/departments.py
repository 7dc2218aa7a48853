"""Departments from departments.yaml, with their successors; what a process says of one that ended is its successor's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mianshen.core.departments import Department, in_charge
from mianshen.core.process import Process
from mianshen.policy.shapes import Row


def departments_of(rows: Sequence[Row]) -> tuple[Department, ...]:
    """The departments in the page's order.

    MianshenError POLICY_DAMAGED with file and line for a successor that is not registered or comes back to the same department,
    and for a day without a successor or a successor without a day.
    """
    known = {row["code"]: row for row in rows}
    for row in rows:
        if (row["until"] is None) != (row["successor"] is None):
            row.spot.refuse("until 与 successor 须一并写明", "until and successor are written together")
        _check_line(row, known)
    return tuple(
        Department(row["code"], row["name_zh"], row["name_en"], row["approver"], row["until"], row["successor"]) for row in rows
    )


def _check_line(row: Row, known: dict[str, Row]) -> None:
    seen, heir = {row["code"]}, row["successor"]
    while heir is not None:
        if heir not in known:
            row.at("successor").refuse(f"未登记的部门 {heir}", f"department {heir} is not registered")
        if heir in seen:
            row.at("successor").refuse(f"{heir} 又接回自己", f"{heir} would follow itself")
        seen.add(heir)
        heir = known[heir]["successor"]


def held_on(process: Process, departments: Sequence[Department], *, on: date) -> Process:
    """The process with the departments that have its steps on the day.

    Steps of relief are named like the department that decides by the plan: they stay.
    """
    if process.is_of_awards:
        return process
    heir = {one.code: in_charge(departments, one.code, on=on) for one in departments}
    return replace(
        process,
        lead_department=heir[process.lead_department],
        steps=tuple(replace(one, department_code=heir[one.department_code]) for one in process.steps),
        rolls=tuple(replace(one, department_code=heir[one.department_code]) for one in process.rolls),
    )
