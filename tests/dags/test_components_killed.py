"""A live Airflow, every component of which dies once by kill -9: thirty clocks are due meanwhile, each is raised once, in time.

The clocks are those of cases: no run and no native deadline stands for them, so that what is held is held by our own store.
Ten thousand clocks are open beside them; what the triggerer that watches them takes is printed, and held against its limits.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.conftest import Shard
from tests.dags.test_scheduler_killed import QUICK, is_known, kill
from tests.end_to_end.counties import PACK, House, make_house, rows_of
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.processes import COMPONENTS, Running, Site, descendants, running
from mianshen.cli.demo.rest import Api
from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.warehouse.clock_store import Subject, open_clocks_due
from mianshen.warehouse.connect import open_database

CLOCKS, APART = 30, timedelta(seconds=6)
"""Thirty clocks, due within three minutes."""
OPEN = 10_000
"""Clocks that are open in all."""
CORES, MEGABYTES = 1.0, 500
"""What the triggerer may take."""
DEATHS = {5: "scheduler", 11: "dag-processor", 17: "triggerer", 23: "api-server"}
"""Which component dies when so many clocks were due."""
INTERVAL = timedelta(seconds=60)
"""The sensors' interval as shipped."""
COUNTY = PACK[:6]
LIMIT = "approve_relief"
TAKEN_UP = {
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
}
"""How soon a new triggerer takes up what the dead one watched."""


class ShippedSite(Site):
    """A site whose watchers look as seldom as they do where the product is installed."""

    def environment(self) -> dict[str, str]:
        return {**Site.environment(self), "MIANSHEN_POLL_SECONDS": str(int(INTERVAL.total_seconds()))}


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a work group on loopback hears."""
    heard: list[str] = []

    class Group(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Group)
    Thread(target=web.serve_forever, daemon=True).start()
    monkeypatch.setenv("MIANSHEN_NOTIFY_URLS", f"json://127.0.0.1:{web.server_address[1]}/")
    yield heard
    web.shutdown()
    web.server_close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path / "home")


@pytest.fixture
def airflow(house: House, group: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    for name, value in {**QUICK, **TAKEN_UP}.items():
        monkeypatch.setenv(name, value)
    site = ShippedSite(house.home.root, free_port(), users={"engineer": "admin"})
    site.prepare()
    with running(site) as components:
        api = Api(site.url, site.passwords)
        components.start("api-server")
        components.wait(api.is_healthy, what="api-server")
        for component in COMPONENTS:
            components.start(component)
        components.wait(lambda: is_known(api), what="DAGs")
        yield components


def open_clocks(house: House) -> list[datetime]:
    """Clocks of cases, due one after the other; their due moments. The rest of OPEN is due in days and weeks."""
    first = datetime.now(ZONE).replace(microsecond=0) + timedelta(seconds=40)
    dues = [first + APART * number for number in range(CLOCKS)]
    engine = open_database(house.home.ledger_url)
    with engine.begin() as connection:
        later = (dues[-1] + timedelta(days=1 + number % 30, seconds=number) for number in range(OPEN - CLOCKS))
        open_clocks_due(
            connection,
            [
                (Subject(COUNTY, "case_step", f"K{number}|review|1", "civil_affairs"), LIMIT, first, Due(at.date(), at, False))
                for number, at in enumerate((*dues, *later))
            ],
        )
    engine.dispose()
    return dues


def taken_by(leader: int) -> tuple[float, float]:
    """CPU seconds and megabytes of a component: of its process and all below it, what they share counted once."""
    ticks, kilobytes = 0, 0
    for pid in (leader, *descendants(leader)):
        with suppress(OSError):
            said = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
            ticks += int(said[11]) + int(said[12])
            held = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8"), re.M)
            kilobytes += int(held[1]) if held else 0
    return ticks / os.sysconf("SC_CLK_TCK"), kilobytes * 1024 / 1e6


def recorded(house: House) -> dict[str, str]:
    """Due moment by subject of what was raised."""
    query = (
        "select c.subject_id, e.happened_at from clock_event e join clock c on c.clock_id = e.clock_id where e.event = 'missed'"
    )
    engine = open_database(house.home.ledger_url)
    try:
        rows = rows_of(engine, query)
    finally:
        engine.dispose()
    assert len({subject for subject, _ in rows}) == len(rows), "nothing is raised twice"
    return dict(rows)


def told(heard: list[str]) -> int:
    """How many misses the work group was told of."""
    return sum(int(count) for message in heard for count in re.findall(r"已逾期 missed: .*?,(\d+) 项", message))


@pytest.mark.proof
@pytest.mark.skipif("MIANSHEN_SHARD" not in os.environ, reason="NOT RUN: a live Airflow for minutes; part of make prove")
@pytest.mark.timeout(900)
def test_every_component_dies_once_and_every_alarm_is_raised_once_within_an_interval(
    shard: Shard, house: House, airflow: Running, group: list[str]
) -> None:
    if not shard.take(["every component"]):
        pytest.skip("another shard's")
    dues = open_clocks(house)
    reborn = 0.0
    deaths, seen = dict(DEATHS), dict[str, timedelta]()
    latest = dues[-1] + INTERVAL
    while len(seen) < CLOCKS and datetime.now(ZONE) < latest:
        now = datetime.now(ZONE)
        for subject in recorded(house).keys() - seen.keys():
            seen[subject] = now - dues[int(subject.split("|")[0][1:])]
        passed = sum(due <= now for due in dues)
        for at in [one for one in deaths if one <= passed]:
            component = deaths.pop(at)
            kill(airflow, component)
            time.sleep(1)
            airflow.start(component)
            reborn = time.monotonic() if component == "triggerer" else reborn
        airflow.check()
        time.sleep(0.5)
    assert not deaths, "every death took place"
    assert recorded(house) == {f"K{number}|review|1": due.isoformat() for number, due in enumerate(dues)}
    late = max(seen.values())
    print(
        f"alarms={len(seen)} latest={late.total_seconds():.1f}s median={sorted(seen.values())[CLOCKS // 2].total_seconds():.1f}s"
    )
    assert late <= INTERVAL
    spent, megabytes = taken_by(airflow.processes["triggerer"].pid)
    cores = spent / (time.monotonic() - reborn)
    print(f"open={OPEN} triggerer: cores={cores:.2f} with its start, MB={megabytes:.0f}")
    assert cores < CORES and megabytes < MEGABYTES
    until = time.monotonic() + 120
    while told(group) < CLOCKS and time.monotonic() < until:
        time.sleep(2)
    assert told(group) == CLOCKS, "people hear of each once"
