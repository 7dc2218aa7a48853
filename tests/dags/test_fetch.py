"""The DAG that fetches: due sources only, one task each, one that fails stops no other, nothing personal in an XCom."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.db import initdb
from tests.architecture.sources import DAGS
from tests.dags.conftest import context

from mianshen.core.days import ZONE
from mianshen.core.ids import make_certno
from mianshen.core.paths import Home
from mianshen.feeds.inbox import inbox_files
from mianshen_airflow import fetching
from mianshen_airflow.fetching import DueSourcesOperator, FetchOperator, fetching_hours

PACK = "510118_xinjin"
AT = datetime(2026, 11, 3, 9, tzinfo=ZONE)
OLD = 1_790_000_000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "QUIET_SECONDS", 0)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def put(share: Path, name: str) -> None:
    (share / name).write_bytes(b"rows")
    os.utime(share / name, (OLD, OLD))


def configure(home: Home, *sources: dict[str, Any]) -> None:
    settings = {"counties": {PACK: {"go_live_on": None, "sources": list(sources)}}}
    (home.root / "settings.json").write_text(json.dumps(settings), "utf-8")


def folder(code: str, path: Path, **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": "object", "path": f"file://{path}", **more}


def run_of(kind: str, moment: datetime = AT) -> Any:
    made: Any = context(run_after=moment)
    made["dag_run"] = SimpleNamespace(run_after=moment, run_type=kind)
    return made


def fetch(code: str) -> Any:
    return FetchOperator(task_id="fetch", pack=PACK, source=code).execute(run_of("scheduled"))


def test_a_source_is_fetched_once_a_due_moment_and_all_by_hand(home: Home, share: Path) -> None:
    configure(home, folder("early", share), folder("noon", share, hours=[12]))
    due = DueSourcesOperator(task_id="due", pack=PACK)
    assert due.execute(run_of("scheduled")) == ["early", "noon"]
    fetch("early")
    fetch("noon")
    assert due.execute(run_of("scheduled", AT.replace(hour=11))) == []
    assert due.execute(run_of("scheduled", AT.replace(hour=13))) == ["noon"]
    assert due.execute(run_of("manual")) == ["early", "noon"]


def test_what_a_visit_leaves_in_the_xcom_names_nobody(home: Home, share: Path) -> None:
    certno = make_certno(born=date(1950, 3, 3), serial=1)
    put(share, f"{certno}.csv")
    configure(home, folder("share", share))
    assert fetch("share") == {"source": "share", "seen": 1, "taken": 1, "known": 0, "same": 0, "ignored": 0, "waiting": 0}


def test_what_a_person_must_cure_is_not_tried_again(home: Home, share: Path) -> None:
    configure(home, folder("gone", share / "nowhere"))
    with pytest.raises(AirflowFailException, match="SOURCE_MISSING"):
        fetch("gone")
    with pytest.raises(AirflowFailException, match="SOURCE_SETTINGS"):
        fetch("unknown")


def test_what_may_pass_is_tried_again(home: Home, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(share, "a.csv")
    configure(home, folder("share", share))
    monkeypatch.setattr(fetching.time, "sleep", lambda _: (share / "a.csv").write_bytes(b"rows and more"))
    with pytest.raises(AirflowException, match="SOURCE_CHANGED") as caught:
        fetch("share")
    assert not isinstance(caught.value, AirflowFailException)


def test_hours_come_from_the_settings_and_nonsense_breaks_no_parse(home: Home, share: Path) -> None:
    configure(home, folder("a", share), folder("b", share, hours=[18, 6]))
    assert fetching_hours(PACK) == (6, 18)
    configure(home)
    assert fetching_hours(PACK) == ()
    for text in ("{", "[]", '{"counties": 7}', json.dumps({"counties": {PACK: {"sources": [7, {"hours": "x"}]}}})):
        (home.root / "settings.json").write_text(text, "utf-8")
        assert fetching_hours(PACK) == ()


def test_parsing_opens_no_connection(home: Home, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("a connection while a DAG is parsed")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    configure(home, {"code": "a", "kind": "sftp", "conn_id": "a", "path": "x"})
    bag = DagBag(DAGS)
    assert bag.import_errors == {}
    assert "0 6 * * *" in json.dumps(DagSerialization.to_dict(bag.dags[f"{PACK}__fetch"]))
    assert "cron" not in json.dumps(DagSerialization.to_dict(bag.dags["320902_tinghu__fetch"])).lower()


@pytest.fixture
def run_dag(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    initdb()
    monkeypatch.setenv("MIANSHEN_AS_OF", AT.isoformat())
    yield lambda: DagBag(DAGS).dags[f"{PACK}__fetch"].test()


@pytest.mark.filterwarnings("ignore")
def test_a_source_that_fails_stops_no_other_and_shows(home: Home, share: Path, run_dag: Callable[[], Any]) -> None:
    put(share, "a.csv")
    configure(home, folder("gone", share / "nowhere"), folder("share", share))
    run = run_dag()
    states = {(one.task_id, one.map_index): str(one.state) for one in run.get_task_instances()}
    assert states == {("due", -1): "success", ("fetch", 0): "failed", ("fetch", 1): "success"}
    assert str(run.state) == "failed"
    assert [path.name for path in inbox_files(home.inbox(PACK))] == ["a.csv"]


@pytest.mark.filterwarnings("ignore")
def test_a_county_without_sources_has_nothing_to_fetch(home: Home, run_dag: Callable[[], Any]) -> None:
    assert str(run_dag().state) == "success"
