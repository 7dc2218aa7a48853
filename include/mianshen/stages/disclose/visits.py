"""Visit sheets: whom a town is to ask, by name and phone; the vault is opened for each, logged with the town as its purpose."""

from __future__ import annotations

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.radar import SIGNALS
from mianshen.documents.visit_sheet import ToVisit, VisitSheet, visit_sheet
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, radar, visits
from mianshen.warehouse.audit import Entry

LISTED = "visits.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""


def make_visit_sheet(job: Job, process_code: str, step_code: str, *, town: str | None) -> bytes:
    """The workbook of the people whom the town is to ask in this step; None is those whose town nobody knows.

    MianshenError VISIT_NONE when nobody waits there.
    """
    with job.ledger.connect() as connection:
        rows = [
            row
            for row in visits.waiting(connection, job.pack)
            if (row["process_code"], row["step_code"], row["town"]) == (process_code, step_code, town)
        ]
        kinds = radar.of_case(connection, [row["case_id"] for row in rows])
    if not rows:
        raise MianshenError("VISIT_NONE", found=f"{process_code} {step_code} {town or '—'}", where=job.pack.name)
    holder = job.pack.department(rows[0]["department_code"])
    people = [row["person_key"] for row in rows if row["person_key"] is not None]
    purpose = f"visit {process_code} {step_code}"
    named = open_names(job, people, fields=("name", "phone"), purpose=purpose, recipient=holder.code)
    process = job.pack.process(process_code)
    about = VisitSheet(job.pack.county_name_zh, process, process.step(step_code), town, holder.code, holder.name_zh, job.as_of)
    lines = [
        ToVisit(
            case_id=row["case_id"],
            round_no=row["round_no"],
            name=(named[row["person_key"]].name or "") if row["person_key"] in named else "",
            phone=(named[row["person_key"]].phone or "") if row["person_key"] in named else "",
            asked_zh="；".join(SIGNALS[code].ask_zh for code in kinds.get(row["case_id"], ())) or process.name_zh,
            due_on=row["due_on"] or "",
        )
        for row in rows
    ]
    content, mark = visit_sheet(about, lines)
    detail = {"paper": "visit_sheet", "step": about.key, "persons": len(lines), "xlsx_sha256": sha256_hex(content)}
    with job.ledger.begin() as connection:
        audit.append(connection, [Entry(LISTED, mark, detail)], at=job.moment, actor=job.actor)
    return content
