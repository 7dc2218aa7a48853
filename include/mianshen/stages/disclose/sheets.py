"""The batch sheet: who is paid what and why, beside the head and count of the audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.shares import RELATIONS_ZH, RelationKind
from mianshen.documents import outbox, pdf
from mianshen.documents.bank_put import listed, stem_of
from mianshen.documents.batch_sheet import SheetPayee, batch_sheet, sheet_lines, tail_of
from mianshen.stages.disclose.lookups import ACTION, open_names
from mianshen.stages.frame import Job
from mianshen.vault.records import Person
from mianshen.warehouse import audit, payments
from mianshen.warehouse.audit import Entry

PRINTED_AT_MOST = 1_000
"""Payees up to which a sheet is also printed as PDF; a longer one is printed from its HTML."""

Row = dict[str, Any]


def is_whole(job: Job, batch: Row) -> bool:
    """Whether the sheet lies there in every form that it has."""
    wanted = ["html", "pdf"] if _is_printed(batch) else ["html"]
    return all(_path(job, batch, suffix).exists() for suffix in wanted)


def _is_printed(batch: Row) -> bool:
    return bool(batch["payments"] <= PRINTED_AT_MOST) and pdf.can_print()


def _path(job: Job, batch: Row, suffix: str) -> Path:
    stem = stem_of(str(batch["file_name"]))
    return job.home.outbox(job.pack.name) / f"{stem}_sheet.{suffix}"


def make_sheet(job: Job, batch: Row) -> bool:
    """Make the sheet of a sent batch; whether it was printed as PDF."""
    batch_id = batch["payment_batch_id"]
    with job.ledger.connect() as connection:
        rows = payments.payments_of(connection, batch_id)
        lines = payments.lines_of(connection, batch_id)
    behind = {line["person_key"] for line in lines if line["relation_id"] is not None}
    people = open_names(
        job,
        sorted({row["payee_key"] for row in rows} | behind),
        fields=("name", "account"),
        purpose=f"batch sheet {batch_id}",
        recipient="finance",
    )
    files = listed(job.home.outbox(job.pack.name), batch["file_name"])
    html = batch_sheet(batch, _payees(job, rows, lines, people), pack=job.pack, files=files)
    printed = pdf.print_pdf(html) if _is_printed(batch) else None
    _record(job, batch_id, [row["payment_id"] for row in rows], html)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        outbox.replace(_path(job, batch, "html"), html.encode())
        if printed is not None:
            outbox.replace(_path(job, batch, "pdf"), printed)
    return printed is not None


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
                behalf_zh=_behalf(by_payment[row["payment_id"]], people),
                lines=sheet_lines(by_payment[row["payment_id"]], pack=job.pack),
            )
        )
    return found


def _behalf(lines: Sequence[Row], people: dict[str, Person]) -> str:
    """For whom a payee receives money by a recorded relation."""
    others = sorted({(line["relation_kind"], line["person_key"]) for line in lines if line["relation_id"] is not None})
    return ";".join(f"{RELATIONS_ZH[RelationKind(kind)]},受益人 {people[key].name or ''}" for kind, key in others)


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
