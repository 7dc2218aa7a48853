"""Where each case stands, by its number: for a service account that people ask with the number on their notice of acceptance.

Nobody is named and the vault is not opened: the number is all that a person needs, and it follows from a random key.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from mianshen.core.cases import CaseState, Event, Happening, state_of
from mianshen.core.codes import reason
from mianshen.core.process import Process
from mianshen.documents import outbox
from mianshen.documents.live_text import tamed
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, cases
from mianshen.warehouse.ledger import CASE

HEAD = ("编号", "事项", "办理情况", "日期", "理由", "您可以")


def make_status(job: Job) -> int:
    """Write the status file of each process that has one; how many cases they tell of."""
    told = 0
    for process in (one for one in job.pack.processes if one.has_status_file):
        own = (CASE.c.county_code == job.county_code, CASE.c.process_code == process.code)
        with job.ledger.connect() as connection:
            rows = connection.execute(select(CASE.c.case_id, CASE.c.item_code).where(*own).order_by(CASE.c.case_id)).all()
            events = cases.events_of(connection, (row.case_id for row in rows))
        items = [job.pack.item_name(row.item_code) if row.item_code else process.name_zh for row in rows]
        said = [(row.case_id, item, *_standing(process, events[row.case_id])) for row, item in zip(rows, items, strict=True)]
        path = job.home.outbox(job.pack.name) / "status" / f"{process.code}_{job.county_code}.csv"
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            outbox.replace(path, status_file(said))
        told += len(rows)
    return told


def status_file(rows: Iterable[Sequence[str]]) -> bytes:
    """The CSV file of these rows, one a case; no cell of it runs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    writer.writerows([tamed(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _standing(process: Process, events: list[Event]) -> tuple[str, str, str, str]:
    """What is said of the case: where it stands, since which day, why and what the person can do."""
    state: CaseState = state_of(events)
    day = events[-1].at.date().isoformat()
    if state.end_code is None:
        return "、".join(f"待{process.step(code).name_zh}" for code in state.open), day, "", ""
    ended = next(one for one in reversed(events) if one.happening is Happening.ENDED)
    why = reason(ended.reason_code) if ended.reason_code else None
    return process.end(state.end_code).name_zh, day, why.zh if why else "", why.remedy_zh if why else ""
