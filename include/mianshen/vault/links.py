"""Recorded decisions that two written identities are one person: who proposed, who confirmed, who undid it, and what follows.

Only a decision that a second person confirmed links anything; a suggestion never does. Nothing is ever changed: an act is a row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Engine, RowMapping, insert, select, text

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.vault.keyring import Keyring
from mianshen.vault.tables import PERSON_LINK

LEDGER = "vault.person_link"
"""Where the decisions stand, for messages."""


class Act(StrEnum):
    """What was done with a link."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


class LinkKind(StrEnum):
    """What is linked to a person."""

    NUMBER = "number"
    """Another id number: its person is the other one from now on."""
    ROW = "row"
    """What a row of a list says of a person, without a usable number."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who acts, when, why, and by which document."""

    actor: str
    """Login."""
    at: str
    """Moment, ISO with zone."""
    reason: str
    """Why."""
    document: str
    """Reference of the paper that says so."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is to be linked; keys and digests only."""

    kind: LinkKind
    """A number or a row."""
    list_code: str
    """List of the row."""
    delivery_id: str
    """Delivery of the row."""
    line_no: int
    """Its line."""
    to_key: str
    """The person who is meant."""
    from_key: str | None = None
    """The person of the row's own number, for a NUMBER."""
    tag: str | None = None
    """Keyed digest of the row's written identity, for a ROW."""


@dataclass(frozen=True, slots=True, repr=False)
class WrittenIdentity:
    """What a row without a usable number says of its person. Never printed."""

    number: str
    """As written."""
    name: str
    """Normalised."""
    beside: str
    """Whatever else tells one bearer of the name from another: town, village, household, account, phone."""

    @property
    def is_telling(self) -> bool:
        """Whether a whole number, or something beside the name, says which bearer of the name is meant."""
        return bool(self.name) and (self.has_whole_number or bool(self.beside))

    @property
    def has_whole_number(self) -> bool:
        """Whether a number of every digit stands there, right or wrong."""
        bare = _bare(self.number)
        return bare.isalnum() and bare.isascii() and len(bare) >= _SHORTEST and len(set(bare)) > _FEWEST_DIGITS

    def digest(self, keyring: Keyring, *, list_code: str) -> str:
        """Its keyed digest within the list."""
        beside = "" if self.has_whole_number else self.beside
        return keyring.tagger.tag("written", "\u001f".join((list_code, _bare(self.number), self.name, beside)))


_SHORTEST = 15
_FEWEST_DIGITS = 3


def _bare(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).strip("'‘’`").upper()


def propose(engine: Engine, link: Link, *, index_version: int, said: Said) -> str:
    """Record what one person proposes; nothing is linked yet. Returns its link_id.

    MianshenError LINK_UNEXPLAINED without actor, reason and document; LINK_SAME_PERSON when both are one already;
    LINK_DECIDED when the same identity is linked, or proposed for the same person, already.
    """
    _explained(said)
    link_id = short_id("L", link.delivery_id, str(link.line_no), link.to_key, said.at)
    with engine.begin() as connection:
        _lock(connection)
        _refuse_standing(connection, link)
        connection.execute(
            insert(PERSON_LINK).values(
                **_act(link_id, Act.PROPOSED, said),
                link_kind=link.kind.value,
                index_version=index_version,
                list_code=link.list_code,
                delivery_id=link.delivery_id,
                line_no=link.line_no,
                tag=link.tag,
                from_key=link.from_key,
                to_key=link.to_key,
            )
        )
    return link_id


def confirm(engine: Engine, link_id: str, *, said: Said) -> RowMapping:
    """Record that a second person confirms; the link holds from the next load on. Returns the proposal.

    MianshenError LINK_UNKNOWN; LINK_SAME_HAND when the proposer confirms; LINK_DECIDED when it was confirmed or undone before;
    LINK_SAME_PERSON when both are one person by now.
    """
    _explained(said)
    with engine.begin() as connection:
        _lock(connection)
        acts = _acts(connection, link_id)
        proposal = acts[Act.PROPOSED]
        if proposal["actor"] == said.actor:
            raise MianshenError("LINK_SAME_HAND", found=said.actor, where=f"{LEDGER} {link_id}")
        if len(acts) > 1:
            raise MianshenError("LINK_DECIDED", found=", ".join(sorted(acts)), where=f"{LEDGER} {link_id}")
        known = force(connection)
        if proposal["from_key"] is not None and known.person(proposal["to_key"]) == known.person(proposal["from_key"]):
            raise MianshenError("LINK_SAME_PERSON", found=link_id, where=LEDGER)
        _refuse_twice(known, tag=proposal["tag"], from_key=proposal["from_key"])
        connection.execute(insert(PERSON_LINK).values(**_act(link_id, Act.CONFIRMED, said)))
    return proposal


def undo(engine: Engine, link_id: str, *, said: Said) -> RowMapping:
    """Record that the link, or the proposal, holds no more from the next load on; one person may do so. Returns the proposal.

    MianshenError LINK_UNKNOWN; LINK_DECIDED when it was undone before.
    """
    _explained(said)
    with engine.begin() as connection:
        _lock(connection)
        acts = _acts(connection, link_id)
        if Act.UNDONE in acts:
            raise MianshenError("LINK_DECIDED", found=Act.UNDONE, where=f"{LEDGER} {link_id}")
        connection.execute(insert(PERSON_LINK).values(**_act(link_id, Act.UNDONE, said)))
    return acts[Act.PROPOSED]


def every_act(engine: Engine) -> Sequence[RowMapping]:
    """Every recorded act in order."""
    with engine.connect() as connection:
        return connection.execute(select(PERSON_LINK).order_by(PERSON_LINK.c.act_no)).mappings().all()


@dataclass(frozen=True, slots=True)
class Force:
    """The links that hold."""

    ids: tuple[str, ...]
    """Which, in order."""
    numbers: Mapping[str, str]
    """By the person of a number, the person who it is."""
    rows: Mapping[str, str]
    """By the digest of a written identity, the person who it is."""
    lists: frozenset[str]
    """Lists of which a row is linked."""

    def person(self, key: str) -> str:
        """Who the person of this key is, through every link that holds."""
        while key in self.numbers:
            key = self.numbers[key]
        return key


def force(connection: Connection) -> Force:
    """The links that hold: confirmed and not undone."""
    rows = connection.execute(select(PERSON_LINK).order_by(PERSON_LINK.c.act_no)).mappings().all()
    acts = {(row["link_id"], row["act"]) for row in rows}
    standing = [
        row
        for row in rows
        if row["act"] == Act.PROPOSED and (row["link_id"], Act.CONFIRMED) in acts and (row["link_id"], Act.UNDONE) not in acts
    ]
    return Force(
        ids=tuple(row["link_id"] for row in standing),
        numbers={row["from_key"]: row["to_key"] for row in standing if row["link_kind"] == LinkKind.NUMBER},
        rows={row["tag"]: row["to_key"] for row in standing if row["link_kind"] == LinkKind.ROW},
        lists=frozenset(row["list_code"] for row in standing if row["link_kind"] == LinkKind.ROW),
    )


def in_force(engine: Engine) -> Force:
    """`force` of a vault."""
    with engine.connect() as connection:
        return force(connection)


def _refuse_standing(connection: Connection, link: Link) -> None:
    known = force(connection)
    if link.from_key is not None and known.person(link.from_key) == known.person(link.to_key):
        raise MianshenError("LINK_SAME_PERSON", found=link.to_key, where=LEDGER)
    _refuse_twice(known, tag=link.tag, from_key=link.from_key)


def _refuse_twice(known: Force, *, tag: str | None, from_key: str | None) -> None:
    if tag in known.rows or from_key in known.numbers:
        raise MianshenError("LINK_DECIDED", found=known.rows.get(tag or "") or known.numbers[from_key or ""], where=LEDGER)


def _acts(connection: Connection, link_id: str) -> dict[str, RowMapping]:
    rows = connection.execute(select(PERSON_LINK).where(PERSON_LINK.c.link_id == link_id)).mappings().all()
    if not rows:
        raise MianshenError("LINK_UNKNOWN", found=link_id, where=LEDGER)
    return {row["act"]: row for row in rows}


def _act(link_id: str, act: Act, said: Said) -> dict[str, object]:
    return {
        "link_id": link_id,
        "act": act.value,
        "acted_at": said.at,
        "actor": said.actor,
        "reason": said.reason,
        "document": said.document,
    }


def _explained(said: Said) -> None:
    empty = [name for name in ("actor", "reason", "document") if not getattr(said, name).strip()]
    if empty:
        raise MianshenError("LINK_UNEXPLAINED", found=", ".join(empty), where=LEDGER)


def _lock(connection: Connection) -> None:
    """Two deciding processes take turns: SQLite begins immediately, PostgreSQL locks the table."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table person_link in exclusive mode"))
