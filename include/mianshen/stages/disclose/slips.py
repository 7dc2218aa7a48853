"""Return slips (退回单): a delivery's bad rows in their own line and columns, for the department that delivered them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping

from mianshen.core.contract import Feed
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.documents import outbox
from mianshen.documents.return_slip import Slip, SlipRow, return_slip
from mianshen.feeds.originals import Originals, originals
from mianshen.stages.disclose.lookups import ACTION, open_names
from mianshen.stages.frame import Job
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database
from mianshen.warehouse.returned import Returned


def slip_path(job: Job, delivery: RowMapping) -> Path:
    """Where a delivery's return slip lies: the outbox, a folder a department."""
    stem = f"return_{delivery['list_code']}_{delivery['partition']}_v{delivery['version']}.xlsx"
    return job.home.outbox(job.pack.name) / "returns" / str(delivery["department_code"]) / stem


def make_slip(job: Job, one: Returned) -> bool:
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
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        content = Custody(job.home.custody, vault, keys_of(job.home)).open(delivery["content_sha256"])
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
