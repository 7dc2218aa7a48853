"""Claims that a person must look at: read from the month's newest facts, decided once, their clocks opened and closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.errors import MianshenError
from mianshen.core.reviews import ReviewCode, ReviewOutcome, ReviewRule
from mianshen.warehouse import claim_decisions
from mianshen.warehouse.clock_store import Subject, clock_id, open_clocks, record_events
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT

READ = ("facts.claim_review", "facts.care_event")
CLAIM = "claim"
"""Kind of the clocks that run on a held claim; the subject is `review_code|event_id`."""


def summary_of(store: Lake, *, county_code: str, month: str) -> list[dict[str, Any]]:
    """Claims, people and fen by reason, of the county's newest facts of the month."""
    with compute() as con:
        _show(con, store, county_code=county_code, month=month)
        return _fetched(
            con,
            """
            select r.review_code, count(*) as claims, count(distinct e.person_key) as people,
                cast(coalesce(sum(e.medfee_sumamt), 0) as bigint) as fen, count(*) filter (where r.outcome is null) as waiting
            from facts.claim_review as r inner join facts.care_event as e on r.event_id = e.event_id
            group by r.review_code, r.place order by r.place
            """,
        )


def reviews_of(store: Lake, *, county_code: str, month: str, code: ReviewCode) -> list[dict[str, Any]]:
    """Every claim of one reason, with its fen, what it relates to and what was decided."""
    with compute() as con:
        _show(con, store, county_code=county_code, month=month)
        return _fetched(
            con,
            """
            select r.event_id, e.person_key, e.medfee_sumamt as fen, r.related_id, r.action, r.outcome, r.decided_by
            from facts.claim_review as r inner join facts.care_event as e on r.event_id = e.event_id
            where r.review_code = $code order by r.event_id
            """,
            {"code": code.value},
        )


def decide_claims(
    store: Lake,
    *,
    county_code: str,
    month: str,
    code: ReviewCode,
    outcome: ReviewOutcome,
    events: Sequence[str] | None,
    reason: str,
    at: str,
    actor: str,
) -> int:
    """Record the decision on these claims, or on every one that waits (None), in one transaction; returns how many.

    MianshenError REVIEW_UNKNOWN for a claim that is not under this review, REVIEW_DECIDED for one that was decided before,
    ACTOR_MISSING without a name and a reason.
    """
    if not actor.strip() or not reason.strip():
        raise MianshenError("ACTOR_MISSING", found=f"actor [{actor}], reason [{len(reason)}]", where=code.value)
    found = {row["event_id"]: row for row in reviews_of(store, county_code=county_code, month=month, code=code)}
    wanted = [event for event, row in found.items() if row["outcome"] is None] if events is None else list(events)
    unknown = [one for one in wanted if one not in found]
    if unknown:
        raise MianshenError("REVIEW_UNKNOWN", found=f"{unknown[0]} {code.value}", where=f"facts.claim_review {month}")
    with store.engine.begin() as connection:
        for one in wanted:
            claim_decisions.decide(
                connection,
                county_code=county_code,
                event_id=one,
                code=code,
                outcome=outcome,
                reason=reason,
                at=at,
                actor=actor,
            )
        _close(connection, [f"{code.value}|{one}" for one in wanted], at=datetime.fromisoformat(at))
    return len(wanted)


def watch_reviews(
    connection: Connection,
    held: Mapping[str, Iterable[str]],
    *,
    rules: Iterable[ReviewRule],
    county_code: str,
    calendar: WorkingCalendar,
    at: datetime,
) -> int:
    """A clock for every held claim, by review code; those of claims no longer held are closed. Returns how many are new."""
    opened = 0
    running: set[str] = set()
    for rule in rules:
        if rule.limit is None:
            continue
        subjects = [
            Subject(county_code, CLAIM, f"{rule.code.value}|{one}", rule.department_code) for one in held.get(rule.code.value, ())
        ]
        opened += open_clocks(connection, subjects, limit=rule.limit, started=at, calendar=calendar)
        running |= {clock_id(one, rule.limit.code) for one in subjects}
    over = [one for one in _open_clocks(connection, county_code) if one not in running]
    record_events(connection, over, event="closed", at=at)
    return opened


def _open_clocks(connection: Connection, county_code: str) -> list[str]:
    closed = select(CLOCK_EVENT.c.clock_id).where(CLOCK_EVENT.c.clock_id == CLOCK.c.clock_id, CLOCK_EVENT.c.event == "closed")
    query = select(CLOCK.c.clock_id).where(CLOCK.c.county_code == county_code, CLOCK.c.subject_kind == CLAIM, ~closed.exists())
    return list(connection.execute(query).scalars())


def _close(connection: Connection, subjects: Sequence[str], *, at: datetime) -> None:
    query = select(CLOCK.c.clock_id).where(CLOCK.c.subject_kind == CLAIM, CLOCK.c.subject_id.in_(subjects))
    record_events(connection, list(connection.execute(query).scalars()), event="closed", at=at)


def _show(con: duckdb.DuckDBPyConnection, store: Lake, *, county_code: str, month: str) -> None:
    for name in READ:
        show(con, name, store.current(name, county_code=county_code, month=month))


def _fetched(con: duckdb.DuckDBPyConnection, query: str, bound: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    cursor = con.execute(query, dict(bound or {}))
    names = [one[0] for one in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
