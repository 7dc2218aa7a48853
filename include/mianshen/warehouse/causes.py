"""Why people's relief differs from the former run's, read from the runs themselves."""

from __future__ import annotations

from collections.abc import Iterable

from mianshen.warehouse.carrying import BASIS, TOUCHED
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake, show


def causes_by_run(lake: Lake, run_ids: Iterable[str]) -> dict[tuple[str, str], frozenset[str]]:
    """Causes by (assessing run, person); under ('run', '') why everybody was assessed anew, where policy or code changed."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    with compute() as connection:
        for run in sorted(set(run_ids)):
            show(connection, TOUCHED, lake.files(TOUCHED, run_ids=(run,)))
            show(connection, BASIS, lake.files(BASIS, run_ids=(run,)))
            rules = connection.execute(f"select distinct cause from {BASIS} where cause is not null").fetchall()  # noqa: S608
            if rules:
                found[run, ""] = frozenset(cause for (cause,) in rules)
            for person, causes in connection.execute(f"select person_key, causes from {TOUCHED}").fetchall():  # noqa: S608
                found[run, person] = frozenset(causes) | found.get((run, ""), frozenset())
    return found
