"""Claims that a person must look at: read from the month's newest facts, decided once, their clocks opened and closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from mianshen.core.clocks import WorkingCalendar
from mianshen.core.errors import MianshenError
from mianshen.core.reviews import ReviewCode, ReviewOutcome, ReviewRule, Timed
from mianshen.warehouse import claim_decisions
from mianshen.warehouse.clock_store import Subject, clock_id, open_clocks, record_events
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import CLOCK, CLOCK_EVENT

READ = ("facts.claim_review", "facts.care_event", "out.assessment")
SUMMARY = "out.review_summary"
PAYERS_TOLD = "out.payer_summary"
CLAIM = "claim"
"""Kind of the clocks that run on held claims; the subject is `review_code|event_id`, or `review_code|delivery_id`."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim that waits for a person's look."""

    event_id: str
    """Its id."""
    person_key: str
    """Whose."""
    base_fen: int
    """Its base, 0 when unknown."""
    delivery_id: str
    """The delivery that brought it."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of out.review_summary: the claims of one reason."""

    review_code: str
    """Why a person looks."""
    place: int
    """Its place among the reasons."""
    claims: int
    """All with this reason."""
    people: int
    """Their people."""
    fen: int
    """Their bills."""
    waiting: int
    """Those that wait for a decision."""
    waiting_people: int
    """Their people."""
    waiting_fen: int
    """Their bases."""
    deliveries: int
    """Deliveries that brought those that wait."""
    released: int
    """Decided to go on."""
    refused: int
    """Decided not to be relieved."""
    opening_counted: int
    """Of before the go-live day, counted in openings."""
    opening_fen: int
    """Relief of these."""
    opening_left_out: int
    """Of before the go-live day, left out of openings."""


def looked_at(store: Lake, *, county_code: str) -> list[ReviewRow]:
    """The county's newest rows of out.review_summary, of whatever month; empty before the first assessment."""
    return [ReviewRow(**row) for row in summary_of(store, county_code=county_code)]


def summary_of(store: Lake, *, county_code: str, month: str | None = None, table: str = SUMMARY) -> list[dict[str, Any]]:
    """Rows of out.review_summary or out.payer_summary, of the county's newest assessment of the month, or of any."""
    with compute() as con:
        show(con, table, store.current(table, county_code=county_code, month=month))
        return rows_of(con, table)


def rows_of(con: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Rows of one of these tables in this DuckDB, by their place."""
    return _fetched(con, f"select * from {table} order by place")  # noqa: S608 - a name of ours


def reviews_of(store: Lake, *, county_code: str, month: str, code: ReviewCode) -> list[dict[str, Any]]:
    """Every claim of one reason: its fen, what it relates to, what was decided, since the run too, and whether it waits."""
    with compute() as con:
        for name in READ:
            show(con, name, store.current(name, county_code=county_code, month=month))
        rows = _fetched(
            con,
            """
            select r.event_id, e.person_key, e.medfee_sumamt as fen, r.related_id, e.delivery_id,
                r.action, r.outcome, r.decided_by,
                r.outcome is null and r.action = 'hold'
                    and coalesce(a.outcome = 'HELD' and a.reason_code = r.review_code, true) as is_waiting
            from facts.claim_review as r inner join facts.care_event as e on r.event_id = e.event_id
            left join out.assessment as a on r.event_id = a.event_id and a.event_kind = 'care'
            where r.review_code = $code order by r.event_id
            """,
            {"code": code.value},
        )
    with store.engine.connect() as connection:
        known = claim_decisions.decisions_of(connection, county_code=county_code)
    decided = {one.event_id: one for one in known if one.review_code == code.value}
    return [_with_decision(row, decided.get(row["event_id"])) for row in rows]


def _with_decision(row: dict[str, Any], decision: claim_decisions.ClaimDecision | None) -> dict[str, Any]:
    if decision is None or row["outcome"] is not None:
        return row
    return row | {"outcome": decision.outcome, "decided_by": decision.decided_by, "is_waiting": False}


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
    wanted = [event for event, row in found.items() if row["is_waiting"]] if events is None else list(events)
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
        done = [*wanted, *_done_deliveries(found, wanted)]
        _close(connection, [f"{code.value}|{one}" for one in done], at=datetime.fromisoformat(at))
    return len(wanted)


def watch_reviews(
    connection: Connection,
    held: Mapping[str, Sequence[Waiting]],
    *,
    rules: Iterable[ReviewRule],
    county_code: str,
    calendar: WorkingCalendar,
    at: datetime,
) -> int:
    """A clock for every held claim, or for the delivery that brought them, as its rule says; clocks of what waits no longer are
    closed. Returns how many are new."""
    opened = 0
    running: set[str] = set()
    for rule in rules:
        if rule.limit is None:
            continue
        subjects = [
            Subject(county_code, CLAIM, f"{rule.code.value}|{one}", rule.department_code)
            for one in _timed(rule, held.get(rule.code.value, ()))
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


def _timed(rule: ReviewRule, waiting: Iterable[Waiting]) -> list[str]:
    ids = (one.event_id if rule.clock_per is Timed.CLAIM else one.delivery_id for one in waiting)
    return sorted(set(ids))


def _done_deliveries(found: Mapping[str, Mapping[str, Any]], decided: Iterable[str]) -> set[str]:
    """Deliveries of the decided claims of which no other claim waits."""
    wanted = set(decided)
    waiting = {row["delivery_id"] for event, row in found.items() if row["is_waiting"] and event not in wanted}
    return {str(found[event]["delivery_id"]) for event in wanted} - waiting


def _close(connection: Connection, subjects: Sequence[str], *, at: datetime) -> None:
    for start in range(0, len(subjects), _CHUNK):
        query = select(CLOCK.c.clock_id).where(
            CLOCK.c.subject_kind == CLAIM, CLOCK.c.subject_id.in_(subjects[start : start + _CHUNK])
        )
        record_events(connection, list(connection.execute(query).scalars()), event="closed", at=at)


def _fetched(con: duckdb.DuckDBPyConnection, query: str, bound: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    cursor = con.execute(query, dict(bound or {}))
    names = [one[0] for one in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
