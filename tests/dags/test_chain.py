"""A county's DAGs carry its month, task by task, and leave the very bytes that the stages leave without Airflow."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb
from sqlalchemy import MetaData, select
from tests.architecture.sources import DAGS
from tests.end_to_end.counties import IN_TIME, PACK, Files, House, make_house, refusing_one, write_files

from mianshen.stages import deidentify, receive

pytestmark = pytest.mark.filterwarnings("ignore")
"""Airflow's database and its in-process API server warn about their own libraries, here in our process."""
NOT_HERE = re.compile("^(watch|ask_.*)$")
"""Tasks that need a scheduler beside them: runs that watch, and people; the clerk answers in between."""
PAPERS = ("lake", "outbox", "reports")
"""Rooms whose bytes must be equal; custody and the vault hold sealed bytes, data docs carry Great Expectations' own moments."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("files"), insured=2_000)


@pytest.fixture(scope="module")
def known(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault in which everybody has a key already: keys are random, and both ways must meet the same ones."""
    house = make_house(tmp_path_factory.mktemp("known"))
    house.receive(files.folder)
    receive.run(house.job(IN_TIME))
    deidentify.run(house.job(IN_TIME))
    return house.home.vault


@pytest.fixture(scope="module")
def by_stages(files: Files, known: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The month without Airflow."""
    house = make_house(tmp_path_factory.mktemp("stages"), vault=known)
    house.receive(files.folder)
    house.carry(IN_TIME, clerk=refusing_one)
    return house


@pytest.fixture(scope="module")
def bag() -> DagBag:
    initdb()
    return DagBag(DAGS)


@pytest.fixture(scope="module")
def carry(bag: DagBag) -> Iterator[Callable[[House, datetime], list[str]]]:
    """Runs the county's DAGs on a house in the order in which they wake each other; returns the states of the runs."""
    patch = pytest.MonkeyPatch()

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


def papers(house: House) -> dict[str, str]:
    """Every file of the rooms, by name, with its digest."""
    root = house.home.root
    found = (path for room in PAPERS for path in sorted((root / room).rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def ledger(house: House) -> dict[str, list[Any]]:
    """Every row of the ledger, by table."""
    engine, tables = house.job(IN_TIME).ledger, MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {name: sorted(map(str, connection.execute(select(table)))) for name, table in tables.tables.items()}


def test_airflow_leaves_the_bytes_that_the_stages_leave(by_stages: House, by_dags: House) -> None:
    expected, found = papers(by_stages), papers(by_dags)
    assert len([name for name in expected if name.startswith("outbox/")]) >= 2
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_airflow_leaves_the_ledger_that_the_stages_leave(by_stages: House, by_dags: House) -> None:
    expected, found = ledger(by_stages), ledger(by_dags)
    assert expected["payment_line"]
    assert [name for name in expected if found[name] != expected[name]] == []


def test_running_every_dag_again_pays_nothing_twice(by_dags: House, carry: Any) -> None:
    before, lines = papers(by_dags), ledger(by_dags)["payment_line"]
    assert carry(by_dags, IN_TIME) == ["success"] * 5
    assert ledger(by_dags)["payment_line"] == lines
    assert {name: one for name, one in papers(by_dags).items() if name.startswith("outbox/")} == {
        name: one for name, one in before.items() if name.startswith("outbox/")
    }
