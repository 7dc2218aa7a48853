"""Recorded payees: relations by two people, the shares that payable postings make by them, accounts that are watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mianshen.core.errors import MianshenError
from mianshen.core.shares import Relation, RelationKind, Share, due_of_advances, share, who_stands
from mianshen.warehouse.ledger import (
    AWARD_POSTING,
    PAYEE_CONFIRM,
    PAYEE_END,
    PAYEE_RELATION,
    PAYMENT_LINE,
    WATCHED_ACCOUNT,
    WATCHED_ACCOUNT_END,
)
from mianshen.warehouse.postings import fate, with_fate

Row = dict[str, Any]


def relations_of(connection: Connection, *, county_code: str) -> list[Row]:
    """Every relation of the county, oldest first, with who confirmed and who ended it; null where nobody did."""
    extra = (PAYEE_CONFIRM.c.confirmed_by, PAYEE_CONFIRM.c.confirmed_at, PAYEE_END.c.ended_by, PAYEE_END.c.ended_at)
    query = (
        select(PAYEE_RELATION, *extra)
        .outerjoin(PAYEE_CONFIRM, PAYEE_CONFIRM.c.relation_id == PAYEE_RELATION.c.relation_id)
        .outerjoin(PAYEE_END, PAYEE_END.c.relation_id == PAYEE_RELATION.c.relation_id)
        .where(PAYEE_RELATION.c.county_code == county_code)
        .order_by(PAYEE_RELATION.c.recorded_at, PAYEE_RELATION.c.relation_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def standing(connection: Connection, *, county_code: str) -> dict[str, list[Relation]]:
    """Relations that were confirmed and not ended, by person."""
    found: dict[str, list[Relation]] = defaultdict(list)
    for row in relations_of(connection, county_code=county_code):
        if row["confirmed_at"] is not None and row["ended_at"] is None:
            relation = Relation(
                relation_id=row["relation_id"],
                person_key=row["person_key"],
                payee_key=row["payee_key"],
                kind=RelationKind(row["kind"]),
                event_id=row["event_id"],
                advanced_fen=row["advanced_fen"],
                share_ppm=row["share_ppm"],
            )
            found[relation.person_key].append(relation)
    return dict(found)


def record(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Record a relation; False when it stands there already."""
    known = select(PAYEE_RELATION.c.relation_id).where(PAYEE_RELATION.c.relation_id == row["relation_id"])
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(PAYEE_RELATION), dict(row))
    return True


def confirm(connection: Connection, relation_id: str, *, county_code: str, by: str, at: str) -> None:
    """The second act; MianshenError RELATION_UNKNOWN when it does not wait for one, MAKER_IS_CHECKER for who recorded it."""
    found = _known(connection, relation_id, county_code)
    if found["confirmed_at"] is not None or found["ended_at"] is not None:
        raise MianshenError("RELATION_UNKNOWN", found=relation_id, where="payee_relation")
    if found["recorded_by"] == by:
        raise MianshenError("MAKER_IS_CHECKER", found=by, where=f"payee_relation {relation_id}")
    values = {"relation_id": relation_id, "recorded_by": found["recorded_by"], "confirmed_by": by, "confirmed_at": at}
    connection.execute(insert(PAYEE_CONFIRM), values)


def end(connection: Connection, relation_id: str, *, county_code: str, reason: str, by: str, at: str) -> None:
    """End a relation; MianshenError RELATION_UNKNOWN when it does not stand."""
    if _known(connection, relation_id, county_code)["ended_at"] is not None:
        raise MianshenError("RELATION_UNKNOWN", found=relation_id, where="payee_relation")
    values = {"relation_id": relation_id, "reason": reason, "ended_by": by, "ended_at": at}
    connection.execute(insert(PAYEE_END), values)


def _known(connection: Connection, relation_id: str, county_code: str) -> Row:
    found = {row["relation_id"]: row for row in relations_of(connection, county_code=county_code)}.get(relation_id)
    if found is None:
        raise MianshenError("RELATION_UNKNOWN", found=relation_id, where="payee_relation")
    return found


@dataclass(slots=True)
class Shared:
    """Payable postings as shares."""

    rows: list[Row] = field(default_factory=list)
    """One a share: the posting's row with the share's amount_fen, payee_key, relation_id and kind."""
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    """Fen that nobody may be paid now, by person_key and reason code."""


def shared(
    connection: Connection,
    rows: Sequence[Row],
    *,
    county_code: str,
    gone: Iterable[str],
    after_death: Iterable[str] = (),
) -> Shared:
    """The payable postings as shares by the relations that stand; they add up to the postings but for what is held.

    `gone` are the dead; `after_death` are events of theirs whose care began after the death: nothing of them is paid to anybody.
    """
    relations = standing(connection, county_code=county_code)
    dead, refused = frozenset(gone), frozenset(after_death)
    ledger = _Advances(connection, relations, county_code)
    found = Shared()
    for row in rows:
        person = row["person_key"]
        if row["event_id"] in refused and person in dead:
            _hold(found, person, "COST_AFTER_DEATH", row["amount_fen"])
            continue
        own = relations.get(person, [])
        stands = who_stands(own, is_dead=person in dead)
        hospitals = ledger.due(own, row["event_id"]) if own else []
        shares = share(row["amount_fen"], person_key=person, hospitals=hospitals, rest=stands.payees)
        for one in _merged(shares):
            if one.kind is RelationKind.HOSPITAL:
                ledger.give(person, row["event_id"], one)
            elif stands.reason_code:
                _hold(found, person, stands.reason_code, one.amount_fen)
                continue
            found.rows.append(
                {
                    **row,
                    "amount_fen": one.amount_fen,
                    "payee_key": one.payee_key,
                    "relation_id": one.relation_id,
                    "kind": one.kind,
                }
            )
    return found


def _hold(found: Shared, person: str, reason_code: str, fen: int) -> None:
    found.held[person, reason_code] = found.held.get((person, reason_code), 0) + fen


def _merged(shares: Sequence[Share]) -> Iterator[Share]:
    """Shares of one payee as one, by his first relation: a posting has one live line a payee."""
    sums: dict[str, Share] = {}
    for one in shares:
        before = sums.get(one.payee_key)
        total = one.amount_fen + (before.amount_fen if before else 0)
        kept = before or one
        sums[one.payee_key] = Share(one.payee_key, total, kept.relation_id, kept.kind)
    yield from sums.values()


class _Advances:
    """What each hospital was given of each event, and what the event was awarded; of people with a hospital only."""

    def __init__(self, connection: Connection, relations: Mapping[str, Sequence[Relation]], county_code: str) -> None:
        people = [key for key, own in relations.items() if any(one.kind is RelationKind.HOSPITAL for one in own)]
        self.awarded: dict[tuple[str, str], int] = {}
        self.given: dict[tuple[str, str, str], int] = defaultdict(int)
        if not people:
            return
        total = func.sum(AWARD_POSTING.c.amount_fen)
        awards = with_fate(select(AWARD_POSTING.c.person_key, AWARD_POSTING.c.event_id, total)).where(
            AWARD_POSTING.c.county_code == county_code,
            AWARD_POSTING.c.kind == "award",
            fate() == "effective",
            AWARD_POSTING.c.person_key.in_(people),
        )
        grouped = awards.group_by(AWARD_POSTING.c.person_key, AWARD_POSTING.c.event_id)
        self.awarded = {(person, event): int(fen) for person, event, fen in connection.execute(grouped)}
        key = (AWARD_POSTING.c.person_key, AWARD_POSTING.c.event_id, PAYMENT_LINE.c.payee_key)
        lines = (
            select(*key, func.sum(PAYMENT_LINE.c.amount_fen))
            .join(AWARD_POSTING, AWARD_POSTING.c.award_id == PAYMENT_LINE.c.award_id)
            .where(PAYMENT_LINE.c.is_live, PAYMENT_LINE.c.relation_id.is_not(None), AWARD_POSTING.c.person_key.in_(people))
            .group_by(*key)
        )
        for person, event, payee, fen in connection.execute(lines):
            self.given[person, event, payee] = int(fen)

    def due(self, relations: Sequence[Relation], event_id: str) -> list[tuple[Relation, int]]:
        """What the hospitals of this event are still due, in the order in which they were recorded."""
        own = [one for one in relations if one.kind is RelationKind.HOSPITAL and one.event_id == event_id]
        given = [self.given[one.person_key, event_id, one.payee_key] for one in own]
        awarded = self.awarded.get((own[0].person_key, event_id), 0) if own else 0
        return due_of_advances(own, awarded_fen=awarded, given_fen=given)

    def give(self, person: str, event_id: str, one: Share) -> None:
        """Note that a hospital is given a share in this draft."""
        self.given[person, event_id, one.payee_key] += one.amount_fen


def watched(connection: Connection, *, county_code: str) -> dict[str, str]:
    """Kind by account_key of the accounts that are watched now."""
    query = (
        select(WATCHED_ACCOUNT.c.account_key, WATCHED_ACCOUNT.c.kind)
        .outerjoin(WATCHED_ACCOUNT_END, WATCHED_ACCOUNT_END.c.watch_id == WATCHED_ACCOUNT.c.watch_id)
        .where(WATCHED_ACCOUNT.c.county_code == county_code, WATCHED_ACCOUNT_END.c.ended_at.is_(None))
        .order_by(WATCHED_ACCOUNT.c.recorded_at, WATCHED_ACCOUNT.c.watch_id)
    )
    return {row.account_key: row.kind for row in connection.execute(query)}


def watch(connection: Connection, rows: Sequence[Row]) -> int:
    """Watch these accounts; returns how many were not watched yet under the same id."""
    ids = [row["watch_id"] for row in rows]
    known = set(connection.execute(select(WATCHED_ACCOUNT.c.watch_id).where(WATCHED_ACCOUNT.c.watch_id.in_(ids))).scalars())
    fresh = [row for row in rows if row["watch_id"] not in known]
    if fresh:
        connection.execute(insert(WATCHED_ACCOUNT), fresh)
    return len(fresh)


def unwatch(connection: Connection, account_key: str, *, county_code: str, reason: str, by: str, at: str) -> int:
    """Watch an account no more; returns how many records ended. MianshenError MAKER_IS_CHECKER for who put one of them."""
    query = (
        select(WATCHED_ACCOUNT.c.watch_id, WATCHED_ACCOUNT.c.recorded_by)
        .outerjoin(WATCHED_ACCOUNT_END, WATCHED_ACCOUNT_END.c.watch_id == WATCHED_ACCOUNT.c.watch_id)
        .where(
            WATCHED_ACCOUNT.c.county_code == county_code,
            WATCHED_ACCOUNT.c.account_key == account_key,
            WATCHED_ACCOUNT_END.c.ended_at.is_(None),
        )
    )
    found = connection.execute(query).all()
    if any(row.recorded_by == by for row in found):
        raise MianshenError("MAKER_IS_CHECKER", found=by, where="watched_account")
    for row in found:
        values = {"watch_id": row.watch_id, "recorded_by": row.recorded_by, "reason": reason, "ended_by": by, "ended_at": at}
        connection.execute(insert(WATCHED_ACCOUNT_END), values)
    return len(found)
