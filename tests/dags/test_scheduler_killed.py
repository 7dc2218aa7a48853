"""A live Airflow whose scheduler dies by kill -9 in mid-run, with every task it runs, ends with the same files and ledger."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Shard
from tests.dags.month import known_vault, ledger, papers, small_files, worked_on
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, make_house, pack
from tests.unit.cli.test_demo import free_port

from mianshen.cli.demo.clerk import Clerk
from mianshen.cli.demo.processes import COMPONENTS, Running, Site, running
from mianshen.cli.demo.progress import Follower
from mianshen.cli.demo.rest import Api
from mianshen.core.codes.money import REFUSALS

KILLED_IN = ("receive", "deidentify", "validate", "profile", "assess", "apply", "open", "close", "pay", "disclose", "supervise")
"""Tasks of the chain; the scheduler dies while one of them runs."""
QUICK = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}
"""How soon a new scheduler takes up what the dead one left; minutes otherwise."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return small_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def known(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return known_vault(files, tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def undisturbed(files: Files, known: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    return worked_on(files, known, tmp_path_factory.mktemp("stages"))


@dataclass(slots=True)
class SteadyClerk(Clerk):
    """Answers as the other clerk does: departments in the pack's order, one after the other, for the reason of their place.

    The order decides the audit chain, and with it what the batch sheet quotes.
    """

    house: House | None = None
    """Where an answer must have been recorded before the next one is given."""

    def answer_all(self) -> int:
        """Answer for the first department that waits, once nothing given before is on its way."""
        waiting = self.api.get("/api/v2/dags/~/dagRuns/~/hitlDetails", user=self.reader, state="awaiting_input", limit=100)
        forms = sorted(waiting["hitl_details"], key=lambda form: place_of(form["assigned_users"][0]["id"]))
        if forms and self._is_read(forms[0]["task_instance"]) and is_recorded(self.house, [one[0] for one in self.answers]):
            self._answer(forms[0])
        return len(forms)

    def reason_for(self, approver: str) -> str:
        """The department's reason."""
        return REFUSALS[place_of(approver) % len(REFUSALS)]


def place_of(approver: str) -> int:
    return [one.approver for one in pack().departments].index(approver)


def is_recorded(house: House | None, approvers: list[str]) -> bool:
    """Whether nothing of these approvers' departments waits."""
    assert house is not None
    mine = {one.code for one in pack().departments if one.approver in approvers}
    waiting = house.ledger(
        "select distinct i.department_code from approval_item i"
        " left join decision d on d.approval_item_id = i.approval_item_id where d.approval_item_id is null"
    )
    return not mine & {code for (code,) in waiting}


@pytest.fixture
def airflow(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Airflow on the house, all four components up."""
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    users = {"engineer": "admin", **{one.approver: "user" for one in pack().departments}}
    site = Site(house.home.root, free_port(), users=users, as_of=IN_TIME.isoformat())
    site.prepare()
    with running(site) as components:
        api = Api(site.url, site.passwords)
        components.start("api-server")
        components.wait(api.is_healthy, what="api-server")
        for component in COMPONENTS:
            components.start(component)
        components.wait(lambda: is_known(api), what="DAGs")
        yield components


def is_known(api: Api) -> bool:
    return f"{PACK}__supervise" in {one["dag_id"] for one in api.get("/api/v2/dags", user="engineer", limit=100)["dags"]}


def is_at(api: Api, task_id: str) -> bool:
    """Whether a task of this name runs, or has ended already."""
    page = api.get("/api/v2/dags/~/dagRuns/~/taskInstances", user="engineer", state=["running", "success"], limit=100)
    return task_id in {one["task_id"] for one in page["task_instances"]}


def kill(airflow: Running, component: str) -> None:
    """The component and every process of its group, at once."""
    process = airflow.processes.pop(component)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def house(known: Path, tmp_path: Path) -> House:
    return make_house(tmp_path / "home", vault=known)


@pytest.mark.proof
@pytest.mark.skipif("MIANSHEN_SHARD" not in os.environ, reason="NOT RUN: a live Airflow for minutes; part of make prove")
@pytest.mark.timeout(900)
def test_a_killed_scheduler_loses_and_doubles_nothing(
    shard: Shard, files: Files, undisturbed: House, house: House, airflow: Running
) -> None:
    api = Api(airflow.site.url, airflow.site.passwords)
    clerk = SteadyClerk(api, reader="engineer", house=house)
    deaths = shard.take(KILLED_IN)
    told: list[str] = []

    def let_die() -> None:
        airflow.check()
        if deaths and is_at(api, deaths[0]):
            told.append(deaths.pop(0))
            kill(airflow, "scheduler")
            time.sleep(1)
            airflow.start("scheduler")

    house.receive(files.folder)
    follower = Follower(api, "engineer", [house.home.inbox(PACK)], has_work=lambda: has_work(house), say=print)
    follower.follow(clerk, let_die)
    assert deaths == [], "every death took place"
    assert told, "the scheduler died at least once"
    assert papers(house) == papers(undisturbed)
    assert ledger(house) == ledger(undisturbed)


def has_work(house: House) -> bool:
    waiting: list[tuple[Any, ...]] = house.ledger(
        "select count(*) from delivery where state in ('RECEIVED', 'KEYED') union all select count(*) from approval_item i"
        " left join decision d on d.approval_item_id = i.approval_item_id where d.approval_item_id is null"
    )
    return any(count for (count,) in waiting)
