"""Stage known: a past assessment as it was known then beside what is known now, the difference laid to its causes, fen by fen.

How the way from then to now is gone, cause by cause, stands in warehouse.looking_back.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from mianshen.core.errors import MianshenError
from mianshen.stages.frame import Job
from mianshen.warehouse import looking_back
from mianshen.warehouse.connect import compute
from mianshen.warehouse.looking_back import ASSESSED, Figures
from mianshen.warehouse.rerun import stored_run

_RELIEF = ("relief_fen",)


@dataclass(frozen=True, slots=True)
class Known:
    """What was due then, what is due now, and why."""

    then_run: str
    """The assessing run that is looked back at."""
    now_run: str
    """The run that it is compared with."""
    then_fen: int
    """Relief of all its claims."""
    now_fen: int
    """The same now."""
    causes: tuple[tuple[str, int, int], ...]
    """(cause, fen, people concerned) of causes that changed a row of facts, or the relief; their fen are the whole difference."""


def known(job: Job, *, run_id: str, against: str | None = None) -> Known:
    """The run beside the month's newest, or the one named. MianshenError RUN_UNKNOWN, RUN_DAMAGED."""
    place = {"stage": "assess", "county_code": job.county_code}
    then = stored_run(job.ledger, **place, month=str(job.month), run_id=run_id)
    now = stored_run(job.ledger, **place, month=then.month, run_id=against)
    with compute() as connection:
        sides = looking_back.show_sides(connection, job.lake, then=then, now=now)
        before = looking_back.measured(connection, "before", _relief)
        after = looking_back.measured(connection, "after", _relief)
        again = looking_back.assess_then(connection, sides, _relief)
        if again != before:
            raise MianshenError("RUN_DAMAGED", found=f"{again[_RELIEF]} <> {before[_RELIEF]}", where=f"run {then.run_id[:12]}")
        moved = looking_back.moves(connection, job.lake, sides, _relief, then=before, now=after)
    causes = tuple((one.cause, one.moved.get(_RELIEF, 0), one.people) for one in moved)
    return Known(then.run_id, now.run_id, before[_RELIEF], after[_RELIEF], causes)


def _relief(connection: duckdb.DuckDBPyConnection) -> Figures:
    """Relief of every claim together."""
    found = connection.execute(f"select coalesce(sum(relief_fen), 0) from {ASSESSED}").fetchone()  # noqa: S608 - a name of ours
    return {_RELIEF: int(found[0]) if found else 0}
