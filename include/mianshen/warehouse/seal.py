"""Seals: a digest of every ledger row and of every file that left, kept beside the audit chain that names the seal.

The chain proves itself; a seal ties the tables and the files to it. Held against a seal, the first row or file that was changed,
taken away or put in has a name, also in a backup without a live database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, inspect, select

from mianshen.core.digest import canonical_json, sha256_file, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.warehouse.audit import Entry, append, head, lock_money, sm3_hex
from mianshen.warehouse.ledger import (
    APPEND_ONLY,
    ASSESSMENT_APPLIED,
    AUDIT,
    BANK_RESULT,
    CLOCK,
    CLOCK_EVENT,
    CLOCK_STANDING,
    CLOCK_TURN,
    DELIVERY,
    LEAD,
    METADATA,
    RADAR_SIGNAL,
    RUN,
)

SEALED = "ledger.sealed"
"""Action of the audit row that names a seal."""
MONEY_LEFT = "payment_batch.sent"
"""Action of the audit row after which a seal is due."""
FILE = "file"
"""What stands in the place of a table's name for files of the outbox."""
COLUMNS = "columns"
"""The same for the columns that a table had when it was sealed: later versions add some."""
UNTOLD = frozenset(
    one.name
    for one in (
        ASSESSMENT_APPLIED,
        BANK_RESULT,
        CLOCK,
        CLOCK_EVENT,
        CLOCK_STANDING,
        CLOCK_TURN,
        DELIVERY,
        LEAD,
        RADAR_SIGNAL,
        RUN,
    )
)
"""Tables to which work comes without a row in the chain: what is received, looked at and timed. No money moves by them alone."""
_FETCHED = 10_000

Marks = dict[tuple[str, str], str]
"""(table, key) to digest; of files the path inside the outbox and its SHA-256."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was sealed."""

    table: str
    """Ledger table, or `file`."""
    key: str
    """Primary key, parts joined by a bar; of files the path."""
    problem: str
    """changed | missing | added."""


def marks_of(connection: Connection, *, like: Mapping[tuple[str, str], str] | None = None) -> Marks:
    """The SM3 digest of every row of every ledger table but the chain's own, and each table's columns.

    With the marks of an older seal (`like`) only its tables and columns are read.
    """
    standing = set(inspect(connection).get_table_names())
    found: Marks = {}
    for table in (one for one in METADATA.sorted_tables if one.name != AUDIT.name and one.name in standing):
        columns = ",".join(column.name for column in table.columns) if like is None else like.get((COLUMNS, table.name))
        if columns is not None:
            found[COLUMNS, table.name] = columns
            found |= {(table.name, key): digest for key, digest in _rows(connection, table, columns.split(","))}
    return found


def file_marks(outbox: Path) -> Marks:
    """The SHA-256 of every file of the outbox, by its path inside it."""
    paths = sorted(path for path in outbox.rglob("*") if path.is_file())
    return {(FILE, path.relative_to(outbox).as_posix()): sha256_file(path) for path in paths}


def is_due(connection: Connection) -> bool:
    """Whether money has left since the last seal."""
    last = select(AUDIT.c.audit_no).order_by(AUDIT.c.audit_no.desc()).limit(1)
    left = connection.execute(last.where(AUDIT.c.action == MONEY_LEFT)).scalar()
    sealed = connection.execute(last.where(AUDIT.c.action == SEALED)).scalar()
    return left is not None and (sealed is None or sealed < left)


def seal(connection: Connection, *, folder: Path, outbox: Path, at: str, actor: str, put: Callable[[Path, bytes], None]) -> Path:
    """Write a seal of everything into the folder and name it in the chain, in the caller's transaction; returns its path.

    `put` writes a file whole or not at all. The same ledger and files give the same seal.
    """
    lock_money(connection)
    marks = {**marks_of(connection), **file_marks(outbox)}
    content = b"".join(canonical_json([*key, digest]) + b"\n" for key, digest in sorted(marks.items()))
    path = folder / f"seal_{head(connection).count + 1:08d}.jsonl"
    put(path, content)
    detail = {"marks": len(marks), "content_sha256": sha256_hex(content)}
    append(connection, [Entry(SEALED, path.name, detail)], at=at, actor=actor)
    return path


def last_seal(chain: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The chain's last row that names a seal."""
    return next((row for row in reversed(chain) if row["action"] == SEALED), None)


def read_seal(folder: Path, row: Mapping[str, Any]) -> Marks:
    """The marks of the seal that the chain's row names; MianshenError SEAL_DIFFERS when the file is not the one it names."""
    path = folder / str(row["subject"])
    content = path.read_bytes() if path.is_file() else b""
    if sha256_hex(content) != json.loads(row["detail"])["content_sha256"]:
        raise MianshenError("SEAL_DIFFERS", found=path.name, where=f"audit {row['audit_no']}")
    return {(table, key): digest for table, key, digest in map(json.loads, content.splitlines())}


def differences(sealed: Marks, found: Marks, *, is_last: bool, with_files: bool) -> list[Difference]:
    """What is not as it was sealed, by table and key.

    What may rightly have happened behind the seal is no difference: new rows and files, and new states of rows that have states.
    When the seal is the chain's last row (`is_last`) nothing may have happened. Without the outbox only rows are compared.
    """
    kept = sealed if with_files else {key: digest for key, digest in sealed.items() if key[0] != FILE}
    return list(_compare(kept, found, is_last=is_last))


def may_follow(one: Difference) -> bool:
    """Whether work may have left this behind the seal: new rows of UNTOLD tables, and new states of those that have states."""
    if one.table not in UNTOLD or one.problem == "missing":
        return False
    return one.problem == "added" or one.table not in {table.name for table in APPEND_ONLY}


def _compare(sealed: Marks, found: Marks, *, is_last: bool) -> Iterator[Difference]:
    fixed = {FILE, *(table.name for table in APPEND_ONLY)}
    for table, key in sorted(sealed.keys() | found.keys()):
        before, now = sealed.get((table, key)), found.get((table, key))
        if before is not None and now is None:
            yield Difference(table, key, "missing")
        elif before is None and is_last:
            yield Difference(table, key, "added")
        elif before is not None and before != now and (is_last or table in fixed):
            yield Difference(table, key, "changed")


def _rows(connection: Connection, table: Table, columns: Sequence[str]) -> Iterable[tuple[str, str]]:
    keys = [column.name for column in table.primary_key.columns]
    query = select(*(table.c[name] for name in dict.fromkeys((*keys, *columns)))).execution_options(yield_per=_FETCHED)
    for row in connection.execute(query).mappings():
        yield "|".join(str(row[name]) for name in keys), sm3_hex(canonical_json({name: row[name] for name in columns}))
