"""Stage figures: why the figures of a month, as one run printed them, differ from those that another printed: cause by cause.

People, visits and fen of every category are laid to late claims, refunds, corrections, lists, decisions, policy and code; the
parts of a figure add up to its whole difference. How the way is gone stands in warehouse.looking_back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
from sqlalchemy import Row, select

from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.late_news import CAUSES, MONEY_CAUSES
from mianshen.stages.frame import Job
from mianshen.warehouse import looking_back
from mianshen.warehouse.build import make_table
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show
from mianshen.warehouse.ledger import RUN
from mianshen.warehouse.looking_back import Figures, Move
from mianshen.warehouse.rerun import stored_run

TABLE = "out.report_figure"
PEOPLE, MONEY = "out.person_month", "out.paid_change"
"""The record that says what was paid, and why it differs between two printings."""
NOW = "now"
"""The month's newest run, in place of a run or a day."""
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Change:
    """One figure then and now."""

    figure_code: str
    """Such as visits or relief_fen."""
    category_code: str
    """A category, TOTAL or NONE."""
    then: int
    """People, visits or fen, as printed then."""
    now: int
    """As printed now."""
    causes: tuple[tuple[str, int], ...]
    """(cause, its part) in the order of core.late_news.CAUSES; the parts are the whole difference."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two printings of a month's figures."""

    then_run: str
    """The assessing run behind the earlier one."""
    now_run: str
    """The one behind the later."""
    then_at: str
    """The moment as of which the earlier one knew, ISO text."""
    now_at: str
    """The same of the later."""
    changes: tuple[Change, ...]
    """Every figure that either of them has."""
    people: tuple[tuple[str, int], ...]
    """(cause, people whose facts it changed)."""


def compare(job: Job, *, since: str, until: str) -> Compared:
    """Figures of the job's month at two places, each a run (of assess or portray, its beginning is enough), a day, or `now`.

    A day means the newest run of that day or before. MianshenError RUN_UNKNOWN, RUN_DAMAGED.
    """
    then, now = _assessing(job, since), _assessing(job, until)
    with compute() as connection:
        sides = looking_back.show_sides(connection, job.lake, then=then, now=now)
        measure = _measure(str(job.month))
        before = looking_back.measured(connection, "before", measure)
        after = looking_back.measured(connection, "after", measure)
        again = looking_back.assess_then(connection, sides, measure)
        if again != before:
            found = next(iter(looking_back.difference(before, again)))
            raise MianshenError("RUN_DAMAGED", found="/".join(found), where=f"run {then.run_id[:12]}")
        moved = looking_back.moves(connection, job.lake, sides, measure, then=before, now=after)
    printed = _printed(job, then) or before, _printed(job, now) or after
    moved += [
        Move("code", 0, looking_back.difference(printed[0], before)),
        Move("code", 0, looking_back.difference(after, printed[1])),
    ]
    paid = _paid(job, _portrait(job, then, since), _portrait(job, now, until))
    return Compared(
        then_run=then.run_id,
        now_run=now.run_id,
        then_at=then.as_of,
        now_at=now.as_of,
        changes=(*_changes(printed, moved), *paid),
        people=tuple((one.cause, one.people) for one in moved if one.people),
    )


def _changes(printed: tuple[Figures, Figures], moved: list[Move]) -> tuple[Change, ...]:
    then, now = printed
    found = []
    for key in sorted({*then, *now}):
        parts: dict[str, int] = {}
        for one in moved:
            if key in one.moved:
                parts[one.cause] = parts.get(one.cause, 0) + one.moved[key]
        figure, category = key
        causes = tuple((cause, part) for cause, part in parts.items() if part)
        found.append(Change(figure, category, then.get(key, 0), now.get(key, 0), causes))
    return tuple(found)


def _measure(month: str) -> looking_back.Measure:
    def figures(connection: duckdb.DuckDBPyConnection) -> Figures:
        make_table(connection, TABLE, {"run_month": month})
        return _rows(connection)

    return figures


def _rows(connection: duckdb.DuckDBPyConnection) -> Figures:
    rows = connection.execute(f"select figure_code, category_code, amount from {TABLE}").fetchall()  # noqa: S608 - a name of ours
    return {(figure, category): int(amount) for figure, category, amount in rows}


def _paid(job: Job, then: str | None, now: str | None) -> list[Change]:
    """The money that reached accounts for the month's care, as the two portraits printed it; nothing without both."""
    if then is None or now is None:
        return []
    with compute() as connection:
        for side, run in (("before", then), ("after", now)):
            show(connection, PEOPLE, job.lake.files(PEOPLE, run_ids=(run,)), named=f"{PEOPLE}_{side}")
        make_table(connection, MONEY, {"run_month": str(job.month)})
        query = f"select category_code, cause, then_fen, now_fen, part_fen from {MONEY} order by 1"  # noqa: S608 - a name of ours
        rows = connection.execute(query).fetchall()
    found: dict[str, tuple[int, int, dict[str, int]]] = {}
    for category, cause, then_fen, now_fen, part in rows:
        found.setdefault(category, (then_fen, now_fen, {}))[2][cause] = part
    order = (*CAUSES, *MONEY_CAUSES)
    return [
        Change("paid_fen", category, before, after, tuple((one, parts[one]) for one in order if parts.get(one)))
        for category, (before, after, parts) in found.items()
    ]


def _portrait(job: Job, assessed: Row[Any], place: str = NOW) -> str | None:
    """The portrait of this assessment that the place means: its own run, the newest up to the day, else the newest of all."""
    query = select(RUN.c.run_id, RUN.c.as_of).where(RUN.c.stage == "portray", RUN.c.inputs.contains(f'"{assessed.run_id}"'))
    with job.ledger.connect() as ledger:
        runs = ledger.execute(query.order_by(RUN.c.run_no.desc())).all()
    if _DAY.match(place):
        day = date.fromisoformat(place)
        return next((one.run_id for one in runs if datetime.fromisoformat(one.as_of).astimezone(ZONE).date() <= day), None)
    own = next((one.run_id for one in runs if one.run_id.startswith(place)), None)
    return own or next((one.run_id for one in runs), None)


def _printed(job: Job, assessed: Row[Any]) -> Figures:
    """What the newest portrait of this assessment printed; nothing when there is none."""
    run = _portrait(job, assessed)
    if run is None:
        return {}
    with compute() as connection:
        show(connection, TABLE, job.lake.files(TABLE, run_ids=(run,)))
        return _rows(connection)


def _assessing(job: Job, place: str) -> Row[Any]:
    """The assessing run that a run, a day or `now` means."""
    if place == NOW:
        return stored_run(job.ledger, stage="assess", county_code=job.county_code, month=str(job.month))
    if _DAY.match(place):
        return _of_day(job, place)
    query = select(RUN).where(RUN.c.county_code == job.county_code, RUN.c.month == str(job.month), RUN.c.run_id.startswith(place))
    with job.ledger.connect() as connection:
        found = connection.execute(query.where(RUN.c.stage.in_(("assess", "portray")))).first()
        if found is None:
            raise MianshenError("RUN_UNKNOWN", found=place, where=f"assess, portray {job.county_code} {job.month}")
        if found.stage == "assess":
            return found
        behind = select(RUN).where(RUN.c.stage == "assess", RUN.c.run_id.in_(json.loads(found.inputs)))
        return connection.execute(behind).one()


def _of_day(job: Job, place: str) -> Row[Any]:
    try:
        day = date.fromisoformat(place)
    except ValueError as cause:
        raise MianshenError("DATE_INVALID", found=place, where="--from, --to") from cause
    query = select(RUN).where(RUN.c.stage == "assess", RUN.c.county_code == job.county_code, RUN.c.month == str(job.month))
    with job.ledger.connect() as connection:
        for run in connection.execute(query.order_by(RUN.c.run_no.desc())):
            if datetime.fromisoformat(run.as_of).astimezone(ZONE).date() <= day:
                return run
    raise MianshenError("RUN_UNKNOWN", found=place, where=f"assess {job.county_code} {job.month}")
