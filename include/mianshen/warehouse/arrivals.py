"""Deliveries as the money stages see them: the newest list of each kind, and what went into an assessment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from mianshen.warehouse.ledger import CLOCK, DELIVERY, RUN


def newest_lists(connection: Connection, *, county_code: str) -> dict[str, str]:
    """delivery_id to staged run of the newest accepted roster of each list."""
    query = (
        select(DELIVERY.c.list_code, DELIVERY.c.delivery_id, DELIVERY.c.staged_run_id)
        .where(
            DELIVERY.c.county_code == county_code,
            DELIVERY.c.feed == "roster",
            DELIVERY.c.state == "ACCEPTED",
            DELIVERY.c.staged_run_id.is_not(None),
        )
        .order_by(DELIVERY.c.partition, DELIVERY.c.version, DELIVERY.c.delivery_id)
    )
    newest = {row.list_code: (row.delivery_id, row.staged_run_id) for row in connection.execute(query)}
    return dict(newest.values())


def clocks_on(connection: Connection, deliveries: Iterable[str]) -> list[str]:
    """Clocks that run or ran on these deliveries; one that a person released has `|` and the number of his act behind its id."""
    wanted = set(deliveries)
    query = select(CLOCK.c.clock_id, CLOCK.c.subject_id).where(CLOCK.c.subject_kind == "delivery").order_by(CLOCK.c.clock_id)
    return [clock for clock, subject in connection.execute(query) if subject.split("|")[0] in wanted]


def consumed_by(connection: Connection, *, run_id: str, county_code: str) -> Sequence[str]:
    """Deliveries of claims that went into the run, through whatever runs it read, and those that they superseded; sorted."""
    used = _inputs_of(connection, run_id)
    query = select(DELIVERY).where(DELIVERY.c.county_code == county_code, DELIVERY.c.feed.in_(("settlement", "enrolment")))
    rows = connection.execute(query).all()
    consumed = [row for row in rows if row.delivery_id in used]
    filled = {(row.feed, row.list_code, row.partition): row.version for row in consumed}
    replaced = [
        row
        for row in rows
        if row.state == "SUPERSEDED" and row.version < filled.get((row.feed, row.list_code, row.partition), row.version)
    ]
    return sorted({row.delivery_id for row in (*consumed, *replaced)})


def _inputs_of(connection: Connection, run_id: str) -> set[str]:
    """Ids of every delivery and run behind a run; an input is written `id` or `id@run`."""
    inputs = {row.run_id: json.loads(row.inputs) for row in connection.execute(select(RUN.c.run_id, RUN.c.inputs))}
    seen: set[str] = set()
    waiting = [run_id]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        waiting.extend(part for written in inputs.get(one, ()) for part in written.split("@"))
    return seen
