"""A county's DAGs carry its month, task by task, and leave the very bytes that the stages leave without Airflow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb
from tests.architecture.sources import DAGS
from tests.dags.month import known_vault, ledger, papers, small_files, worked_on
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, make_house, refusing_one

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
def carry() -> Iterator[Callable[[House, datetime], list[str]]]:
    """Runs the county's DAGs on a house in the order in which they wake each other; returns the states of the runs."""
    initdb()
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
        return [*states, run("pay"), run("supervise")]

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
