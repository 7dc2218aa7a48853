"""The audit chain: one SM3-chained row a decision, approval, payment or look-up; nothing in it is ever changed (docs/adr/0005).

A row's digest covers its number, moment, actor, action, subject, detail and the digest before it. A changed row breaks its own
digest, a row taken out of the middle breaks its follower; a cut tail shows only against the head and count that are printed on
every batch sheet, so `verify` takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from sqlalchemy import Connection, insert, select, text

from mianshen.core import crypto
from mianshen.core.digest import Digest, canonical_json
from mianshen.warehouse.ledger import AUDIT

GENESIS = "0" * 64
"""What the first row names as its predecessor."""
_LOCK = 7_205_118
_COVERED = ("audit_no", "at", "actor", "action", "subject", "detail", "previous")


def sm3_hex(content: bytes, /) -> str:
    """SM3 of the bytes as 64 hexadecimal digits, by the certified module where one is installed."""
    module = crypto.certified()
    if module is not None:
        return module.sm3(content).hex()
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: printed on every batch sheet."""

    digest: str
    """Digest of the last row; 64 zeros of an empty chain."""
    count: int
    """How many rows there are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is worth a row in the chain; never a name, an id number or an account."""

    action: str
    """What was done, such as `approval_batch.frozen`."""
    subject: str
    """On what: an id of the ledger."""
    detail: Mapping[str, Any]
    """Codes, counts, fen and content hashes, as JSON values."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found."""

    count: int
    """Rows looked at."""
    first_bad: int | None
    """Number of the first row that does not hold; None when all do. One past the end means that the tail was cut."""
    problem: str
    """empty | changed | moved | cut | other_head; `ok` when the chain holds."""


def lock_money(connection: Connection) -> None:
    """Make this transaction the only one that writes money or audit rows; SQLite's transactions are alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def head(connection: Connection) -> Head:
    """The chain's head and count."""
    last = connection.execute(select(AUDIT.c.digest, AUDIT.c.audit_no).order_by(AUDIT.c.audit_no.desc()).limit(1)).first()
    return Head(GENESIS, 0) if last is None else Head(last.digest, last.audit_no)


def append(connection: Connection, entries: Iterable[Entry], *, at: str, actor: str, digest: Digest = sm3_hex) -> Head:
    """Add the entries in their order; returns the new head. `at` is the moment as ISO text."""
    lock_money(connection)
    end = head(connection)
    rows = []
    for entry in entries:
        row = {
            "audit_no": end.count + 1,
            "at": at,
            "actor": actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": canonical_json(dict(entry.detail)).decode(),
            "previous": end.digest,
        }
        end = Head(row_digest(row, digest=digest), end.count + 1)
        rows.append({**row, "digest": end.digest})
    if rows:
        connection.execute(insert(AUDIT), rows)
    return end


def stands(connection: Connection, *, action: str, subject: str) -> bool:
    """Whether the chain has a row of this action on this subject."""
    query = select(AUDIT.c.audit_no).where(AUDIT.c.action == action, AUDIT.c.subject == subject).limit(1)
    return connection.execute(query).first() is not None


def row_digest(row: Mapping[str, Any], *, digest: Digest = sm3_hex) -> str:
    """The digest that this row must carry."""
    return digest(canonical_json({name: row[name] for name in _COVERED}))


def rows_of(connection: Connection) -> Sequence[Mapping[str, Any]]:
    """Every row of the chain, in order."""
    return [dict(row) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.audit_no)).mappings()]


def verify(rows: Iterable[Mapping[str, Any]], *, expected: Head | None = None, digest: Digest = sm3_hex) -> Verdict:
    """Whether the rows form the chain; needs no database. `expected` is a head that was printed or written down before."""
    end = Head(GENESIS, 0)
    printed = expected is None or expected.count == 0
    for row in rows:
        problem = _problem(row, end, digest)
        if problem:
            return Verdict(end.count, end.count + 1, problem)
        end = Head(row["digest"], end.count + 1)
        if expected is not None and end.count == expected.count:
            if end.digest != expected.digest:
                return Verdict(end.count, end.count, "other_head")
            printed = True
    return Verdict(end.count, None, "ok") if printed else Verdict(end.count, end.count + 1, "cut")


def _problem(row: Mapping[str, Any], end: Head, digest: Digest) -> str:
    if row["audit_no"] != end.count + 1 or row["previous"] != end.digest:
        return "moved"
    return "" if row_digest(row, digest=digest) == row["digest"] else "changed"
