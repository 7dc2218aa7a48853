"""A delivery that a person takes back, or lets go on: what hangs on it, and the act itself, once, in the audit chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from mianshen.core.contract import Feed
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.pack import Pack
from mianshen.warehouse import audit, deliveries, lake
from mianshen.warehouse.arrivals import clocks_on
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.clock_store import Subject, open_clock, record_event
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake
from mianshen.warehouse.ledger import AWARD_POSTING, DELIVERY, DELIVERY_ACT, PAYMENT, PAYMENT_LINE
from mianshen.warehouse.postings import fate, with_fate

STANDING = ("RECEIVED", "KEYED", "ACCEPTED", "SUPERSEDED", "HELD")
"""States from which a delivery may be withdrawn."""
EVENT_OF = {Feed.SETTLEMENT: "setl_id", Feed.ENROLMENT: "enrol_id"}
"""The column that names a row's claim, in feeds of claims."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Touched:
    """Money that hangs on a delivery: of one person, or of all."""

    fen: int
    """Sum of the postings, in fen."""
    paid_fen: int
    """Part of it on live lines of payments that were sent or paid."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a withdrawal touches; keys and fen only."""

    rows: int
    """Accepted rows of the delivery."""
    people: tuple[str, ...]
    """person_keys on it, sorted."""
    events: int
    """Claims on it."""
    events_gone: int
    """Claims that no other accepted delivery, nor the version before, holds: they fall away."""
    postings: Mapping[str, tuple[int, int]]
    """Fate of the postings touched (effective, open, dead) to (how many, fen)."""
    payments: Mapping[str, tuple[int, int]]
    """State of the payments touched to (live lines, fen)."""
    owed_back: Mapping[str, Touched]
    """By person_key: what stands on claims that fall away."""
    before: str | None
    """The version that stands again; None when there is none."""


def listed(connection: Connection, *, county_code: str | None, states: Sequence[str] = ()) -> Sequence[RowMapping]:
    """Deliveries by feed, list, partition and version; of one county and of some states when they are named."""
    query = select(DELIVERY).order_by(
        *(DELIVERY.c[name] for name in ("county_code", "feed", "list_code", "partition", "version"))
    )
    if county_code is not None:
        query = query.where(DELIVERY.c.county_code == county_code)
    if states:
        query = query.where(DELIVERY.c.state.in_(states))
    return connection.execute(query).mappings().all()


def known(connection: Connection, delivery_id: str) -> RowMapping:
    """The delivery's row; MianshenError DELIVERY_UNKNOWN when there is none."""
    found = deliveries.find(connection, delivery_id)
    if found is None:
        raise MianshenError("DELIVERY_UNKNOWN", found=delivery_id, where="ledger.delivery")
    return found


def acts_of(connection: Connection, delivery_id: str) -> Sequence[RowMapping]:
    """What people did to the delivery, in order."""
    query = select(DELIVERY_ACT).where(DELIVERY_ACT.c.delivery_id == delivery_id).order_by(DELIVERY_ACT.c.act_no)
    return connection.execute(query).mappings().all()


def consequence(store: Lake, delivery_id: str) -> Consequence:
    """What would be touched if the delivery were withdrawn now; nothing is changed.

    A delivery of claims touches its claims; a list or a notice touches whatever its people were granted.
    """
    with store.engine.connect() as connection:
        own = known(connection, delivery_id)
        before = _before(connection, own)
        standing = _standing(connection, own, before)
    rows, people, events, gone = _content(store, own, standing)
    is_of_claims = own["feed"] in EVENT_OF
    with store.engine.connect() as connection:
        keys = events if is_of_claims else people
        postings, payments = _money(connection, own["county_code"], keys, is_of_claims=is_of_claims)
        owed = _owed(connection, own["county_code"], gone)
    return Consequence(
        rows=rows,
        people=tuple(people),
        events=len(events),
        events_gone=len(gone),
        postings=postings,
        payments=payments,
        owed_back=owed,
        before=None if before is None else str(before["delivery_id"]),
    )


def withdraw(connection: Connection, delivery_id: str, *, at: str, actor: str, reason: str) -> str | None:
    """Take the delivery back; returns the version that stands again, if there is one.

    MianshenError DELIVERY_NOT_STANDING when it was refused or withdrawn before, ACTOR_MISSING without a name and a reason.
    """
    own = _claimed(connection, delivery_id, states=STANDING, actor=actor, reason=reason)
    before = _before(connection, own)
    _set(connection, delivery_id, state="WITHDRAWN")
    if before is not None:
        _set(connection, before["delivery_id"], state="ACCEPTED")
    for clock in clocks_on(connection, [delivery_id]):
        record_event(connection, clock, event="closed", at=datetime.fromisoformat(at))
    stands = None if before is None else str(before["delivery_id"])
    _record(connection, own, "withdrawn", stands=stands, at=at, actor=actor, reason=reason)
    return stands


def release(connection: Connection, delivery_id: str, *, at: str, actor: str, reason: str, pack: Pack) -> str:
    """Let a held or withdrawn delivery go on; returns its new state.

    One whose rows were judged is accepted as they are; one held on arrival goes on to be keyed and judged. The time from data to
    relief runs for claims from this moment on: until a person spoke the file was not the county's data.
    """
    own = _claimed(connection, delivery_id, states=("HELD", "WITHDRAWN"), actor=actor, reason=reason)
    if own["staged_run_id"] is None:
        _set(connection, delivery_id, state="RECEIVED", reason_code=None, reason_where=None)
    else:
        values = {"state": "ACCEPTED", "reason_code": None, "reason_where": None}
        deliveries.settle(connection, delivery_id, run_id=own["staged_run_id"], values=values)
    state = str(known(connection, delivery_id)["state"])
    number = _record(connection, own, "released", stands=state, at=at, actor=actor, reason=reason)
    if own["feed"] in EVENT_OF:
        _start_relief(connection, own, pack, number=number, at=datetime.fromisoformat(at))
    return state


def _start_relief(connection: Connection, own: RowMapping, pack: Pack, *, number: int, at: datetime) -> None:
    """A clock of its own for every release: one that was closed by a withdrawal stays as it was."""
    limit = next((one for one in pack.time_limits if one.starts_at == "arrival"), None)
    if limit is None:
        return
    stands = clocks_on(connection, [own["delivery_id"]])
    subject_id = f"{own['delivery_id']}|{number}" if stands else own["delivery_id"]
    subject = Subject(own["county_code"], "delivery", subject_id, own["department_code"])
    open_clock(connection, subject, limit=limit, started=at, calendar=pack.calendar)


def _claimed(connection: Connection, delivery_id: str, *, states: Sequence[str], actor: str, reason: str) -> RowMapping:
    if not actor.strip() or not reason.strip():
        raise MianshenError("ACTOR_MISSING", found=f"actor [{actor}], reason [{len(reason)}]", where=delivery_id)
    audit.lock_money(connection)
    own = known(connection, delivery_id)
    if own["feed"] == Feed.BANK_RETURN:
        raise MianshenError("RETURN_STANDS", found=own["state"], where=delivery_id)
    if own["state"] not in states:
        raise MianshenError("DELIVERY_NOT_STANDING", found=own["state"], where=delivery_id)
    return own


def _record(connection: Connection, own: RowMapping, act: str, *, stands: str | None, at: str, actor: str, reason: str) -> int:
    last = select(func.coalesce(func.max(DELIVERY_ACT.c.act_no), 0)).where(DELIVERY_ACT.c.delivery_id == own["delivery_id"])
    number = int(connection.execute(last).scalar_one()) + 1
    row = {"delivery_id": own["delivery_id"], "act_no": number, "act": act, "acted_at": at, "actor": actor, "reason": reason}
    connection.execute(insert(DELIVERY_ACT).values(**row))
    detail = {
        "from": own["state"],
        "stands": stands,
        "content": own["content_sha256"],
        "reason_sha256": sha256_hex(reason.encode()),
    }
    audit.append(connection, [Entry(f"delivery.{act}", own["delivery_id"], detail)], at=at, actor=actor)
    return number


def _set(connection: Connection, delivery_id: str, **values: Any) -> None:
    connection.execute(update(DELIVERY).where(DELIVERY.c.delivery_id == delivery_id).values(**values))


def _before(connection: Connection, own: RowMapping) -> RowMapping | None:
    """The newest version that stood before in the same place, when this one stands now."""
    if own["state"] != "ACCEPTED":
        return None
    same = [DELIVERY.c[name] == own[name] for name in ("county_code", "feed", "list_code", "partition")]
    query = select(DELIVERY).where(*same, DELIVERY.c.state == "SUPERSEDED", DELIVERY.c.delivery_id != own["delivery_id"])
    return connection.execute(query.order_by(DELIVERY.c.version.desc()).limit(1)).mappings().first()


def _standing(connection: Connection, own: RowMapping, before: RowMapping | None) -> dict[str, str]:
    """delivery_id to staged run of what else stands of this feed, or would after the withdrawal."""
    others = select(DELIVERY.c.delivery_id, DELIVERY.c.staged_run_id).where(
        DELIVERY.c.county_code == own["county_code"],
        DELIVERY.c.feed == own["feed"],
        DELIVERY.c.state == "ACCEPTED",
        DELIVERY.c.delivery_id != own["delivery_id"],
        DELIVERY.c.staged_run_id.is_not(None),
    )
    standing = {row.delivery_id: row.staged_run_id for row in connection.execute(others)}
    return standing if before is None else {**standing, before["delivery_id"]: before["staged_run_id"]}


def _content(store: Lake, own: RowMapping, standing: Mapping[str, str]) -> tuple[int, list[str], list[str], list[str]]:
    """Rows, people, claims, and the claims that stand nowhere else."""
    if own["staged_run_id"] is None or own["feed"] not in tuple(Feed):
        return 0, [], [], []
    table, event = f"staging.{own['feed']}", EVENT_OF.get(Feed(own["feed"]), "null")
    with compute() as con:
        lake.show(con, table, store.files(table, run_ids={own["staged_run_id"], *standing.values()}))
        bound = {"own": own["delivery_id"], "others": list(standing)}
        query = f"""
            with mine as (select person_key, {event} as event_id from {table} where delivery_id = $own),
            elsewhere as (select {event} as event_id from {table} where list_contains(cast($others as varchar[]), delivery_id))
            select (select count(*) from mine),
                   (select list(distinct person_key order by person_key) from mine where person_key is not null),
                   (select list(distinct event_id order by event_id) from mine where event_id is not null),
                   (select list(distinct event_id order by event_id) from mine
                    where event_id is not null and event_id not in (select event_id from elsewhere where event_id is not null))
        """  # noqa: S608 - our own tables and columns
        found = con.execute(query, bound).fetchone() or (0, None, None, None)
    return int(found[0]), list(found[1] or ()), list(found[2] or ()), list(found[3] or ())


def _money(
    connection: Connection, county_code: str, keys: Sequence[str], *, is_of_claims: bool
) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Postings by fate and live payment lines by state, of these claims or these people."""
    column = AWARD_POSTING.c.event_id if is_of_claims else AWARD_POSTING.c.person_key
    postings: dict[str, tuple[int, int]] = {}
    payments: dict[str, tuple[int, int]] = {}
    for start in range(0, len(keys), _CHUNK):
        some = (AWARD_POSTING.c.county_code == county_code, column.in_(keys[start : start + _CHUNK]))
        columns: list[ColumnElement[Any]] = [fate(), func.count(), func.sum(AWARD_POSTING.c.amount_fen)]
        granted = with_fate(select(*columns)).where(*some).group_by(fate())
        lined = (
            select(PAYMENT.c.state, func.count(), func.sum(PAYMENT_LINE.c.amount_fen))
            .join(PAYMENT_LINE, PAYMENT_LINE.c.payment_id == PAYMENT.c.payment_id)
            .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
            .where(*some, PAYMENT_LINE.c.is_live)
            .group_by(PAYMENT.c.state)
        )
        for counted, query in ((postings, granted), (payments, lined)):
            for name, number, fen in connection.execute(query):
                had = counted.get(name, (0, 0))
                counted[name] = (had[0] + number, had[1] + int(fen or 0))
    return postings, payments


def _owed(connection: Connection, county_code: str, events: Sequence[str]) -> dict[str, Touched]:
    """By person: what stands on these claims, and how much of it has left."""
    found: dict[str, Touched] = {}
    for start in range(0, len(events), _CHUNK):
        some = (AWARD_POSTING.c.county_code == county_code, AWARD_POSTING.c.event_id.in_(events[start : start + _CHUNK]))
        columns: list[ColumnElement[Any]] = [AWARD_POSTING.c.person_key, func.sum(AWARD_POSTING.c.amount_fen)]
        granted = with_fate(select(*columns))
        stands = connection.execute(granted.where(*some, fate() != "dead").group_by(AWARD_POSTING.c.person_key)).all()
        lined = (
            select(AWARD_POSTING.c.person_key, func.sum(PAYMENT_LINE.c.amount_fen))
            .join(PAYMENT_LINE, PAYMENT_LINE.c.award_id == AWARD_POSTING.c.award_id)
            .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
            .where(*some, PAYMENT_LINE.c.is_live, PAYMENT.c.state.in_(("sent", "paid", "manual")))
            .group_by(AWARD_POSTING.c.person_key)
        )
        left = {person: int(fen) for person, fen in connection.execute(lined)}
        for person, fen in stands:
            had = found.get(person, Touched(0, 0))
            found[person] = Touched(had.fen + int(fen), had.paid_fen + left.get(person, 0))
    return {person: one for person, one in sorted(found.items()) if one.fen}
