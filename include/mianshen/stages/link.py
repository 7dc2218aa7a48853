"""link: a person decides that two written identities are one: one proposes, another confirms, the next load goes by it.

A row is named by its delivery and line, never by a name. What is shown of people is masked; every look into the vault is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, RowMapping

from mianshen.core.contract import Feed
from mianshen.core.errors import MianshenError
from mianshen.feeds.originals import WrittenRow, written_rows
from mianshen.feeds.reader import read
from mianshen.stages.frame import Job
from mianshen.vault import links
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.vault.links import Link, LinkKind, Said, WrittenIdentity
from mianshen.vault.lookups import Logged
from mianshen.vault.records import Person
from mianshen.vault.register import Register, create
from mianshen.vault.suggest import sounds_alike
from mianshen.warehouse import audit, deliveries, lake, lookup_anchors
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, compute, open_database

LOADED = ("staging.roster", "staging.settlement", "staging.enrolment", "staging.notice")
"""Where a person's rows stand."""
KEYED_AT_ONCE = ("KEYED", "ACCEPTED", "SUPERSEDED", "HELD")
"""States of deliveries whose rows have keys."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row: its delivery and line."""

    delivery_id: str
    """Which delivery."""
    line_no: int
    """Line of the delivered file."""

    def __str__(self) -> str:
        return f"{self.delivery_id}:{self.line_no}"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a link would do; people masked."""

    link: Link
    """What would be recorded."""
    row_shown: str
    """The row's own identity, masked."""
    person_shown: str
    """The person who is meant, masked."""
    names: str
    """same | alike | differ | unknown: the two names."""
    is_same_birth: bool | None
    """Whether both numbers have the same birth date; None where the row has no readable one."""
    loaded: dict[str, int]
    """Rows by table that stand under the row's own number today; they stay where they are."""
    together: int
    """Deliveries in which both stand side by side: a hint that they are two people."""


def place_of(written: str) -> Place | None:
    """DELIVERY:LINE as a place; None for anything else."""
    delivery_id, _, line = written.partition(":")
    return Place(delivery_id, int(line)) if delivery_id and line.isascii() and line.isdigit() else None


def look(job: Job, row: Place, to: str) -> Prospect:
    """What a link of this row to the person of another row (DELIVERY:LINE), or of a person_key, would be; nothing is recorded.

    MianshenError LINK_ROW_UNKNOWN, LINK_ROW_UNFIT, LINK_TOO_VAGUE, PERSON_UNKNOWN.
    """
    register = _register(job)
    try:
        return _look(job, register, row, to)
    finally:
        register.engine.dispose()


def propose(job: Job, prospect: Prospect, *, reason: str, document: str) -> str:
    """Record the proposal of the job's actor; returns its link_id. The refusals of `vault.links.propose`."""
    register = _register(job)
    said = Said(job.actor, job.moment, reason, document)
    link_id = links.propose(register.engine, prospect.link, index_version=register.keyring.index_version, said=said)
    _note(job, "person.link_proposed", link_id, prospect.link.delivery_id, prospect.link.line_no)
    register.engine.dispose()
    return link_id


def confirm(job: Job, link_id: str, *, reason: str, document: str) -> None:
    """Record that the job's actor confirms; the next load goes by it. The refusals of `vault.links.confirm`."""
    engine = _register(job).engine
    proposal = links.confirm(engine, link_id, said=Said(job.actor, job.moment, reason, document))
    _note(job, "person.link_confirmed", link_id, proposal["delivery_id"], proposal["line_no"])
    engine.dispose()


def undo(job: Job, link_id: str, *, reason: str, document: str) -> None:
    """Record that the link holds no more from the next load on. The refusals of `vault.links.undo`."""
    engine = _register(job).engine
    proposal = links.undo(engine, link_id, said=Said(job.actor, job.moment, reason, document))
    _note(job, "person.link_undone", link_id, proposal["delivery_id"], proposal["line_no"])
    engine.dispose()


def listed(job: Job) -> Sequence[RowMapping]:
    """Every recorded act in order; keys, references and what people wrote as their reason."""
    engine = _register(job).engine
    acts = links.every_act(engine)
    engine.dispose()
    return acts


def suggested(job: Job) -> list[tuple[str, int, str, str]]:
    """(delivery, line, person_key, rule) of every suggestion of the lists that stand; none of them links anything."""
    standing = [row for state in ("ACCEPTED", "HELD") for row in _of_state(job, state) if row["feed"] == Feed.ROSTER]
    runs, ids = {row["keyed_run_id"] for row in standing}, {row["delivery_id"] for row in standing}
    with compute() as connection:
        lake.show(connection, "staging.row_suggestion", job.lake.files("staging.row_suggestion", run_ids=runs))
        query = "select delivery_id, line_no, person_key, rule_code from staging.row_suggestion order by all"
        return [row for row in connection.execute(query).fetchall() if row[0] in ids]


def _of_state(job: Job, state: str) -> Sequence[RowMapping]:
    return deliveries.in_state(job.ledger, county_code=job.county_code, state=state)


def _register(job: Job) -> Register:
    vault = open_database(job.vault_url, schema=VAULT)
    create(vault)
    return Register(vault, keys_of(job.home))


def _note(job: Job, action: str, link_id: str, delivery_id: str, line_no: int) -> None:
    """One row of the audit chain: which link, which row; reason and document stay in the vault, for they may name people."""
    detail = {"delivery_id": delivery_id, "line_no": line_no}
    with job.ledger.begin() as connection:
        audit.append(connection, [Entry(action, link_id, detail)], at=job.moment, actor=job.actor)


def _anchor(job: Job, logged: Logged) -> None:
    with job.ledger.begin() as connection:
        lookup_anchors.anchor(connection, logged.subject, logged.digest, at=job.moment, actor=job.actor)


def _look(job: Job, register: Register, row: Place, to: str) -> Prospect:
    delivery, own_key = _keyed(job, row)
    other = place_of(to)
    to_key = _keyed(job, other)[1] if other else to
    if to_key is None:
        raise MianshenError("LINK_ROW_UNFIT", found=to, where="--to")
    purpose = f"person link {row}"
    wanted = [to_key, *([own_key] if own_key else [])]
    people = register.open_persons(
        wanted,
        fields=("name", "certno"),
        purpose=purpose,
        recipient="link",
        actor=job.actor,
        at=job.as_of,
        anchor=lambda one: _anchor(job, one),
    )
    person = people[to_key]
    if own_key:
        link = Link(LinkKind.NUMBER, delivery["list_code"], row.delivery_id, row.line_no, to_key, from_key=own_key)
        own = people[own_key]
        name, number = own.name or "", own.certno or ""
    else:
        written = _written(job, register.engine, delivery, row)
        identity = WrittenIdentity(written.number, written.name, written.beside)
        if not identity.is_telling:
            raise MianshenError("LINK_TOO_VAGUE", found=str(row), where=delivery["list_code"])
        tag = identity.digest(register.keyring, list_code=delivery["list_code"])
        link = Link(LinkKind.ROW, delivery["list_code"], row.delivery_id, row.line_no, to_key, tag=tag)
        name, number = written.name, written.number
    loaded, together = _beside(job, own_key, to_key, row)
    return Prospect(
        link=link,
        row_shown=masked(name, number),
        person_shown=masked(person.name or "", person.certno or ""),
        names=_compared(name, person),
        is_same_birth=number[6:14] == (person.certno or "")[6:14] if len(number) == len(person.certno or "") else None,
        loaded=loaded,
        together=together,
    )


def _compared(name: str, person: Person) -> str:
    if not name or not person.name:
        return "unknown"
    if name == person.name:
        return "same"
    return "alike" if sounds_alike(name, person.name) else "differ"


def masked(name: str, number: str) -> str:
    """The first character of a name and the last four of a number."""
    return f"{name[:1]}{'*' * (len(name) - 1)} …{number[-4:]}" if name or number else "—"


def _keyed(job: Job, place: Place) -> tuple[RowMapping, str | None]:
    """The row's delivery and its person_key, which is None for a row without a usable number."""
    with job.ledger.connect() as connection:
        delivery = deliveries.find(connection, place.delivery_id)
    if delivery is None or delivery["county_code"] != job.county_code or delivery["state"] not in KEYED_AT_ONCE:
        raise MianshenError("LINK_ROW_UNKNOWN", found=str(place), where="delivery")
    table = f"staging.{delivery['feed']}_keyed"
    with compute() as connection:
        lake.show(connection, table, job.lake.files(table, run_ids={delivery["keyed_run_id"]}))
        query = f"select person_key from {table} where delivery_id = $delivery_id and line_no = $line_no"  # noqa: S608 - a closed list
        found = connection.execute(query, {"delivery_id": place.delivery_id, "line_no": place.line_no}).fetchone()
    if found is None:
        raise MianshenError("LINK_ROW_UNKNOWN", found=str(place), where=table)
    return delivery, found[0]


def _written(job: Job, vault: Engine, delivery: RowMapping, place: Place) -> WrittenRow:
    if delivery["feed"] != Feed.ROSTER:
        raise MianshenError("LINK_ROW_UNFIT", found=str(place), where=delivery["list_code"])
    contract = job.pack.contract(delivery["list_code"])
    content = Custody(job.home.custody, vault, keys_of(job.home)).open(delivery["content_sha256"])
    landed = read(content, contract=contract, where=delivery["file_name"])
    return next(row for row in written_rows(landed, contract) if row.line_no == place.line_no)


def _beside(job: Job, own_key: str | None, to_key: str, row: Place) -> tuple[dict[str, int], int]:
    """Rows by table under the row's own number, and deliveries of lists in which both stand."""
    loaded: dict[str, int] = {}
    with compute() as connection:
        for table in LOADED:
            lake.show(connection, table, job.lake.history(table, county_code=job.county_code))
            if own_key:
                count = _one(connection, f"select count(*) from {table} where person_key = $key", {"key": own_key})  # noqa: S608
                loaded.update({table.removeprefix("staging."): count} if count else {})
        other = "person_key = $own" if own_key else "delivery_id = $own"
        both = _one(
            connection,
            "select count(distinct delivery_id) from staging.roster where person_key = $key and delivery_id in ("  # noqa: S608
            f"select delivery_id from staging.roster where {other})",
            {"key": to_key, "own": own_key or row.delivery_id},
        )
    return loaded, both


def _one(connection: Any, query: str, parameters: dict[str, str]) -> int:
    return int(connection.execute(query, parameters).fetchone()[0])
