"""Clocks of applications that stand still: nothing is left but parts that wait for the person's papers or are paused.

What stood still follows from the clock's turns; a turn is only ever added. Days between are not counted, as in `core.clocks.due`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Select, select

from mianshen.core.cases import Happening
from mianshen.core.clocks import TimeLimit, due
from mianshen.core.days import local
from mianshen.core.decisions import Outcome
from mianshen.core.pack import Pack
from mianshen.warehouse.clock_store import TurnOf, clocks_named, turn_on
from mianshen.warehouse.ledger import APPROVAL_ITEM, CASE_EVENT, CLOCK_TURN

Pauses = tuple[tuple[date, date], ...]
"""Days on which a clock stood still: from, until the day on which it went on."""
Since = tuple[datetime, str | None]
"""Since when a department's part waits, and why."""
CHUNK = 500
"""Clocks asked for at a time."""
_TURNS = (Happening.PAUSED, Happening.RESUMED, Happening.DECIDED, Happening.CANCELLED)


def waiting(connection: Connection, applications: Select[tuple[str]]) -> dict[str, dict[str, Since]]:
    """Departments' parts of these applications that were sent back for papers or are paused, by application and department."""
    event, item = CASE_EVENT.c, APPROVAL_ITEM.c
    query = (
        select(event.case_id, event.step_code, event.happening, event.outcome_code, event.happened_at, event.reason_code)
        .join(APPROVAL_ITEM, (item.application_id == event.case_id) & (item.department_code == event.step_code))
        .where(event.case_id.in_(applications), event.happening.in_(_TURNS))
        .order_by(event.case_id, event.event_no)
    )
    found: dict[str, dict[str, Since]] = defaultdict(dict)
    for row in connection.execute(query):
        is_back = row.happening == Happening.DECIDED and row.outcome_code == Outcome.RETURN
        if is_back or row.happening == Happening.PAUSED:
            found[row.case_id][row.step_code] = (datetime.fromisoformat(row.happened_at), row.reason_code)
        else:
            found[row.case_id].pop(row.step_code, None)
    return found


def keep(
    connection: Connection,
    pack: Pack,
    limit: TimeLimit,
    still: Mapping[str, Mapping[str, Since]],
    clocks: Mapping[str, str],
    moments: Mapping[str, datetime],
) -> None:
    """Bring the clocks of these applications where they belong: those of `still` stand still, the others run.

    A clock stands still from when the last part began to wait, or from the last payment if that was later, and goes on when the
    first of the case's events of afterwards says so. `moments` are those of payments and decisions.
    """
    rows = {row["clock_id"]: row for row in clocks_named(connection, sorted(clocks.values()))}
    stood = pauses_of(connection, rows)
    turns: dict[str, TurnOf] = {}
    for application, clock in clocks.items():
        row, (over, since) = rows[clock], stood[clock]
        if application in still and since is None:
            last, reason = max(still[application].values(), key=lambda one: one[0])
            at = max(last, moments.get(application, last))
            turns[clock] = TurnOf(row["holder_department"], None, at, reason)
        elif application not in still and since is not None:
            at = max(_last_act(connection, application), since)
            days = (*over, (local(since).date(), local(at).date()))
            until = due(limit, start=datetime.fromisoformat(row["started_at"]), calendar=pack.calendar, pauses=days)
            turns[clock] = TurnOf(row["holder_department"], until, at, None)
    turn_on(connection, turns)


def pauses_of(connection: Connection, clocks: Iterable[str]) -> dict[str, tuple[Pauses, datetime | None]]:
    """Days on which each clock stood still, and since when it does; None while it runs."""
    wanted = sorted(clocks)
    found: dict[str, tuple[Pauses, datetime | None]] = dict.fromkeys(wanted, ((), None))
    for start in range(0, len(wanted), CHUNK):
        turn = CLOCK_TURN.c
        query = select(turn.clock_id, turn.due_at, turn.happened_at).where(turn.clock_id.in_(wanted[start : start + CHUNK]))
        for clock, due_at, happened_at in connection.execute(query.order_by(turn.clock_id, turn.turn_no)):
            over, since = found[clock]
            at = local(datetime.fromisoformat(happened_at))
            if due_at is None:
                found[clock] = (over, since or at)
            elif since is not None:
                found[clock] = ((*over, (since.date(), at.date())), None)
    return found


def _last_act(connection: Connection, application: str) -> datetime:
    query = select(CASE_EVENT.c.happened_at).where(CASE_EVENT.c.case_id == application)
    last = connection.execute(query.order_by(CASE_EVENT.c.event_no.desc()).limit(1)).scalar_one()
    return local(datetime.fromisoformat(last))
