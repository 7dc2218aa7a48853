"""What the tests of the Airflow side share: a context without Airflow's supervisor, a ledger with clocks, a fixed moment."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from tests.ledgers import new_ledger

from mianshen.core.clocks import Counting, TimeLimit, WorkingCalendar
from mianshen.core.days import ZONE
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import Subject, open_clock
from mianshen.warehouse.connect import open_database

COUNTY = "510118"
STARTED = datetime(2026, 11, 2, 9, tzinfo=ZONE)
LIMIT = TimeLimit("trigger_relief", "触发", "trigger", 3, Counting.CALENDAR_DAYS, "arrival", "application", "001", "quoted")
DUE = datetime(2026, 11, 6, tzinfo=ZONE)
EVERY_WEEKDAY = WorkingCalendar(workdays={}, provisional_since=date(2026, 1, 1))

AIRFLOWS_OWN = ("ignore:GitWildMatchPattern",)
"""Warnings about code inside Airflow and its libraries; every other warning is an error here too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for message in AIRFLOWS_OWN:
                item.add_marker(pytest.mark.filterwarnings(message))


RUN_NAMES = frozenset({"MIANSHEN_REALDATA", "MIANSHEN_SHARD", "MIANSHEN_PROOF_LOG"})
"""What a test run is told by its environment; everything else there is the product's."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with an empty ledger, named by the environment."""
    place = Home(tmp_path / "home")
    place.make()
    counties = {"510118_xinjin": {"go_live_on": "2026-10-01"}, "320902_tinghu": {"go_live_on": None}}
    (place.root / "settings.json").write_text(json.dumps({"counties": counties}), encoding="utf-8")
    new_ledger(place.ledger_url)
    monkeypatch.setenv("MIANSHEN_HOME", str(place.root))
    return place


@pytest.fixture
def ledger(home: Home) -> Iterator[Engine]:
    engine = open_database(home.ledger_url)
    yield engine
    engine.dispose()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the moment that every task sees."""
    return lambda moment: monkeypatch.setenv("MIANSHEN_AS_OF", moment.isoformat())


@pytest.fixture
def clock(ledger: Engine) -> str:
    """An open clock of three days."""
    with ledger.begin() as connection:
        subject = Subject(COUNTY, "delivery", "D1", "medical_security")
        return open_clock(connection, subject, limit=LIMIT, started=STARTED, calendar=EVERY_WEEKDAY)


class Events(dict[Any, Any]):
    """Outlet events that are made when they are asked for."""

    def __missing__(self, asset: Any) -> SimpleNamespace:
        event = SimpleNamespace(extra={}, partitions=[])
        event.add_partitions = event.partitions.extend
        self[asset] = event
        return event


def context(
    *, run_after: datetime = STARTED, conf: dict[str, Any] | None = None, told: list[dict[str, Any]] | None = None, **ti: Any
) -> dict[str, Any]:
    """A task's context as far as our operators look at it; XComs are a dict."""
    xcoms: dict[str, Any] = {}
    instance = SimpleNamespace(
        id="t1",
        xcoms=xcoms,
        xcom_push=lambda key, value: xcoms.__setitem__(key, value),
        xcom_pull=lambda task_ids, key: xcoms[key],
        get_dr_count=lambda dag_id, run_ids: 0,
        **ti,
    )
    return {
        "dag_run": SimpleNamespace(run_after=run_after, conf=conf, partition_key=None),
        "ti": instance,
        "task_instance": instance,
        "outlet_events": Events(),
        "triggering_asset_events": {"applied": [SimpleNamespace(extra=extra) for extra in told]} if told else {},
    }


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("MIANSHEN_") and name not in RUN_NAMES]:
        monkeypatch.delenv(name)


class Browser:
    """Asks an ASGI app, one request at a time."""

    def __init__(self, asked: Any) -> None:
        self.asked = asked

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.asked)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)


@pytest.fixture(scope="module")
def login() -> None:
    """Airflow's own login, as the API server starts it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from airflow.api_fastapi.app import init_auth_manager

        init_auth_manager()


@pytest.fixture
def stranger(ledger: Engine, login: None) -> Browser:
    """Nobody whom Airflow knows."""
    return Browser(_app().app)


@pytest.fixture
def supervisor(ledger: Engine, login: None) -> Iterator[Browser]:
    """Somebody who is signed in and may judge."""
    with signed_in_as("supervisor", judges=True) as browser:
        yield browser


@contextmanager
def signed_in_as(
    name: str, *, judges: bool = False, answers: bool = False, rights: Collection[tuple[str, str]] = ()
) -> Iterator[Browser]:
    """The pages as this account sees them; needs the fixtures `ledger` and `login`.

    `rights` are (method, resource) that Airflow's auth manager grants for the window.
    """
    page = _app()
    permits = importlib.import_module("mianshen_airflow.pages.permits")
    overrides = page.app.dependency_overrides
    kept = dict(overrides)
    overrides[page.signed_in] = lambda: name
    overrides[permits.reading] = lambda: permits.Reader(name, judges, answers)
    security = importlib.import_module("airflow.api_fastapi.core_api.security")
    overrides[security.get_user] = lambda: SimpleNamespace(get_name=lambda: name)
    asked = permits._may
    permits._may = lambda _, right: right in rights
    try:
        yield Browser(page.app)
    finally:
        permits._may = asked
        overrides.clear()
        overrides.update(kept)


def _app() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's login imports a test client that is going out of use
        return importlib.import_module("mianshen_airflow.pages.app")
