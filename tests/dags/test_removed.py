"""Which part raises a miss: the sensor holds the run open and records it; Airflow's own alert alone is not needed, nor enough.

Airflow keeps a deadline only while its run runs, and calls the alert of a run that is still running at that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.bases.sensor import BaseSensorOperator
from sqlalchemy import Engine
from tests.dags.conftest import COUNTY, DUE, STARTED, context

from mianshen.warehouse.clock_store import clocks_of
from mianshen.warehouse.clock_watch import open_watches
from mianshen_airflow import wiring
from mianshen_airflow.deadlines import on_missed
from mianshen_airflow.sensors import WorkingDayDeadlineSensor
from mianshen_airflow.watching import notes_of

PACK = "510118_xinjin"
SECOND = timedelta(seconds=1)
At = Callable[[datetime], None]


def watching_dag() -> DAG:
    """The county's DAG that watches due moments, as it is wired."""
    found = next(dag for dag in wiring.county_dags(PACK).values() if dag.dag_id == f"{PACK}__deadlines")
    assert found.deadline and any(isinstance(one, WorkingDayDeadlineSensor) for one in found.tasks)
    return found


def without_alerts(dag: DAG) -> DAG:
    dag.deadline = []
    return dag


def without_sensors(dag: DAG) -> DAG:
    dag.task_dict = {name: task for name, task in dag.task_dict.items() if not isinstance(task, BaseSensorOperator)}
    return dag


def pass_the_due_moment(dag: DAG, ledger: Engine, at: At) -> None:
    """A run of the watch goes over its due moment: who waits keeps it running, and a running run's alerts are called."""
    with ledger.connect() as connection:
        (watch,) = open_watches(connection, COUNTY, since=STARTED)
    run: Any = context(conf=notes_of((watch,))[0].as_run()["conf"])
    at(DUE - SECOND)
    waiting = [task for task in dag.tasks if isinstance(task, BaseSensorOperator) and not task.poke(run)]
    at(DUE)
    for alert in dag.deadline if waiting else ():
        asyncio.run(on_missed(context={}, **alert.callback.kwargs))
    for task in waiting:
        task.deferrable, task.mode = False, "poke"  # type: ignore[attr-defined]
        task.execute(run)


def missed(ledger: Engine) -> list[str]:
    with ledger.connect() as connection:
        return [str(row["missed_at"]) for row in clocks_of(connection, COUNTY) if row["missed_at"] is not None]


@pytest.mark.parametrize("change", [lambda dag: dag, without_alerts], ids=["as wired", "the native alert removed"])
def test_our_store_holds_the_miss_once(ledger: Engine, clock: str, at: At, change: Callable[[DAG], DAG]) -> None:
    pass_the_due_moment(change(watching_dag()), ledger, at)
    assert missed(ledger) == [DUE.isoformat()]


def test_with_the_sensors_removed_nothing_waits_and_the_miss_is_lost(ledger: Engine, clock: str, at: At) -> None:
    """The run ends at once, its native deadline goes with it: the miss test above would fail."""
    pass_the_due_moment(without_sensors(watching_dag()), ledger, at)
    assert missed(ledger) == []
