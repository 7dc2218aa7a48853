"""Bills of cases that claim them at a window: laid to the case once, released or refused by its outcome, followed to the bank.

The computation pays nothing for a bill whose case has not agreed; what it gives then is an award like any other, so that the
same bill told by a feed is seen as what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from mianshen.core.bills import Money
from mianshen.core.cases import Event, Happening
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act
from mianshen.core.pack import Pack
from mianshen.core.reviews import ReviewCode, ReviewOutcome
from mianshen.warehouse import cases, claim_decisions
from mianshen.warehouse.case_moves import Refused, process_of
from mianshen.warehouse.ledger import AWARD_POSTING, CASE_BILL, CLAIM_DECISION, PAYMENT, PAYMENT_BY_HAND, PAYMENT_LINE
from mianshen.warehouse.postings import fate, with_fate

_OUTCOMES = {Money.RELEASE: ReviewOutcome.RELEASE, Money.REFUSE: ReviewOutcome.REFUSE}
_AWAY = ("sent", "paid")
"""States of a payment that has left for the bank."""


@dataclass(frozen=True, slots=True)
class BillStanding:
    """Where the money of one bill stands."""

    event_id: str
    """The bill."""
    decided: str | None
    """release | refuse; None while the case has not decided."""
    awarded_fen: int
    """What the computation gave it and departments agreed to."""
    away_fen: int
    """Of it, what has left for the bank or was handed over."""


def attach(connection: Connection, pack: Pack, case_id: str, event_ids: Sequence[str], *, at: str, actor: str) -> int:
    """Lay the bills to the case; returns how many are new. The same again changes nothing.

    MianshenError CASE_UNKNOWN; BILL_NOT_TAKEN when the case claims none or was decided; BILL_TAKEN for a bill of another case.
    """
    row = cases.case_of(connection, case_id, county_code=pack.county_code)
    if not process_of(pack, row["process_code"]).claims_bills:
        raise MianshenError("BILL_NOT_TAKEN", found=row["process_code"], where=f"case {case_id}")
    own = CASE_BILL.c
    query = select(own.event_id, own.case_id).where(own.county_code == pack.county_code, own.event_id.in_(event_ids))
    known = {one.event_id: one.case_id for one in connection.execute(query)}
    foreign = sorted(one for one, owner in known.items() if owner != case_id)
    if foreign:
        raise MianshenError("BILL_TAKEN", found=f"{foreign[0]}, case {known[foreign[0]]}", where=f"case {case_id}")
    fresh = sorted(set(event_ids) - known.keys())
    events = cases.events_of(connection, [case_id])[case_id]
    if fresh and any(_money(pack, row["process_code"], one) is not None for one in events):
        raise MianshenError("BILL_NOT_TAKEN", found=fresh[0], where=f"case {case_id}")
    rows = [
        {"county_code": pack.county_code, "event_id": one, "case_id": case_id, "recorded_by": actor, "recorded_at": at}
        for one in fresh
    ]
    if rows:
        connection.execute(insert(CASE_BILL), rows)
    return len(rows)


def judge(connection: Connection, pack: Pack, acts: Mapping[str, Act]) -> list[Refused]:
    """Acts that their bills do not allow: released without any bill, or called paid before all of it has left."""
    rows = {row["case_id"]: row for row in cases.cases_of(connection, acts) if row["county_code"] == pack.county_code}
    wanted = {key: money for key, row in rows.items() if (money := _wanted(pack, row["process_code"], acts[key])) is not None}
    found = standing(connection, wanted, county_code=pack.county_code)
    refused = []
    for key, money in sorted(wanted.items()):
        own = found.get(key, [])
        if money is Money.RELEASE and not own:
            refused.append(Refused(key, MianshenError("BILL_MISSING", found="0", where=f"case {key}")))
        if money is Money.PAID and not _is_away(own):
            said = "; ".join(f"{one.event_id} {one.away_fen} / {one.awarded_fen}" for one in own) or "0"
            refused.append(Refused(key, MianshenError("BILL_NOT_PAID", found=said, where=f"case {key}")))
    return refused


def follow(connection: Connection, pack: Pack, news: Mapping[str, Sequence[Event]], *, at: str) -> int:
    """Decide about the bills of cases whose outcome releases or refuses them; returns how many. The first decision stands."""
    rows = {row["case_id"]: row for row in cases.cases_of(connection, news)}
    wanted = [
        (key, money, event)
        for key, events in sorted(news.items())
        for event in events
        if (money := _money(pack, rows[key]["process_code"], event)) is not None
    ]
    found = standing(connection, (key for key, _, _ in wanted), county_code=pack.county_code)
    done = 0
    for key, money, event in wanted:
        for one in found.get(key, []):
            if one.decided is not None:
                continue
            claim_decisions.decide(
                connection,
                county_code=pack.county_code,
                event_id=one.event_id,
                code=ReviewCode.CLAIMED_BY_HAND,
                outcome=_OUTCOMES[money],
                reason=f"case {key} {event.step_code} {event.outcome_code} {event.reason_code or ''}".rstrip(),
                at=at,
                actor=event.actor,
            )
            done += 1
    return done


def standing(connection: Connection, case_ids: Iterable[str], *, county_code: str) -> dict[str, list[BillStanding]]:
    """The bills of each of these cases, by id, with what was decided, awarded and has left."""
    found: dict[str, list[BillStanding]] = defaultdict(list)
    wanted = sorted(set(case_ids))
    for start in range(0, len(wanted), cases.CHUNK):
        some = wanted[start : start + cases.CHUNK]
        query = (
            select(CASE_BILL.c.case_id, CASE_BILL.c.event_id, CLAIM_DECISION.c.outcome)
            .outerjoin(
                CLAIM_DECISION,
                (CLAIM_DECISION.c.county_code == CASE_BILL.c.county_code)
                & (CLAIM_DECISION.c.event_id == CASE_BILL.c.event_id)
                & (CLAIM_DECISION.c.review_code == ReviewCode.CLAIMED_BY_HAND.value),
            )
            .where(CASE_BILL.c.case_id.in_(some))
            .order_by(CASE_BILL.c.case_id, CASE_BILL.c.event_id)
        )
        rows = connection.execute(query).all()
        events = [row.event_id for row in rows]
        awarded, away = _awarded(connection, county_code, events), _away(connection, county_code, events)
        for row in rows:
            one = BillStanding(row.event_id, row.outcome, awarded.get(row.event_id, 0), away.get(row.event_id, 0))
            found[row.case_id].append(one)
    return dict(found)


def _is_away(own: Sequence[BillStanding]) -> bool:
    """Whether something was awarded and all of it has left."""
    awarded = sum(one.awarded_fen for one in own)
    return awarded > 0 and awarded == sum(one.away_fen for one in own)


def _awarded(connection: Connection, county_code: str, events: Sequence[str]) -> dict[str, int]:
    own = AWARD_POSTING.c
    query = with_fate(select(own.event_id, func.sum(own.amount_fen)))
    query = query.where(own.county_code == county_code, own.event_id.in_(events), own.kind == "award", fate() == "effective")
    return {event: int(fen) for event, fen in connection.execute(query.group_by(own.event_id))}


def _away(connection: Connection, county_code: str, events: Sequence[str]) -> dict[str, int]:
    own = AWARD_POSTING.c
    query = (
        select(own.event_id, func.sum(PAYMENT_LINE.c.amount_fen))
        .join(PAYMENT_LINE, (PAYMENT_LINE.c.award_id == own.award_id) & PAYMENT_LINE.c.is_live)
        .join(PAYMENT, PAYMENT.c.payment_id == PAYMENT_LINE.c.payment_id)
        .outerjoin(PAYMENT_BY_HAND, PAYMENT_BY_HAND.c.payment_id == PAYMENT.c.payment_id)
        .where(own.county_code == county_code, own.event_id.in_(events))
        .where(PAYMENT.c.state.in_(_AWAY) | ((PAYMENT.c.state == "manual") & (PAYMENT_BY_HAND.c.outcome == "paid")))
        .group_by(own.event_id)
    )
    return {event: int(fen) for event, fen in connection.execute(query)}


def _wanted(pack: Pack, process_code: str, act: Act) -> Money | None:
    if act.happening is not Happening.DECIDED:
        return None
    process = process_of(pack, process_code)
    step = next((one for one in process.steps if one.code == act.step_code), None)
    outcome = step.outcome(act.outcome_code) if step else None
    return outcome.money if outcome else None


def _money(pack: Pack, process_code: str, event: Event) -> Money | None:
    """What the event does to the case's bills: releases or refuses them."""
    if event.happening is not Happening.DECIDED:
        return None
    outcome = process_of(pack, process_code).step(event.step_code).outcome(event.outcome_code)
    return outcome.money if outcome and outcome.money in _OUTCOMES else None
