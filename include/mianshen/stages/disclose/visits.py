"""Visit sheets: whom a town is to ask, by name and phone; the vault is opened for each, logged with the town as its purpose."""

from __future__ import annotations

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.grids import grid_named
from mianshen.core.radar import SIGNALS
from mianshen.documents.filled import open_sheet
from mianshen.documents.visit_answer import said_of
from mianshen.documents.visit_sheet import EVERY_TOWN, KEY, PAGE_HASH, SHEET, ToVisit, VisitSheet, visit_sheet
from mianshen.stages.disclose.lookups import keep_facts, open_names
from mianshen.stages.frame import Job
from mianshen.vault.records import Fact
from mianshen.warehouse import audit, cases, radar, visits
from mianshen.warehouse.audit import Entry

KEPT = "vault.kept"
"""Action of the audit row behind what the vault learnt from a sheet; nothing of it stands there."""
LISTED = "visits.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""


def make_visit_sheet(job: Job, process_code: str, step_code: str, *, town: str | None, grid: str | None = None) -> bytes:
    """The workbook of the people whom the town is to ask in this step; None is those whose town nobody knows, EVERY_TOWN all.

    A grid narrows it to the people of that grid; else those of a grid stand together. MianshenError VISIT_NONE when nobody
    waits there.
    """
    with job.ledger.connect() as connection:
        rows = [
            row
            for row in visits.waiting(connection, job.pack)
            if (row["process_code"], row["step_code"]) == (process_code, step_code)
            and town in (row["town"], EVERY_TOWN)
            and grid in (row["grid_code"], None)
        ]
        kinds = radar.of_case(connection, [row["case_id"] for row in rows])
    if not rows:
        place = " ".join((town or "—", *([grid] if grid else [])))
        raise MianshenError("VISIT_NONE", found=f"{process_code} {step_code} {place}", where=job.pack.name)
    rows.sort(key=lambda row: row["grid_code"] or "~")
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
            grid_zh=named_grid.name_zh if (named_grid := grid_named(job.pack.grids, row["grid_code"])) else "",
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


def keep_addresses(job: Job, content: bytes, *, where: str) -> int:
    """Let the vault keep the addresses of a visit sheet that was taken; how many are new. The same again changes nothing.

    Only lines that stand as this sheet said them count. MianshenError as `stages.visits.take_sheet`.
    """
    page = open_sheet(content, title=SHEET, where=where)
    steps = {f"{process.code}|{step.code}": step for process in job.pack.processes for step in process.steps if step.asks_person}
    if page[KEY] not in steps:
        raise MianshenError("SHEET_FOREIGN", found=page[KEY][:40] or "?", where=where)
    step = steps[page[KEY]]
    lines = {(one.case_id, one.round_no): one for one in said_of(page, step, where=where) if one.address}
    with job.ledger.connect() as connection:
        cases_of = {row["case_id"]: row["person_key"] for row in cases.cases_of(connection, (case for case, _ in lines))}
        standing = [row for row in visits.recorded(connection, cases_of) if row["sheet_sha256"] == page.content_sha256]
    said = {
        cases_of[row["case_id"]]: Fact("address", step.code, lines[place].address, row["visited_on"])
        for row in standing
        if (place := (row["case_id"], row["round_no"])) in lines and cases_of[row["case_id"]] is not None
    }
    fresh = keep_facts(job, said)
    detail = {"fields": "address", "persons": len(said), "new": fresh, "sheet_sha256": page.content_sha256}
    if fresh:
        with job.ledger.begin() as connection:
            audit.append(connection, [Entry(KEPT, page[PAGE_HASH], detail)], at=job.moment, actor=job.actor)
    return fresh
