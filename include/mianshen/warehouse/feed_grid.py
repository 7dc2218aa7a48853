"""Feeds by period as the engineer on call looks at them: what came, what was held or rejected, what is missing, and who must act.

Codes, counts and days only: nobody is named, no file name is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, func, select

from mianshen.warehouse.clock_store import of_kind
from mianshen.warehouse.clock_watch import LIST
from mianshen.warehouse.ledger import CLOCK_STANDING, DELIVERY, RUN

MISSING = "MISSING"
"""State of a list that is expected and has not come."""


class WaitsFor(StrEnum):
    """Who must act before the feed's period is whole."""

    NOBODY = "nobody"
    MACHINE = "machine"
    """It was received and is not loaded yet: the county's DAG goes on by itself, or is started again."""
    BUREAU = "bureau"
    """It is held until somebody looks at it and releases or withdraws it."""
    SENDER = "sender"
    """The department sends it, or sends it again."""


_WHO = {
    "HELD": WaitsFor.BUREAU,
    MISSING: WaitsFor.SENDER,
    "REJECTED": WaitsFor.SENDER,
    "WITHDRAWN": WaitsFor.SENDER,
    "RECEIVED": WaitsFor.MACHINE,
    "KEYED": WaitsFor.MACHINE,
    "ACCEPTED": WaitsFor.NOBODY,
    "SUPERSEDED": WaitsFor.NOBODY,
}
_URGENCY = tuple(_WHO)
"""Which state a period is known by when its parts differ, the one that needs a person first."""


@dataclass(frozen=True, slots=True)
class FeedPeriod:
    """A feed in a month."""

    list_code: str
    """The list, `settlement`, `enrolment` or another feed."""
    month: str
    """2026-10."""
    state: str
    """State of a delivery, or MISSING: of its parts the one that needs somebody most."""
    parts: int
    """Days or months of it that came in some form, each counted by its newest delivery."""
    settled: int
    """Those of them that are accepted."""
    department_code: str
    """Who sends it."""
    delivery_id: str | None
    """The delivery that gave the state; None for what is missing."""
    reason_code: str | None
    """Why it was held or rejected."""
    clock_id: str | None
    """The clock of an expected list; None for what no limit is set for."""
    due_on: str | None
    """Its last day in time."""

    @property
    def waits_for(self) -> WaitsFor:
        """Who must act."""
        return _WHO[self.state]


def periods(connection: Connection, county_code: str, *, since: str) -> list[FeedPeriod]:
    """Every feed and month from `since` (2026-06) on of which something came or is expected, by feed and month."""
    came = _newest(connection, county_code, since)
    clocks = _expected(connection, county_code, since)
    return [_period(key, came.get(key, ()), clocks.get(key)) for key in sorted(came.keys() | clocks.keys())]


def last_runs(connection: Connection, county_code: str) -> dict[str, tuple[str, str]]:
    """(moment, run id) of the newest committed run of each stage."""
    newest = (
        select(RUN.c.stage, func.max(RUN.c.run_no).label("run_no"))
        .where(RUN.c.county_code == county_code)
        .group_by(RUN.c.stage)
        .subquery()
    )
    query = select(RUN.c.stage, RUN.c.as_of, RUN.c.run_id).join(newest, newest.c.run_no == RUN.c.run_no)
    return {stage: (as_of, run_id) for stage, as_of, run_id in connection.execute(query)}


def _newest(connection: Connection, county_code: str, since: str) -> dict[tuple[str, str], list[RowMapping]]:
    """The newest delivery of each part, by feed and month."""
    names = ("delivery_id", "list_code", "partition", "department_code", "state", "reason_code")
    query = (
        select(*(DELIVERY.c[name] for name in names))
        .where(DELIVERY.c.county_code == county_code, DELIVERY.c.partition >= since)
        .order_by(DELIVERY.c.received_at, DELIVERY.c.version, DELIVERY.c.delivery_id)
    )
    newest = {(row["list_code"], row["partition"]): row for row in connection.execute(query).mappings()}
    found: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for (list_code, partition), row in newest.items():
        found[list_code, partition[:7]].append(row)
    return found


def _expected(connection: Connection, county_code: str, since: str) -> dict[tuple[str, str], RowMapping]:
    clock = CLOCK_STANDING.c
    query = select(clock.clock_id, clock.subject_id, clock.due_on, clock.closed_at, clock.holder_department)
    rows = connection.execute(query.where(clock.county_code == county_code, of_kind(LIST))).mappings()
    found = {}
    for row in rows:
        list_code, month = row["subject_id"].split("|")
        if month >= since:
            found[list_code, month] = row
    return found


def _period(key: tuple[str, str], parts: Sequence[RowMapping], clock: RowMapping | None) -> FeedPeriod:
    list_code, month = key
    deciding = _most_urgent(parts)
    awaited = clock is not None and clock["closed_at"] is None
    state = deciding["state"] if deciding is not None else MISSING if awaited else "ACCEPTED"
    counted = Counter(one["state"] for one in parts)
    department = deciding["department_code"] if deciding is not None else ""
    return FeedPeriod(
        list_code=list_code,
        month=month,
        state=state,
        parts=len(parts),
        settled=counted["ACCEPTED"],
        department_code=clock["holder_department"] if clock is not None else department,
        delivery_id=deciding["delivery_id"] if deciding is not None else None,
        reason_code=deciding["reason_code"] if deciding is not None else None,
        clock_id=clock["clock_id"] if clock is not None else None,
        due_on=clock["due_on"] if clock is not None else None,
    )


def _most_urgent(parts: Iterable[RowMapping]) -> RowMapping | None:
    return min(parts, key=lambda one: (_URGENCY.index(one["state"]), one["partition"]), default=None)
