"""disclose: every paper that names a person is made here, and the vault is opened for it in one place, logged.

The batch sheet lists who is paid what and why, beside the head and count of the audit chain: with them a supervisor checks by
hand that nothing was cut from the chain since. Forms about one matter are printed on demand, each print is kept in the chain.
"""

from __future__ import annotations

from pathlib import Path

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.documents import outbox, pdf
from mianshen.documents.approval_sheet import NamedItem, approval_sheet
from mianshen.documents.approval_view import batch_view
from mianshen.stages.disclose.extracts import MadeExtract, make_extract
from mianshen.stages.disclose.families import keep_answer, make_family_sheet, make_means_request, take_family
from mianshen.stages.disclose.lists import MadeList, make_people_list
from mianshen.stages.disclose.lookups import ACTION, look_up, look_up_as_supervisor, open_names
from mianshen.stages.disclose.notices import publish, take_objection
from mianshen.stages.disclose.papers import Made, print_form
from mianshen.stages.disclose.printing import PrintedList, print_step
from mianshen.stages.disclose.rolls import make_roll, make_step_sheet
from mianshen.stages.disclose.sheets import is_whole, make_sheet
from mianshen.stages.disclose.slips import make_slip, slip_path
from mianshen.stages.disclose.status import make_status
from mianshen.stages.disclose.tellings import tell
from mianshen.stages.disclose.visits import keep_addresses, make_visit_sheet
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import approvals, audit, payments, seal
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.returned import returned

__all__ = [
    "ACTION",
    "STAGE",
    "Made",
    "MadeExtract",
    "MadeList",
    "PrintedList",
    "approval_paper",
    "keep_addresses",
    "keep_answer",
    "look_up",
    "look_up_as_supervisor",
    "make_extract",
    "make_family_sheet",
    "make_means_request",
    "make_people_list",
    "make_roll",
    "make_step_sheet",
    "make_visit_sheet",
    "open_names",
    "print_form",
    "print_step",
    "publish",
    "run",
    "slip_path",
    "take_family",
    "take_objection",
    "tell",
]

STAGE = "disclose"


def run(job: Job) -> StageReport:
    """Make the sheets of sent batches and the notices that are due; the same again makes none and opens nothing."""
    with job.ledger.connect() as connection:
        batches = payments.batches_in(connection, county_code=job.county_code, states=("sent",))
    wanting = [batch for batch in batches if not is_whole(job, batch)]
    printed = sum(make_sheet(job, batch) for batch in wanting)
    slips = sum(make_slip(job, one) for one in returned(job.ledger, job.lake, county_code=job.county_code))
    notes = () if pdf.can_print() else ("没有 pango 或中文字体,批次表只出 HTML。 No pango or CJK font: sheets are HTML only.",)
    counts = {"sheets": len(wanting), "pdf": printed, "return_slips": slips, "notices": len(publish(job))}
    make_status(job)
    seal_when_due(job)
    return StageReport(STAGE, None, counts, notes)


def seal_when_due(job: Job) -> None:
    """Seal the ledger and every file that left, once money has left since the last seal."""
    with job.ledger.connect() as connection:
        if not seal.is_due(connection):
            return
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if seal.is_due(connection):
            folder, away = job.home.evidence, job.home.root / "outbox"
            seal.seal(connection, folder=folder, outbox=away, at=job.moment, actor=job.actor, put=outbox.replace)


def approval_paper(job: Job, batch_id: str) -> Path:
    """Make the named list of a batch's items that wait for a person, for its department; returns where it lies.

    Every call opens the vault and is logged there and in the audit chain. MianshenError ITEM_NOT_OPEN when nothing waits.
    """
    with job.ledger.connect() as connection:
        known = {one["approval_batch_id"]: one for one in approvals.batches(connection, county_code=job.county_code)}
        rows = approvals.items_of(connection, batch_id)
    view = batch_view(known[batch_id], rows, pack=job.pack) if batch_id in known else None
    if view is None or not view.items:
        raise MianshenError("ITEM_NOT_OPEN", found=batch_id, where="approval_batch")
    waiting = {one.item_no for one in view.items}
    keys = {row["item_no"]: row["person_key"] for row in rows if row["item_no"] in waiting}
    purpose, recipient = f"approval {batch_id}", view.department_code
    people = open_names(job, list(keys.values()), fields=("name", "certno"), purpose=purpose, recipient=recipient)
    named = [NamedItem(one, people[keys[one.item_no]].name or "", people[keys[one.item_no]].certno or "") for one in view.items]
    html = approval_sheet(known[batch_id], named, pack=job.pack)
    path = job.home.outbox(job.pack.name) / f"approve_{job.county_code}_{view.department_code}_{batch_id}.html"
    detail = {"paper": "approval_sheet", "persons": len(named), "html_sha256": sha256_hex(html.encode())}
    with job.ledger.begin() as connection:
        audit.append(connection, [Entry(ACTION, batch_id, detail)], at=job.moment, actor=job.actor)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        outbox.replace(path, html.encode())
    return path
