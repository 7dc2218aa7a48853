"""The evidence of a case: every ledger row about it, its calculation records, the audit chain and the last seal, in one file.

It is checked without any database: the file's parts against its list, the chain against itself and a printed head, the seal
against the chain, each row against the seal. Nothing in it names a person.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.warehouse import audit, seal
from mianshen.warehouse.audit import Head, sm3_hex
from mianshen.warehouse.ledger import (
    APPLICATION,
    APPROVAL_BATCH,
    APPROVAL_ITEM,
    AWARD_POSTING,
    BANK_RESULT,
    CLOCK,
    CLOCK_EVENT,
    CLOCK_EXEMPTION,
    CLOCK_TURN,
    LEAD,
    LEAD_ACT,
    METADATA,
    PAYMENT,
    PAYMENT_BATCH,
    PAYMENT_BY_HAND,
    PAYMENT_LINE,
    PAYMENT_REISSUE,
    RECOVERY_ENTRY,
    RECOVERY_LINE,
    RECOVERY_PART,
)

LIST = "manifest.json"
"""What is in the file, with the hash of every part."""
CHAIN = "audit.jsonl"
"""The whole audit chain: a part of it would not check itself."""
RECORDS = "records.jsonl"
"""Calculation records of the person's claims."""
SEAL = "seal.jsonl"
"""The last seal: a digest of every ledger row."""
READ_ME = "README.txt"
"""How to check it, for whoever opens it."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_CHUNK = 500
_HOW = """核对:mianshen audit verify --package 本文件 [--head 批次表上印的链头 --count 条数],不需要数据库和网络。
manifest.json 列出每个部分的 SHA-256;audit.jsonl 是整条审计链(SM3);seal.jsonl 是审计链所指名的封存;ledger/ 中每行账与封存相符。
Check it with: mianshen audit verify --package THIS_FILE [--head H --count N]; neither database nor network is needed.
"""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found in a package."""

    problem: str
    """changed | missing | added | chain | seal."""
    part: str
    """The file or the row."""


def gather(connection: Connection, case_id: str) -> dict[str, Rows]:
    """Every ledger row about the case, by table: its events, decisions, money, clocks, leads, visits, recoveries."""
    found: dict[str, Rows] = {}
    for table in (one for one in METADATA.sorted_tables if "case_id" in one.c):
        _take(connection, found, table, "case_id", [case_id])
    _take(connection, found, APPLICATION, "application_id", [case_id])
    items = _take(connection, found, APPROVAL_ITEM, "application_id", [case_id])
    batches = _take(connection, found, APPROVAL_BATCH, "approval_batch_id", _values(items, "approval_batch_id"))
    _take(connection, found, AWARD_POSTING, "application_id", [case_id])
    _take(connection, found, AWARD_POSTING, "approval_item_id", _values(items, "approval_item_id"))
    _take(connection, found, AWARD_POSTING, "reverses_award_id", _values(found.get("award_posting", ()), "award_id"))
    payments = _money(connection, found)
    clocks = _clocks(connection, found, [case_id, *_values(batches, "approval_batch_id")], case_id)
    about = [case_id, *_values(items, "approval_item_id"), *payments, *_values(clocks, "subject_id")]
    leads = _take(connection, found, LEAD, "subject_id", about)
    _take(connection, found, LEAD_ACT, "lead_id", _values(leads, "lead_id"))
    recoveries = _values(found.get("recovery", ()), "recovery_id")
    for table in (RECOVERY_LINE, RECOVERY_ENTRY, RECOVERY_PART):
        _take(connection, found, table, "recovery_id", recoveries)
    return {name: rows for name, rows in sorted(found.items()) if rows}


def _money(connection: Connection, found: dict[str, Rows]) -> list[str]:
    lines = _take(connection, found, PAYMENT_LINE, "award_id", _values(found.get("award_posting", ()), "award_id"))
    paid = _take(connection, found, PAYMENT, "payment_id", _values(lines, "payment_id"))
    keys = _values(paid, "payment_id")
    _take(connection, found, PAYMENT_BATCH, "payment_batch_id", _values(paid, "payment_batch_id"))
    for table in (BANK_RESULT, PAYMENT_BY_HAND, PAYMENT_REISSUE):
        _take(connection, found, table, "payment_id", keys)
    return keys


def _clocks(connection: Connection, found: dict[str, Rows], subjects: Sequence[str], case_id: str) -> Rows:
    query = select(CLOCK).where(or_(CLOCK.c.subject_id.in_(subjects), CLOCK.c.subject_id.startswith(f"{case_id}|")))
    clocks = [dict(row) for row in connection.execute(query.order_by(CLOCK.c.clock_id)).mappings()]
    found["clock"] = clocks
    for table in (CLOCK_TURN, CLOCK_EVENT, CLOCK_EXEMPTION):
        _take(connection, found, table, "clock_id", _values(clocks, "clock_id"))
    return clocks


def _take(connection: Connection, found: dict[str, Rows], table: Table, column: str, values: Sequence[str]) -> Rows:
    """Add the table's rows with one of the values in the column, each once; returns those rows."""
    keys = list(table.primary_key.columns)
    rows: Rows = []
    for start in range(0, len(values), _CHUNK):
        query = select(table).where(table.c[column].in_(values[start : start + _CHUNK])).order_by(*keys)
        rows += [dict(row) for row in connection.execute(query).mappings()]
    kept = found.setdefault(table.name, [])
    kept += [row for row in rows if row not in kept]
    return rows


def _values(rows: Iterable[Mapping[str, Any]], column: str) -> list[str]:
    return sorted({str(row[column]) for row in rows if row[column] is not None})


def pack(
    connection: Connection, case_id: str, *, records: Sequence[str], evidence: Path, at: str, actor: str, county_code: str
) -> bytes:
    """The package's bytes; equal for equal evidence and moment. `records` are JSON lines, `evidence` is where seals lie.

    The ledger was sealed just now: each row is held against that seal. MianshenError SEAL_DIFFERS when it is not the one that the
    chain names.
    """
    chain = audit.rows_of(connection)
    end = audit.head(connection)
    parts = {f"ledger/{name}.jsonl": _lines(rows) for name, rows in gather(connection, case_id).items()}
    parts |= {CHAIN: _lines(chain), RECORDS: "".join(f"{one}\n" for one in records).encode(), READ_ME: _HOW.encode()}
    last = chain[-1]
    seal.read_seal(evidence, last)
    parts[SEAL] = (evidence / str(last["subject"])).read_bytes()
    about = {
        "case_id": case_id,
        "county_code": county_code,
        "made_at": at,
        "made_by": actor,
        "chain": {"head": end.digest, "count": end.count},
        "files": {name: sha256_hex(content) for name, content in sorted(parts.items())},
    }
    return _zipped({LIST: canonical_json(about) + b"\n", **parts})


def check(content: bytes, *, expected: Head | None = None, where: str) -> tuple[dict[str, Any], list[Finding]]:
    """The package's list and everything that is wrong with it. Needs no database.

    `expected` is a head that was printed on a batch sheet. MianshenError PACKAGE_UNREADABLE when it is no package.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            parts = {name: opened.read(name) for name in opened.namelist()}
        about = json.loads(parts.pop(LIST))
        named = dict(about["files"])
        chain = _rows_in(parts.get(CHAIN, b""))
        head = Head(about["chain"]["head"], about["chain"]["count"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as cause:
        raise MianshenError("PACKAGE_UNREADABLE", found=type(cause).__name__, where=where) from None
    found = [Finding("missing", name) for name in sorted(named.keys() - parts.keys())]
    found += [Finding("added", name) for name in sorted(parts.keys() - named.keys())]
    found += [Finding("changed", name) for name in sorted(named.keys() & parts.keys()) if sha256_hex(parts[name]) != named[name]]
    for wanted in (head, expected):
        verdict = audit.verify(chain, expected=wanted)
        if verdict.first_bad is not None:
            found.append(Finding("chain", f"{verdict.problem} {verdict.first_bad}"))
    return about, [*dict.fromkeys(found), *_against_seal(parts, chain, about["case_id"])]


def _against_seal(parts: Mapping[str, bytes], chain: Sequence[Mapping[str, Any]], case_id: str) -> Iterator[Finding]:
    """Rows that are not as they were sealed, rows that were put in, and rows of the case that were left out."""
    last = seal.last_seal(chain)
    content = parts.get(SEAL, b"")
    if last is None or sha256_hex(content) != json.loads(last["detail"])["content_sha256"]:
        yield Finding("seal", str(last["subject"]) if last else SEAL)
        return
    marks = {(table, key): digest for table, key, digest in map(json.loads, content.splitlines())}
    for table in METADATA.sorted_tables:
        columns = marks.get((seal.COLUMNS, table.name), "").split(",")
        keys = [column.name for column in table.primary_key.columns]
        seen = set()
        for row in _rows_in(parts.get(f"ledger/{table.name}.jsonl", b"")):
            key = "|".join(str(row.get(name)) for name in keys)
            seen.add(key)
            mark = marks.get((table.name, key))
            if mark != sm3_hex(canonical_json({name: row.get(name) for name in columns})):
                yield Finding("added" if mark is None else "changed", f"{table.name} {key}")
        is_own = keys[0] == "case_id"
        own = {key for name, key in marks if is_own and name == table.name and key.split("|")[0] == case_id}
        yield from (Finding("missing", f"{table.name} {key}") for key in sorted(own - seen))


def _rows_in(content: bytes) -> Rows:
    return [json.loads(line) for line in content.splitlines()]


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(canonical_json(dict(row)) + b"\n" for row in rows)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, content in sorted(parts.items()):
            part = zipfile.ZipInfo(name, date_time=_EARLIEST)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            file.writestr(part, content, compresslevel=6)
    return whole.getvalue()
