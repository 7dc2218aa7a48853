"""A real Airflow over a due moment, three counties beside each other: as wired, without the native alert, without the sensor.

What each holds of its miss is read from our own store; what Airflow holds of its deadlines, from Airflow's.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Shard
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.processes import COMPONENTS, Running, Site, running
from mianshen.cli.demo.rest import Api
from mianshen.cli.init import prepare
from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import Subject, clocks_of, open_clocks_due
from mianshen.warehouse.clock_watch import open_watches
from mianshen.warehouse.connect import open_database

AS_WIRED, WITHOUT_ALERT, WITHOUT_SENSOR = "510118_xinjin", "320902_tinghu", "360981_fengcheng"
COUNTIES = (AS_WIRED, WITHOUT_ALERT, WITHOUT_SENSOR)
LISTS = {
    AS_WIRED: ("canlian_zhongdu", "disabled"),
    WITHOUT_ALERT: ("minzheng_kunnan", "civil_affairs"),
    WITHOUT_SENSOR: ("minzheng_kunnan", "civil_affairs"),
}
"""The list that never comes, and who keeps it."""
AHEAD, AFTER = timedelta(seconds=120), timedelta(seconds=45)
"""How long after its runs began the due moment comes, and how long after it a miss may still be recorded."""
DAGS = f'''
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.definitions._internal.contextmanager import DagContext

from mianshen_airflow.wiring import county_dags

deadlines = {{pack: county_dags(pack)[f"{{pack}}__deadlines"] for pack in {COUNTIES!r}}}
DagContext.autoregistered_dags.clear()  # the counties' other DAGs are no part of this
deadlines["{WITHOUT_ALERT}"].deadline = []
wired = deadlines["{WITHOUT_SENSOR}"]
with DAG(dag_id=wired.dag_id, schedule=None, start_date=wired.start_date, deadline=wired.deadline) as bare:
    EmptyOperator(task_id="nobody_watches")
deadlines["{WITHOUT_SENSOR}"] = bare
globals().update({{dag.dag_id: dag for dag in deadlines.values()}})
'''
"""The DAGs of due moments as they are wired, but for what two of them lack."""


class OneFile(Site):
    """A site with the DAGs above alone: nothing else looks at a clock."""

    def environment(self) -> dict[str, str]:
        return {**Site.environment(self), "AIRFLOW__CORE__DAGS_FOLDER": str(self.home / "dags")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    prepare(made, packs=COUNTIES, go_live=None)
    (made.root / "dags").mkdir()
    (made.root / "dags" / "deadlines.py").write_text(DAGS, "utf-8")
    return made


@pytest.fixture
def airflow(home: Home) -> Iterator[Running]:
    site = OneFile(home.root, free_port(), users={"engineer": "admin"})
    site.prepare()
    with running(site) as components:
        api = Api(site.url, site.passwords)
        components.start("api-server")
        components.wait(api.is_healthy, what="api-server")
        for component in COMPONENTS:
            components.start(component)
        components.wait(lambda: len(api.get("/api/v2/dags", user="engineer")["dags"]) == len(COUNTIES), what="DAGs")
        yield components


def open_lists(home: Home, *, due: datetime) -> dict[str, dict[str, Any]]:
    """A list of each county is due then; the run that watches it, by county."""
    engine = open_database(home.ledger_url)
    with engine.begin() as connection:
        for pack, (list_code, holder) in LISTS.items():
            subject = Subject(pack[:6], "list", f"{list_code}|2026-10", holder)
            open_clocks_due(connection, [(subject, "roster_due", due - AHEAD, Due(due.date(), due, provisional=False))])
        watches = {pack: open_watches(connection, pack[:6], since=due - AHEAD) for pack in COUNTIES}
    engine.dispose()
    return {pack: {name: getattr(one, name) for name in one.__slots__} for pack, (one,) in watches.items()}


def start(site: Site, pack: str, watch: dict[str, Any]) -> None:
    """What receive does when it opened the clock: a run that watches it."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as asked:
        login = {"username": "engineer", "password": site.passwords["engineer"]}
        token = asked.post("/auth/token", json=login).json()["access_token"]
        body = {"dag_run_id": "watch", "logical_date": None, "conf": watch}
        head = {"Authorization": f"Bearer {token}"}
        asked.post(f"/api/v2/dags/{pack}__deadlines/dagRuns", json=body, headers=head).raise_for_status()


def states(api: Api) -> dict[str, str]:
    runs = api.get("/api/v2/dags/~/dagRuns", user="engineer")["dag_runs"]
    return {one["dag_id"].partition("__")[0]: one["state"] for one in runs}


def native(site: Site) -> set[str]:
    """Counties of whose runs Airflow holds a deadline."""
    query = "select distinct r.dag_id from deadline d join dag_run r on r.id = d.dagrun_id"
    with sqlite3.connect(f"file:{site.airflow_home / 'airflow.db'}?mode=ro", uri=True) as connection:
        return {dag_id.partition("__")[0] for (dag_id,) in connection.execute(query)}


def misses(home: Home) -> dict[str, list[str]]:
    """Moments of what was missed, by county."""
    engine = open_database(home.ledger_url)
    with engine.connect() as connection:
        rows = {pack: clocks_of(connection, pack[:6]) for pack in COUNTIES}
    engine.dispose()
    return {pack: [str(row["missed_at"]) for row in found if row["missed_at"]] for pack, found in rows.items()}


@pytest.mark.proof
@pytest.mark.skipif("MIANSHEN_SHARD" not in os.environ, reason="NOT RUN: a live Airflow for minutes; part of make prove")
@pytest.mark.timeout(900)
def test_without_the_native_alert_our_store_holds_the_miss_and_without_the_sensor_nobody_does(
    shard: Shard, home: Home, airflow: Running
) -> None:
    if not shard.take(["sensor and alert"]):
        pytest.skip("another shard's")
    api = Api(airflow.site.url, airflow.site.passwords)
    due = datetime.now(ZONE).replace(microsecond=0) + AHEAD
    for pack, watch in open_lists(home, due=due).items():
        start(airflow.site, pack, watch)
    before = {AS_WIRED: "running", WITHOUT_ALERT: "running", WITHOUT_SENSOR: "success"}
    airflow.wait(lambda: states(api) == before, what="runs")
    assert datetime.now(ZONE) < due, "the runs began in time to say something"
    assert native(airflow.site) == {AS_WIRED}, "Airflow drops the deadline of a run that nothing holds open"
    assert misses(home) == {pack: [] for pack in COUNTIES}
    time.sleep((due + AFTER - datetime.now(ZONE)).total_seconds())
    airflow.check()
    assert misses(home) == {AS_WIRED: [due.isoformat()], WITHOUT_ALERT: [due.isoformat()], WITHOUT_SENSOR: []}
    assert states(api) == dict.fromkeys(COUNTIES, "success")
