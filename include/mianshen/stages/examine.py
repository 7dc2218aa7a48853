"""Stage examine: an inbox judged from an empty state, nothing loaded: what an engineer runs on a department's first file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from mianshen.core.contract import Contract, Feed
from mianshen.core.days import Month
from mianshen.core.errors import MianshenError
from mianshen.feeds.control import Control, read_control
from mianshen.feeds.fixes import recorded
from mianshen.feeds.header import is_named_otherwise
from mianshen.feeds.identities import Identities, identify
from mianshen.feeds.inbox import Delivery, deliveries
from mianshen.feeds.judged import identity_table, row_verdicts
from mianshen.feeds.reader import Landed, read
from mianshen.feeds.snapshots import FOR_A_PERSON, jumped, names_other_month, same_list
from mianshen.feeds.verdict import FileOutcome, FileVerdict, RowState
from mianshen.feeds.words import safe_file_name
from mianshen.stages.judging import JudgedFile, content_of, judge
from mianshen.warehouse.connect import compute


@dataclass(slots=True, repr=False)
class Seen:
    """What earlier files of the inbox have left behind. Never printed."""

    contents: set[str] = field(default_factory=set)
    """Hashes of the files that were accepted or held."""
    lists: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Name and people of each accepted list."""
    settlements: set[tuple[str, ...]] = field(default_factory=set)
    """What an accepted settlement is found by: its id, and its person, hospital, first day and amount."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an inbox is judged by."""

    contract: Contract
    """What its files must look like."""
    month: Month
    """The period that they are for."""
    received_on: date
    """The day of arrival."""
    towns: tuple[str, ...]
    """The county's towns; empty without a pack."""


def examine(root: Path, task: Task) -> list[FileVerdict]:
    """The verdict on every delivery under the folder, or on the one file, in name order; earlier ones are the state for later."""
    seen = Seen()
    return [_examine(one, task, seen) for one in deliveries(root)]


def _examine(delivery: Delivery, task: Task, seen: Seen) -> FileVerdict:
    try:
        return _judge(delivery, task, seen)
    except MianshenError as error:
        return _refused(delivery, error.code)
    except Exception:  # whatever the bytes are, a file ends with one reason and the next is judged
        return _refused(delivery, "FILE_UNREADABLE")


def _refused(delivery: Delivery, code: str) -> FileVerdict:
    outcome = FileOutcome.HOLD if code in FOR_A_PERSON else FileOutcome.REJECT
    return FileVerdict(delivery.path, outcome, code, ())


def _judge(delivery: Delivery, task: Task, seen: Seen) -> FileVerdict:
    where = safe_file_name(delivery.name)
    content = content_of(delivery)
    digest = hashlib.sha256(content).hexdigest()
    if digest in seen.contents:
        return FileVerdict(delivery.path, FileOutcome.DUPLICATE, "DELIVERY_DUPLICATE", ())
    control = read_control(delivery.control.read_bytes(), where=where) if delivery.control else None
    _compare(control, task, digest, where=where)
    landed = read(content, contract=task.contract, where=where)
    identities = identify(landed, task.contract, today=task.received_on)
    try:
        _guard(delivery, task, seen, control, landed, identities)
    except MianshenError as error:
        if error.code in FOR_A_PERSON:
            seen.contents.add(digest)
        raise
    seen.contents.add(digest)
    fixed = recorded(landed, identities, task.contract, towns=task.towns)
    judged = _judged(landed, identities, task, seen) if landed.records else ()
    rows = row_verdicts(landed, identities, judged, fixed=fixed)
    if landed.records == 0:
        return FileVerdict(delivery.path, FileOutcome.ACCEPT, "", rows)
    seen.lists.append((delivery.name, frozenset(identities.names)))
    return FileVerdict(delivery.path, FileOutcome.ACCEPT, "", rows)


def _compare(control: Control | None, task: Task, digest: str, *, where: str) -> None:
    """MianshenError CONTROL_MISMATCH when the control file speaks of another file, feed or period."""
    if control is None:
        return
    period = (control.period or "").replace("-", "")[:6]
    wrong = [
        name
        for name, differs in (
            ("sha256", control.sha256 not in (None, digest)),
            ("feed", control.feed is not task.contract.feed),
            ("period", period not in ("", str(task.month).replace("-", ""))),
        )
        if differs
    ]
    if wrong:
        raise MianshenError("CONTROL_MISMATCH", found=", ".join(wrong), where=where)


def _guard(delivery: Delivery, task: Task, seen: Seen, control: Control | None, landed: Landed, identities: Identities) -> None:
    """MianshenError CONTROL_MISMATCH, PERIOD_WRONG, SNAPSHOT_EMPTY or SNAPSHOT_DROP."""
    where = safe_file_name(delivery.name)
    stated = control.records if control else None
    if stated not in (None, landed.records):
        raise MianshenError("CONTROL_MISMATCH", found=f"{stated} / {landed.records} rows", where=where)
    if is_named_otherwise(delivery.name, str(task.month)):
        raise MianshenError("PERIOD_WRONG", found=f"{where} / {task.month}", where=where)
    if names_other_month(landed.months_in_title, str(task.month)):
        raise MianshenError("PERIOD_WRONG", found=" / ".join(landed.months_in_title), where=where)
    if landed.records == 0 and stated is None:
        raise MianshenError("SNAPSHOT_EMPTY", found="0 rows", where=where)
    if task.contract.feed is Feed.ROSTER and stated is None:
        before = same_list(seen.lists, delivery.name, frozenset(identities.names))
        if before is not None and jumped(task.contract.snapshot, before=before, now=len(identities.names)):
            raise MianshenError("SNAPSHOT_DROP", found=f"{before} → {len(identities.names)}", where=where)


def _judged(landed: Landed, identities: Identities, task: Task, seen: Seen) -> list[dict[str, Any]]:
    """The rows as the county run judges them, by the same SQL."""
    feed = task.contract.feed
    with compute() as connection:
        file = JudgedFile(task.contract, task.month, "1", task.towns)
        judge(connection, file, landed, identity_table(identities), identities.numbers, today=task.received_on)
        rows = _rows(connection, f"select * from staging.{feed}_judged order by line_no")  # noqa: S608 - a closed list
    return _match_refunds(rows, seen) if feed is Feed.SETTLEMENT else rows


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [one[0] for one in found.description]
    return [dict(zip(names, cells, strict=True)) for cells in found.fetchall()]


def _match_refunds(rows: Sequence[dict[str, Any]], seen: Seen) -> list[dict[str, Any]]:
    """The rows, refunds whose original has not arrived set aside; accepted originals are remembered."""
    sound = [row for row in rows if row["reason_code"] is None and not row["is_repeat"]]
    seen.settlements.update(("id", row["setl_id"]) for row in sound if not _is_refund(row))
    for row in sound:
        if _is_refund(row) and ("id", row["init_setl_id"] or row["setl_id"]) not in seen.settlements:
            row["reason_code"] = "WAITING_ORIGINAL"
    return list(rows)


def _is_refund(row: Mapping[str, Any]) -> bool:
    return row["refd_setl_flag"] == "1" or bool(row["init_setl_id"])


def counted(verdicts: Iterable[FileVerdict]) -> dict[RowState, int]:
    """Rows of accepted files by state."""
    counts = dict.fromkeys(RowState, 0)
    for one in verdicts:
        for row in one.rows:
            counts[row.state] += 1
    return counts
