"""The two logs of look-ups, by who looked: the bureau's, which supervisors read, and the supervisor's, which the bureau may not.

Each is a chain of SM3 digests, and each row's digest stands in the ledger's audit chain (`vault.looked_up`): a row that was
changed, taken out or put in is found by whoever holds both. The audit chain tells neither persons nor purpose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select, text

from mianshen.core.digest import canonical_json
from mianshen.core.errors import MianshenError
from mianshen.core.office import Office
from mianshen.vault import sm
from mianshen.vault.tables import LOOKUP_LOG, SUPERVISOR_LOOKUP_LOG

GENESIS = "0" * 64
"""What the first row of a log names as its predecessor."""
_COVERED = ("lookup_no", "looked_up_at", "actor", "purpose", "recipient", "fields", "persons", "person_keys", "previous")
_UNCHAINED = _COVERED[:-1]


TABLES: Mapping[Office, Table] = {Office.BUREAU: LOOKUP_LOG, Office.SUPERVISOR: SUPERVISOR_LOOKUP_LOG}
"""Where each log stands."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said with a look-up. MianshenError LOOKUP_UNEXPLAINED without purpose, recipient and actor."""

    fields: tuple[str, ...]
    """What is opened of each person."""
    purpose: str
    """Why."""
    recipient: str
    """Who gets it."""
    actor: str
    """Login of who looks."""
    at: str
    """Moment, ISO with zone."""

    def __post_init__(self) -> None:
        if not (self.purpose.strip() and self.recipient.strip() and self.actor.strip()):
            raise MianshenError("LOOKUP_UNEXPLAINED", found=", ".join(self.fields), where=LOOKUP_LOG.name)


@dataclass(frozen=True, slots=True)
class Logged:
    """A look-up that stands in its log."""

    office: Office
    """Which log."""
    lookup_no: int
    """Its number there."""
    digest: str
    """Its place in the chain."""

    @property
    def subject(self) -> str:
        """What the audit chain calls it."""
        return subject_of(self.office, self.lookup_no)


Anchor = Callable[[Logged], None]
"""Writes a look-up's digest into the audit chain; nothing opens before it has."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A look-up that does not hold."""

    lookup_no: int
    """Which."""
    problem: str
    """changed | moved (something is missing before it, or it was put in) | gone | unanchored (put in, or its task died)."""


@dataclass(frozen=True, slots=True)
class LookupLog:
    """One office's log."""

    engine: Engine
    """Database that it stands in."""
    office: Office
    """Whose look-ups."""

    @property
    def table(self) -> Table:
        """Its table."""
        return TABLES[self.office]

    def write(self, person_keys: Sequence[str], asked: Asked) -> Logged:
        """Log the look-up, committed. The same act tried again keeps its row: at one moment, nobody and nothing more opened."""
        said = {
            "looked_up_at": asked.at,
            "actor": asked.actor,
            "purpose": asked.purpose,
            "recipient": asked.recipient,
            "fields": ",".join(asked.fields),
            "persons": len(person_keys),
            "person_keys": json.dumps(list(person_keys)),
        }
        with self.engine.begin() as connection:
            self._lock(connection)
            standing = self._standing(connection, said, person_keys)
            if standing is not None:
                return standing
            number, previous = self._end(connection)
            row = {"lookup_no": number + 1, **said, "previous": previous}
            digest = digest_of(row)
            connection.execute(insert(self.table).values(**row, digest=digest))
        return Logged(self.office, number + 1, digest)

    def rows(self) -> list[dict[str, Any]]:
        """Every row in order."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(self.table).order_by(self.table.c.lookup_no)).mappings()]

    def _standing(self, connection: Connection, said: Mapping[str, Any], person_keys: Sequence[str]) -> Logged | None:
        """The look-up of the same moment, by and for the same people and purpose, that opened all of this already."""
        same = [self.table.c[name] == said[name] for name in ("looked_up_at", "actor", "purpose", "recipient")]
        query = select(self.table).where(*same, self.table.c.digest.is_not(None)).order_by(self.table.c.lookup_no)
        wanted, asked = set(person_keys), set(said["fields"].split(","))
        for row in connection.execute(query).mappings():
            if asked <= set(row["fields"].split(",")) and wanted <= set(json.loads(row["person_keys"])):
                return Logged(self.office, row["lookup_no"], row["digest"])
        return None

    def _end(self, connection: Connection) -> tuple[int, str]:
        """Number and digest of the last row; what stood there before there was a chain is its beginning."""
        last = connection.execute(select(self.table).order_by(self.table.c.lookup_no.desc()).limit(1)).mappings().first()
        if last is None:
            return 0, GENESIS
        if last["digest"] is not None:
            return last["lookup_no"], last["digest"]
        earlier = connection.execute(select(self.table).order_by(self.table.c.lookup_no)).mappings().all()
        return last["lookup_no"], _beginning([dict(row) for row in earlier])

    def _lock(self, connection: Connection) -> None:
        """Two that look take turns: SQLite begins immediately, PostgreSQL locks the log."""
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"lock table {self.table.name} in exclusive mode"))


def subject_of(office: Office, lookup_no: int) -> str:
    """What the audit chain calls a look-up: `bureau:17`."""
    return f"{office}:{lookup_no}"


def digest_of(row: Mapping[str, Any]) -> str:
    """The digest that this row must carry."""
    return sm.sm3(canonical_json({name: row[name] for name in _COVERED}))


def verify(rows: Sequence[Mapping[str, Any]], *, office: Office, anchored: Mapping[str, str]) -> list[Finding]:
    """What does not hold of a log, given the digests that the audit chain names, by subject; empty when all does."""
    found = {one.lookup_no: one for one in _unanchored(rows, office, anchored)}
    found |= {one.lookup_no: one for one in _missing(rows, office, anchored)}
    found |= {one.lookup_no: one for one in _broken(rows)}
    return [one for _, one in sorted(found.items())]


def _broken(rows: Sequence[Mapping[str, Any]]) -> Iterable[Finding]:
    earlier = [row for row in rows if row["digest"] is None]
    end = (len(earlier), _beginning(earlier))
    for row in rows[len(earlier) :] if rows[: len(earlier)] == earlier else rows:
        if (row["lookup_no"], row["previous"]) != (end[0] + 1, end[1]):
            yield Finding(row["lookup_no"], "moved")
        elif digest_of(row) != row["digest"]:
            yield Finding(row["lookup_no"], "changed")
        end = (row["lookup_no"], row["digest"])


def _unanchored(rows: Sequence[Mapping[str, Any]], office: Office, anchored: Mapping[str, str]) -> Iterable[Finding]:
    for row in rows:
        named = anchored.get(subject_of(office, row["lookup_no"]))
        if row["digest"] is not None and named != row["digest"]:
            yield Finding(row["lookup_no"], "unanchored" if named is None else "changed")


def _missing(rows: Sequence[Mapping[str, Any]], office: Office, anchored: Mapping[str, str]) -> Iterable[Finding]:
    standing = {subject_of(office, row["lookup_no"]) for row in rows}
    for subject in anchored:
        whose, number = subject.split(":")
        if whose == office and subject not in standing:
            yield Finding(int(number), "gone")


def _beginning(earlier: Sequence[Mapping[str, Any]]) -> str:
    """What the first chained row names: zeros, or the digest of all that was logged before there was a chain."""
    if not earlier:
        return GENESIS
    return sm.sm3(canonical_json([{name: row[name] for name in _UNCHAINED} for row in earlier]))
