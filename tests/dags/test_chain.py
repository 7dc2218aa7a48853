"""A county's DAGs carry its month, task by task, and leave the very bytes that the stages leave without Airflow."""

from __future__ import annotations

import base64
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, DagBag, sync_bag_to_db
from airflow.models.dagrun import DagRun
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from sqlalchemy import select, text
from tests import leak
from tests.architecture.sources import DAGS
from tests.dags.month import CANARIES, known_vault, ledger, papers, small_files, worked_on
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, make_house, refusing_one

from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.warehouse.connect import open_database

pytestmark = pytest.mark.filterwarnings("ignore")
"""Airflow's database and its in-process API server warn about their own libraries, here in our process."""
NOT_HERE = re.compile("^(watch|ask_.*)$")
"""Tasks that need a scheduler beside them: runs that watch, and people; the clerk answers in between."""
LOOKED = {"lake/out/money_state", "lake/checks/money_difference"}
"""What a look at the money leaves. Taken before money leaves: the next one finds another ledger."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return small_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def known(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return known_vault(files, tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def by_stages(files: Files, known: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    return worked_on(files, known, tmp_path_factory.mktemp("stages"))


@pytest.fixture(scope="module")
def heard() -> list[str]:
    """Everything that Airflow and the tasks printed while they carried the month."""
    return []


@pytest.fixture(scope="module")
def carry(heard: list[str], request: pytest.FixtureRequest) -> Iterator[Callable[[House, datetime], list[str]]]:
    """Runs the county's DAGs on a house in the order in which they wake each other; returns the states of the runs."""
    initdb()
    capture = request.config.pluginmanager.getplugin("capturemanager")
    bag, patch = DagBag(DAGS), pytest.MonkeyPatch()

    def run(step: str) -> str:
        dag = bag.dags[f"{PACK}__{step}"]
        dag.deadline = None  # Airflow 3.3.2: dag.test() cannot end a run that has a deadline; a scheduler can
        return str(dag.test(mark_success_pattern=NOT_HERE).state)

    def carry_house(house: House, moment: datetime) -> list[str]:
        patch.setenv("MIANSHEN_HOME", str(house.home.root))
        patch.setenv("MIANSHEN_AS_OF", moment.isoformat())
        states = [run(step) for step in ("receive", "trigger", "approve")]
        refusing_one(house.job(moment))
        states += [run("pay"), run("supervise")]
        heard.extend(capture.read_global_capture())
        return states

    yield carry_house
    patch.undo()


@pytest.fixture(scope="module")
def by_dags(files: Files, known: Path, carry: Any, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The month through the DAGs."""
    house = make_house(tmp_path_factory.mktemp("dags"), vault=known)
    house.receive(files.folder)
    assert carry(house, IN_TIME) == ["success"] * 5
    return house


def test_airflow_leaves_the_bytes_that_the_stages_leave(by_stages: House, by_dags: House) -> None:
    expected, found = papers(by_stages), papers(by_dags)
    assert len([name for name in expected if name.startswith("outbox/")]) >= 2
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_airflow_leaves_the_ledger_that_the_stages_leave(by_stages: House, by_dags: House) -> None:
    expected, found = ledger(by_stages), ledger(by_dags)
    assert expected["payment_line"]
    assert [name for name in expected if found[name] != expected[name]] == []


def test_running_every_dag_again_looks_at_the_money_that_left_and_changes_nothing(by_dags: House, carry: Any) -> None:
    lay, stood = papers(by_dags), ledger(by_dags)
    assert carry(by_dags, IN_TIME) == ["success"] * 5
    lies, stands = papers(by_dags), ledger(by_dags)
    assert {name: lies[name] for name in lay} == lay
    assert sorted(name.split("/county=")[0] for name in lies.keys() - lay.keys()) == sorted(LOOKED)
    assert [name for name in stood if stands[name] != stood[name]] == ["run"]
    (fresh,) = set(stands["run"]) - set(stood["run"])
    assert "'reconcile'" in fresh
    assert set(stood["run"]) < set(stands["run"])
    assert carry(by_dags, IN_TIME) == ["success"] * 5
    assert (papers(by_dags), ledger(by_dags)) == (lies, stands)


@pytest.fixture(scope="module")
def secrets(files: Files) -> dict[str, str]:
    return leak.secrets_of(files.made.canaries)


def test_each_canary_was_delivered_and_lies_in_custody(
    by_dags: House, files: Files, secrets: dict[str, str], tmp_path: Path
) -> None:
    planted = {f"{what} {number}" for what in ("certno", "name", "account", "psn_no") for number in range(CANARIES)}
    assert {one.canary for one in leak.search(files.folder, secrets)} >= planted
    job = by_dags.job(IN_TIME)
    custody = Custody(job.home.custody, open_database(job.vault_url), keys_of(job.home))
    for (content,) in by_dags.ledger("select distinct content_sha256 from delivery"):
        (tmp_path / content).write_bytes(custody.open(content))
    assert {one.canary for one in leak.search(tmp_path, secrets)} >= planted
    paid = leak.search(job.home.outbox(PACK), secrets)
    assert {one.canary.split()[0] for one in paid} >= {"name", "account"}, "at least one is paid by name and account"


def test_no_canary_is_in_any_room_but_the_outbox(by_dags: House, secrets: dict[str, str], tmp_path: Path) -> None:
    rest = tmp_path / "rest"
    shutil.copytree(by_dags.home.root, rest, ignore=shutil.ignore_patterns("outbox"))
    assert {"lake", "ledger.db", "reports", "data_docs", "vault"} <= {path.name for path in rest.iterdir()}
    assert any(rest.rglob("*.parquet")) and any((rest / "data_docs").rglob("*.html"))
    assert leak.search(rest, secrets) == []


def test_no_canary_is_in_airflows_database_its_logs_or_what_it_printed(
    by_dags: House, heard: list[str], secrets: dict[str, str]
) -> None:
    own = Path(os.environ["AIRFLOW_HOME"])
    with create_session() as session:
        counted = {
            name: session.execute(text(f"select count(*) from {name}")).scalar_one()
            for name in ("xcom", "task_instance", "dag_run")
        }
    assert min(counted.values()) >= 5, counted
    assert "deidentify" in "".join(heard), "what was printed is what is searched"
    assert leak.search(own, secrets) == []
    assert leak.search_text("".join(heard), secrets) == []


LEAKED = "欧阳瑾萱"
"""A name that a careless task lets out; no filter can know that it is one."""
NUMBERS = ("100999195003030015", "6299990000000000001", "10015901038")
"""Id number, card and phone: these the filter knows by their shape."""
CARELESS = f"""
import logging

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def tells(said):
    logging.getLogger("mianshen.careless").warning("a row of %s, {" ".join(NUMBERS)}", said)
    return said[::-1]


def breaks():
    raise ValueError("no such person: {LEAKED} {NUMBERS[0]}")


with DAG("careless", schedule=None):
    first = PythonOperator(task_id="tells", python_callable=tells, op_kwargs={{"said": "{LEAKED}"}})
    first >> PythonOperator(task_id="breaks", python_callable=breaks)
"""


@pytest.fixture(scope="module")
def careless(carry: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], str]:
    """Tables of Airflow's database in which the leaks of a careless DAG are found, and what was printed."""
    folder = tmp_path_factory.mktemp("careless")
    (folder / "careless.py").write_text(CARELESS, encoding="utf-8")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    capture.read_global_capture()
    DagBundlesManager().sync_bundles_to_db()
    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name="dags-folder")
    assert bag.import_errors == {}
    sync_bag_to_db(bag, "dags-folder", None)
    assert str(bag.dags["careless"].test().state) == "failed"
    with create_session() as session:
        run = session.execute(select(DagRun).where(DagRun.dag_id == "careless")).scalars().one()
        run.note = f"asked by {base64.b64encode(LEAKED.encode()).decode()}"
    found = leak.search(Path(os.environ["AIRFLOW_HOME"]), {"name": LEAKED})
    return {one.place.split("::")[-1] for one in found}, "".join(capture.read_global_capture())


@pytest.mark.parametrize("table", ["xcom", "rendered_task_instance_fields", "dag_run_note"])
def test_a_leak_by_any_way_through_airflow_is_found(careless: tuple[set[str], str], table: str) -> None:
    assert table in careless[0]


def test_a_leak_into_a_log_and_an_exception_is_found_and_numbers_are_blotted_out(careless: tuple[set[str], str]) -> None:
    printed = careless[1]
    lines = [line for line in printed.splitlines() if "a row of" in line]
    assert lines and all(leak.search_text(line, {"name": LEAKED}) for line in lines)
    assert "no such person" in printed and leak.search_text(printed.split("no such person")[1], {"name": LEAKED})
    assert all("已遮蔽" in line for line in lines)
    assert leak.search_text("\n".join(lines), {one: one for one in NUMBERS}) == []
