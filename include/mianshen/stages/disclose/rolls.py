"""Lists of people that follow from a process's cases, and the sheets of its steps: the vault is opened for each, logged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from mianshen.core.cases import CaseState, state_of
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.matching import Roll, Shown
from mianshen.core.process import Decider, Process
from mianshen.documents import outbox
from mianshen.documents.approval_sheet import masked
from mianshen.documents.people_list import Listed, ListShape, people_book
from mianshen.documents.step_sheet import StepSheet, ToDecide, step_sheet
from mianshen.stages.disclose.lists import MadeList
from mianshen.stages.disclose.lookups import ACTION, open_names
from mianshen.stages.frame import Job
from mianshen.vault.records import Person
from mianshen.warehouse import audit, case_numbers, cases, matching, visits
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.ledger import CASE

LISTED = "cases.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""
HEADINGS: Mapping[Shown, str] = {
    Shown.ITEM: "病种或事项",
    Shown.STATE: "办理情况",
    Shown.PHONE: "电话",
    Shown.ADDRESS: "邮寄地址",
    Shown.LEFT: "离开的名单及自何日起",
    Shown.NUMBER: "编号",
}
"""What each column is called."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the ledger and the vault say of some cases."""

    states: Mapping[str, CaseState]
    matched: Mapping[str, Row]
    numbers: Mapping[str, str]
    people: Mapping[str, Person]


def make_roll(job: Job, process_code: str, roll_code: str, *, benefit_year: int) -> MadeList:
    """Make a list of people as a workbook for its department; every call opens the vault, logged there and in the chain.

    MianshenError PROCESS_UNKNOWN, or PAPER_NOTHING when the list names nobody.
    """
    process = next((one for one in job.pack.processes if one.code == process_code), None)
    roll = next((one for one in process.rolls if one.code == roll_code), None) if process else None
    if process is None or roll is None:
        raise MianshenError("PROCESS_UNKNOWN", found=f"{process_code} {roll_code}", where=f"{job.pack.name}/process.yaml")
    subject = f"{process_code}|{roll_code}|{benefit_year}"
    with job.ledger.connect() as connection:
        rows = _of_year(connection, job.county_code, process_code, benefit_year)
        states = _states(connection, rows)
        rows = [row for row in rows if _is_in(roll, states[row["case_id"]])]
        if not rows:
            raise MianshenError("PAPER_NOTHING", found=subject, where="case")
        known = matching.matched(connection, (row["case_id"] for row in rows))
        numbers = _numbers(connection, rows)
    people = _named(job, rows, roll.shows, purpose=subject, recipient=roll.department_code)
    facts = _Facts(states, known, numbers, people)
    listed = [
        Listed(people[key].name or "", people[key].certno or "", row["town"] or "—", _cells(job, process, row, roll.shows, facts))
        for row in rows
        if (key := row["person_key"]) in people
    ]
    shape = ListShape(f"{{year}}年度{roll.name_zh}", "", tuple(HEADINGS[one] for one in roll.shows), ())
    content = people_book(shape, listed, pack=job.pack, benefit_year=benefit_year, made=job.as_of)
    folder = job.home.outbox(job.pack.name) / "lists" / roll.department_code
    path = folder / f"{process_code}_{roll_code}_{job.county_code}_{benefit_year}.xlsx"
    detail = {"paper": roll_code, "department": roll.department_code, "persons": len(listed), "xlsx_sha256": sha256_hex(content)}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        audit.append(connection, [Entry(ACTION, subject, detail)], at=job.moment, actor=job.actor)
        outbox.replace(path, content)
    return MadeList(path, len(listed))


def make_step_sheet(job: Job, process_code: str, step_code: str) -> bytes:
    """The workbook of everything that waits in a step which people decide, for the department that holds it; logged.

    MianshenError EXPERTS_NOT_ASKED's kin are not here: VISIT_NONE says that nothing waits there for a sheet.
    """
    process = next((one for one in job.pack.processes if one.code == process_code), None)
    step = next((one for one in process.steps if one.code == step_code), None) if process else None
    if process is None or step is None or step.decider is not Decider.PERSON or step.asks_person:
        raise MianshenError("PROCESS_UNKNOWN", found=f"{process_code} {step_code}", where=f"{job.pack.name}/process.yaml")
    with job.ledger.connect() as connection:
        waiting = cases.waiting(connection, county_code=job.county_code, process_code=process_code)
        open_steps = {row["case_id"]: row for row in waiting if row["step_code"] == step_code}
        rows = cases.cases_of(connection, open_steps)
        if not rows:
            raise MianshenError("VISIT_NONE", found=f"{process_code} {step_code}", where=job.pack.name)
        states, known = _states(connection, rows), matching.matched(connection, open_steps)
        numbers, dues = _numbers(connection, rows), visits.dues_of(connection, open_steps.values())
    holder = job.pack.department(next(iter(open_steps.values()))["department_code"])
    purpose = f"step {process_code} {step_code}"
    people = _named(job, rows, step.shows, purpose=purpose, recipient=holder.code)
    facts = _Facts(states, known, numbers, people)
    about = StepSheet(
        county_zh=job.pack.county_name_zh,
        process=process,
        step=step,
        shown=tuple(HEADINGS[one] for one in step.shows),
        holder_code=holder.code,
        holder_zh=holder.name_zh,
        made_at=job.as_of,
    )
    lines = []
    for row in rows:
        own, person = open_steps[row["case_id"]], people.get(row["person_key"])
        lines.append(
            ToDecide(
                case_id=row["case_id"],
                round_no=own["round_no"],
                name=(person.name if person else None) or "—",
                certno=masked(person.certno or "") if person else "—",
                town=row["town"] or "—",
                due_on=dues.get((row["case_id"], step_code, own["round_no"]), "—"),
                shown=_cells(job, process, row, step.shows, facts),
            )
        )
    content, mark = step_sheet(about, lines)
    detail = {"paper": "step_sheet", "step": about.key, "persons": len(lines), "xlsx_sha256": sha256_hex(content)}
    with job.ledger.begin() as connection:
        audit.append(connection, [Entry(LISTED, mark, detail)], at=job.moment, actor=job.actor)
    return content


def _of_year(connection: Connection, county_code: str, process_code: str, benefit_year: int) -> list[Row]:
    own = (CASE.c.county_code == county_code, CASE.c.process_code == process_code, CASE.c.benefit_year == benefit_year)
    return [dict(row) for row in connection.execute(select(CASE).where(*own).order_by(CASE.c.case_id)).mappings()]


def _states(connection: Connection, rows: Sequence[Row]) -> dict[str, CaseState]:
    return {key: state_of(events) for key, events in cases.events_of(connection, (row["case_id"] for row in rows)).items()}


def _numbers(connection: Connection, rows: Sequence[Row]) -> dict[str, str]:
    """The newest number of each case."""
    found = case_numbers.numbers_of(connection, (row["case_id"] for row in rows))
    return {case: number for (case, _, _), number in sorted(found.items(), key=lambda one: one[0])}


def _is_in(roll: Roll, state: CaseState) -> bool:
    passed = {code: one.outcome_code for code, one in state.passed.items()}
    return not roll.after or any(passed.get(step) == outcome for step, outcome in roll.after)


def _named(job: Job, rows: Iterable[Row], shows: Sequence[Shown], *, purpose: str, recipient: str) -> dict[str, Person]:
    keys = sorted({row["person_key"] for row in rows if row["person_key"] is not None})
    more = [one.value for one in (Shown.PHONE, Shown.ADDRESS) if one in shows]
    return open_names(job, keys, fields=("name", "certno", *more), purpose=purpose, recipient=recipient)


def _cells(job: Job, process: Process, row: Row, shows: Sequence[Shown], facts: _Facts) -> tuple[str, ...]:
    """What the columns say of one case."""
    person, state, said = facts.people.get(row["person_key"]), facts.states[row["case_id"]], facts.matched.get(row["case_id"])
    items = row["item_code"] or (said["item_codes"] if said else "")
    left = [one.split(":") for one in (said["left_lists"] if said else "").split(",") if one]
    names = {one.code: one.name_zh for one in job.pack.plan.categories}
    texts = {
        Shown.ITEM: "、".join(job.pack.item_name(code) for code in items.split(",") if code),
        Shown.STATE: process.end(state.end_code).name_zh if state.end_code else "、".join(_open_names(process, state)),
        Shown.PHONE: (person.phone if person else None) or "",
        Shown.ADDRESS: (person.address if person else None) or "",
        Shown.LEFT: "；".join(f"{names.get(code, code)},自 {day}" for code, day in left),
        Shown.NUMBER: facts.numbers.get(row["case_id"], ""),
    }
    return tuple(texts[one] or "—" for one in shows)


def _open_names(process: Process, state: CaseState) -> list[str]:
    return [f"待{process.step(code).name_zh}" for code in state.open]
