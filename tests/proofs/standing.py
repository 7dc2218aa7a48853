"""What stands after a run: every ledger row, every file that left, and the money, each comparable with another run's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from mianshen.stages.frame import Job
from mianshen.warehouse.audit import rows_of, verify
from mianshen.warehouse.connect import open_database
from mianshen.warehouse.ledger import METADATA
from mianshen.warehouse.seal import SEALED, file_marks, last_seal, marks_of, read_seal
from mianshen.warehouse.seal import differences as seal_differences

MONEY = {
    "posted": "select person_key, benefit_code, benefit_year, event_id, amount_fen from award_posting",
    "decided": "select approval_item_id, outcome, reason_code from decision",
    "paid": "select payee_key, amount_fen, state, reason_code from payment",
    "lines": "select award_id, payee_key, fund_code, amount_fen, is_live from payment_line",
    "answered": "select payment_id, outcome, amount_fen from bank_result",
    "reissued": "select payment_id, round_no, keeps_account from payment_reissue",
    "in suspense": "select amount_fen from suspense",
    "asked back": "select person_key, amount_fen, cause from recovery",
    "came back": "select recovery_id, entry, amount_fen from recovery_entry",
}
"""What was decided and paid, whatever the clock said."""


def signature(job: Job) -> dict[str, Any]:
    """Everything that must be the same: every ledger row, every file that left, no temporary file."""
    engine = open_database(job.ledger_url)
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
            if table.name != "run":
                found[table.name] = [json.dumps(dict(row), sort_keys=True, default=str) for row in rows]
        found["chain"] = verify(rows_of(connection)).problem
    engine.dispose()
    found["files"] = files_of(job)
    return found


def files_of(job: Job) -> dict[str, str]:
    """The SHA-256 of every file that left, and of every seal, by name."""
    paths = sorted(path for room in ("outbox", "evidence") for path in (job.home.root / room).rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def money_of(job: Job) -> dict[str, Any]:
    """What was decided and paid, whatever the clock said: postings, decisions, payments and their lines."""
    engine = open_database(job.ledger_url)
    with engine.connect() as connection:
        found: dict[str, Any] = {
            name: sorted(json.dumps([*row]) for row in connection.exec_driver_sql(query)) for name, query in MONEY.items()
        }
        found["chain"] = verify(rows_of(connection)).problem
    engine.dispose()
    return found


def without_seals(found: Mapping[str, Any]) -> dict[str, Any]:
    """The signature without seals: they name every row of the ledger, and a killed run leaves runs of the lake behind."""
    files = {name: digest for name, digest in found["files"].items() if not name.startswith("seal_")}
    return {**found, "audit": [row for row in found["audit"] if f'"{SEALED}"' not in row], "files": files}


def seal_problems(job: Job) -> list[str]:
    """What is not as the last seal says it was."""
    engine = open_database(job.ledger_url)
    with engine.connect() as connection:
        last = last_seal(rows_of(connection))
        if last is None:
            return ["no seal"]
        sealed = read_seal(job.home.evidence, last)
        found = marks_of(connection, like=sealed) | file_marks(job.home.root / "outbox")
    engine.dispose()
    return [f"{one.table} {one.key} {one.problem}" for one in seal_differences(sealed, found, is_last=False, with_files=True)]


def half_files(job: Job, whole: Mapping[str, str]) -> list[str]:
    """Files that lie there under their own names with other bytes than the undisturbed run's."""
    return [name for name, digest in files_of(job).items() if not name.startswith(".tmp-") and whole.get(name) != digest]


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what differs."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def money_differences(one: Mapping[str, Any], other: Mapping[str, Any], *, files: bool = False) -> list[str]:
    """Names of what differs in the money, and in the files that left when they are asked for.

    Seals name moments. A batch's sheet and control file name the head of the audit chain, and of runs at once any may have
    written its row first: they must be there, the bank's file must be the same byte for byte.
    """
    found = [name for name in (*MONEY, "chain") if one.get(name) != other.get(name)]
    kept = [
        {name: "" if name.endswith(("_sheet.html", ".ctl")) else digest for name, digest in what["files"].items()}
        for what in (one, other)
    ]
    money = [{name: digest for name, digest in what.items() if not name.startswith("seal_")} for what in kept]
    return [*found, *(["files"] if files and money[0] != money[1] else [])]
