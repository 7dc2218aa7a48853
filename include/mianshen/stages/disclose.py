"""disclose: every paper that names a person is made here, and the vault is opened for it in one place, logged.

The batch sheet lists who is paid what and why, beside the head and count of the audit chain: with them a supervisor checks by
hand that nothing was cut from the chain since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from mianshen.core.contract import Feed
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.documents import outbox
from mianshen.documents.approval_sheet import NamedItem, approval_sheet
from mianshen.documents.approval_view import batch_view
from mianshen.documents.bank_put import listed, stem_of
from mianshen.documents.batch_sheet import SheetPayee, batch_sheet, sheet_lines, tail_of
from mianshen.documents.pdf import can_print, print_pdf
from mianshen.documents.return_slip import Slip, SlipRow, return_slip
from mianshen.feeds.originals import Originals, originals
from mianshen.stages.frame import Job, StageReport
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.warehouse import approvals, audit, payments
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.returned import Returned, returned

STAGE = "disclose"
PRINTED_AT_MOST = 1_000
"""Payees up to which a sheet is also printed as PDF; a longer one is printed from its HTML."""
ACTION = "vault.disclosed"
"""Action of the audit row behind a paper."""

Row = dict[str, Any]


def run(job: Job) -> StageReport:
    """Make the sheet of every sent batch that has none; the same again makes none and opens nothing."""
    with job.ledger.connect() as connection:
        batches = payments.batches_in(connection, county_code=job.county_code, states=("sent",))
    wanting = [batch for batch in batches if not _is_whole(job, batch)]
    printed = sum(_make_sheet(job, batch) for batch in wanting)
    slips = sum(_make_slip(job, one) for one in returned(job.ledger, job.lake, county_code=job.county_code))
    notes = () if can_print() else ("没有 pango 或中文字体,批次表只出 HTML。 No pango or CJK font: sheets are HTML only.",)
    return StageReport(STAGE, None, {"sheets": len(wanting), "pdf": printed, "return_slips": slips}, notes)


def open_names(job: Job, payees: Sequence[str], *, fields: Sequence[str], purpose: str, recipient: str) -> dict[str, Person]:
    """The fields asked for of these persons: the one opening of the vault for papers; the vault logs it before anything opens."""
    vault = open_database(job.vault_url)
    try:
        register = Register(vault, open_keyring(job.home.keyring))
        return register.open_persons(payees, fields=fields, purpose=purpose, recipient=recipient, actor=job.actor, at=job.as_of)
    finally:
        vault.dispose()


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


def _is_whole(job: Job, batch: Row) -> bool:
    wanted = ["html", "pdf"] if _is_printed(batch) else ["html"]
    return all(_path(job, batch, suffix).exists() for suffix in wanted)


def _is_printed(batch: Row) -> bool:
    return bool(batch["payments"] <= PRINTED_AT_MOST) and can_print()


def _path(job: Job, batch: Row, suffix: str) -> Path:
    stem = stem_of(str(batch["file_name"]))
    return job.home.outbox(job.pack.name) / f"{stem}_sheet.{suffix}"


def _make_sheet(job: Job, batch: Row) -> bool:
    batch_id = batch["payment_batch_id"]
    with job.ledger.connect() as connection:
        rows = payments.payments_of(connection, batch_id)
        lines = payments.lines_of(connection, batch_id)
    people = open_names(
        job,
        [row["payee_key"] for row in rows],
        fields=("name", "account"),
        purpose=f"batch sheet {batch_id}",
        recipient="finance",
    )
    files = listed(job.home.outbox(job.pack.name), batch["file_name"])
    html = batch_sheet(batch, _payees(job, rows, lines, people), pack=job.pack, files=files)
    pdf = print_pdf(html) if _is_printed(batch) else None
    _record(job, batch_id, [row["payment_id"] for row in rows], html)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        outbox.replace(_path(job, batch, "html"), html.encode())
        if pdf is not None:
            outbox.replace(_path(job, batch, "pdf"), pdf)
    return pdf is not None


def _payees(job: Job, rows: Sequence[Row], lines: Sequence[Row], people: dict[str, Person]) -> list[SheetPayee]:
    by_payment = {key: list(own) for key, own in groupby(lines, key=lambda line: line["payment_id"])}
    found = []
    for row in rows:
        person = people[row["payee_key"]]
        account = {one.account_key: one.account for one in person.accounts}.get(row["account_key"] or "", "")
        found.append(
            SheetPayee(
                sequence_no=row["sequence_no"],
                name=person.name or "",
                account_tail=tail_of(account),
                amount_fen=row["amount_fen"],
                way_zh="人工发放" if row["state"] == "manual" else "银行代发",
                lines=sheet_lines(by_payment[row["payment_id"]], pack=job.pack),
            )
        )
    return found


def _record(job: Job, batch_id: str, payment_ids: Sequence[str], html: str) -> None:
    """One audit row for the paper, whichever run finished it: how many persons, which payments, which text."""
    asked = sha256_hex(canonical_json(sorted(payment_ids)))
    detail = {
        "paper": "batch_sheet",
        "persons": len(payment_ids),
        "content_sha256": asked,
        "html_sha256": sha256_hex(html.encode()),
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if not audit.stands(connection, action=ACTION, subject=batch_id):
            audit.append(connection, [Entry(ACTION, batch_id, detail)], at=job.moment, actor=job.actor)


def slip_path(job: Job, delivery: RowMapping) -> Path:
    """Where a delivery's return slip lies: the outbox, a folder a department."""
    stem = f"return_{delivery['list_code']}_{delivery['partition']}_v{delivery['version']}.xlsx"
    return job.home.outbox(job.pack.name) / "returns" / str(delivery["department_code"]) / stem


def _make_slip(job: Job, one: Returned) -> bool:
    """Make the delivery's return slip, unless it lies there with what became of its rows; whether one was made."""
    delivery = one.delivery
    said = [delivery["state"], delivery["reason_code"], one.rows, one.flagged, sorted(one.meant.items()), one.states]
    subject = f"{delivery['delivery_id']}@{sha256_hex(canonical_json(said))[:16]}"
    path = slip_path(job, delivery)
    with job.ledger.connect() as connection:
        if path.exists() and audit.stands(connection, action=ACTION, subject=subject):
            return False
    content = return_slip(_slip(job, one))
    detail = {
        "paper": "return_slip",
        "department": delivery["department_code"],
        "rows": len(one.rows),
        "flagged": len(one.flagged),
        "xlsx_sha256": sha256_hex(content),
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if not audit.stands(connection, action=ACTION, subject=subject):
            audit.append(connection, [Entry(ACTION, subject, detail)], at=job.moment, actor=job.actor)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        outbox.replace(path, content)
    return True


def _slip(job: Job, one: Returned) -> Slip:
    delivery = one.delivery
    lines = {row["line_no"] for row in (*one.rows, *one.flagged)}
    original = _originals(job, delivery, lines) if lines else Originals((), {})
    tails = _tails(job, one)
    rows = [
        SlipRow(
            line_no=row["line_no"],
            state_code=row["state_code"],
            closed_on=(row["closed_at"] or "")[:10],
            reason_codes=(row["reason_code"],),
            suggestion=tails.get(row["line_no"]),
            cells=original.lines.get(row["line_no"], ()),
        )
        for row in one.rows
    ]
    flagged = [
        SlipRow(row["line_no"], "FLAG", "", row["flags"], tails.get(row["line_no"]), original.lines.get(row["line_no"], ()))
        for row in one.flagged
    ]
    return Slip(
        county_zh=job.pack.county_name_zh,
        department_zh=_sender(job, delivery),
        list_zh=job.pack.contract(delivery["list_code"]).name_zh,
        partition=delivery["partition"],
        version=delivery["version"],
        file_name=delivery["file_name"],
        received_at=datetime.fromisoformat(delivery["received_at"]),
        state=delivery["state"],
        file_reason=delivery["reason_code"],
        headings=original.headings,
        rows=tuple(rows),
        flagged=tuple(flagged),
        is_list=delivery["feed"] == Feed.ROSTER,
        counted=one.states,
    )


def _sender(job: Job, delivery: RowMapping) -> str:
    """Who delivered it, as its contract or the pack's departments say; the code where neither does."""
    known = {one.code: one.name_zh for one in job.pack.departments}
    code = str(delivery["department_code"])
    return job.pack.contract(delivery["list_code"]).sender_zh or known.get(code, code)


def _originals(job: Job, delivery: RowMapping, lines: Collection[int]) -> Originals:
    vault = open_database(job.vault_url)
    try:
        content = Custody(job.home.custody, vault, open_keyring(job.home.keyring)).open(delivery["content_sha256"])
    finally:
        vault.dispose()
    return originals(content, contract=job.pack.contract(delivery["list_code"]), where=delivery["file_name"], lines=lines)


def _tails(job: Job, one: Returned) -> dict[int, tuple[str, str]]:
    """By line: the rule and the last four characters of the only number that may be meant; logged like every look-up."""
    alone = {line: meant[0] for line, meant in one.meant.items() if len(meant) == 1}
    if not alone:
        return {}
    delivery = one.delivery
    purpose, recipient = f"return slip {delivery['delivery_id']}", delivery["department_code"]
    people = open_names(job, [key for key, _ in alone.values()], fields=("certno",), purpose=purpose, recipient=recipient)
    return {line: (rule, (people[key].certno or "")[-4:]) for line, (key, rule) in alone.items()}
