"""A sensor that pokes and one that waits end alike; a miss is raised once, at its due moment, and survives restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred
from sqlalchemy import Engine, insert
from sqlalchemy.exc import OperationalError
from tests.dags.conftest import COUNTY, DUE, EVERY_WEEKDAY, LIMIT, STARTED, context

from mianshen.core.clocks import Due
from mianshen.core.days import ZONE
from mianshen.core.errors import MianshenError
from mianshen.core.paths import Home
from mianshen.warehouse.clock_store import Subject, clocks_of, open_clock, open_clocks_due, record_event
from mianshen.warehouse.clock_watch import open_watches, record_misses
from mianshen.warehouse.ledger import RUN
from mianshen_airflow import watching
from mianshen_airflow.assets import assets_of
from mianshen_airflow.sensors import WorkingDayDeadlineSensor
from mianshen_airflow.triggers import DueMomentTrigger, InboxTrigger, WorkingDayDeadlineTrigger, files_in
from mianshen_airflow.watching import Ending, WatchNote, notes_of

SECOND = timedelta(seconds=1)
At = Callable[[datetime], None]


def note(ledger: Engine) -> WatchNote:
    with ledger.connect() as connection:
        (watch,) = open_watches(connection, COUNTY, since=STARTED)
    return notes_of((watch,))[0]


def close(ledger: Engine, clock: str, moment: datetime) -> None:
    with ledger.begin() as connection:
        record_event(connection, clock, event="closed", at=moment)


def missed_at(ledger: Engine) -> str | None:
    with ledger.connect() as connection:
        (row,) = clocks_of(connection, COUNTY)
    return None if row["missed_at"] is None else str(row["missed_at"])


def one_event(trigger: WorkingDayDeadlineTrigger) -> dict[str, Any]:
    async def first() -> dict[str, Any]:
        async for event in trigger.run():
            return dict(event.payload)
        raise AssertionError("the trigger ended without an event")

    return asyncio.run(asyncio.wait_for(first(), timeout=20))


def sensor(**options: Any) -> WorkingDayDeadlineSensor:
    outlets = [assets_of("510118_xinjin").overdue]
    return WorkingDayDeadlineSensor(task_id="watch", pack="510118_xinjin", outlets=outlets, **options)


def by_poking(watch: dict[str, Any], then: Callable[[], None], **options: Any) -> dict[str, Any]:
    """The end when every look is a poke: an open one first, then whatever happened."""
    task, run = sensor(deferrable=False, mode="poke", poke_interval=0, **options), context(conf=watch)
    assert not task.poke(run)
    then()
    return task.execute(run)


def by_deferring(watch: dict[str, Any], then: Callable[[], None], **options: Any) -> dict[str, Any]:
    """The end when the task waits in the triggerer, which dies and starts again before anything happened."""
    task, run = sensor(**options), context(conf=watch)
    with pytest.raises(TaskDeferred) as deferred:
        task.execute(run)
    path, arguments = deferred.value.trigger.serialize()
    assert path == "mianshen_airflow.triggers.WorkingDayDeadlineTrigger"
    then()
    event = one_event(WorkingDayDeadlineTrigger(**arguments))
    return dict(getattr(sensor(**options), deferred.value.method_name)(run, event=event))


WAYS = pytest.mark.parametrize("way", [by_poking, by_deferring])


@WAYS
def test_a_clock_that_closes_in_time_has_arrived(way: Any, ledger: Engine, clock: str, at: At) -> None:
    at(STARTED)
    watch = note(ledger).as_run()["conf"]
    end = way(watch, lambda: (close(ledger, clock, DUE - SECOND), at(DUE - SECOND)))
    assert end["status"] == Ending.ARRIVED
    assert missed_at(ledger) is None


@WAYS
def test_the_due_moment_itself_is_a_miss_recorded_then(way: Any, ledger: Engine, clock: str, at: At) -> None:
    at(DUE - SECOND)
    watch = note(ledger).as_run()["conf"]
    end = way(watch, lambda: at(DUE))
    assert end["status"] == Ending.MISSED
    assert missed_at(ledger) == DUE.isoformat()


@WAYS
def test_a_clock_that_closed_late_is_a_miss_though_nobody_looked(way: Any, ledger: Engine, clock: str, at: At) -> None:
    at(STARTED)
    watch = note(ledger).as_run()["conf"]
    end = way(watch, lambda: (close(ledger, clock, DUE + timedelta(days=3)), at(DUE + timedelta(days=4))))
    assert end["status"] == Ending.MISSED
    assert missed_at(ledger) == DUE.isoformat()


@WAYS
def test_a_miss_can_fail_the_run_and_is_recorded_all_the_same(way: Any, ledger: Engine, clock: str, at: At) -> None:
    at(STARTED)
    watch = note(ledger).as_run()["conf"]
    with pytest.raises(AirflowFailException, match="逾期"):
        way(watch, lambda: at(DUE + SECOND), on_miss="fail")
    assert missed_at(ledger) == DUE.isoformat()


def test_a_miss_is_recorded_once_whoever_sees_it(ledger: Engine, clock: str, at: At) -> None:
    at(DUE + SECOND)
    assert [watching.record(COUNTY), watching.record(COUNTY)] == [1, 0]
    with ledger.begin() as connection:
        assert list(record_misses(connection, COUNTY, as_of=DUE + timedelta(days=9))) == []


def test_without_a_watcher_nothing_records_the_miss(ledger: Engine, clock: str, at: At) -> None:
    at(DUE + SECOND)
    assert missed_at(ledger) is None


@pytest.mark.parametrize(("computed", "tells"), [(None, False), (DUE - SECOND, True), (DUE, False)])
def test_a_miss_wakes_the_chain_only_when_amounts_were_computed_before_it(
    ledger: Engine, clock: str, at: At, computed: datetime | None, tells: bool
) -> None:
    if computed is not None:
        row = dict.fromkeys(("county_code", "month", "tables", "inputs", "policy_hash", "code_hash"), "")
        zero = dict.fromkeys(("rows_in", "rows_out", "fen_in", "fen_out"), 0)
        moment = computed.isoformat(timespec="seconds")
        with ledger.begin() as connection:
            values = {**row, **zero, "run_id": "R", "run_no": 1, "stage": "assess", "county_code": COUNTY, "as_of": moment}
            connection.execute(insert(RUN).values(**values))
    at(DUE + SECOND)
    task = sensor()
    assert task.execute(context(conf=note(ledger).as_run()["conf"]))["status"] == Ending.MISSED
    assert bool(task.outlets) is tells


def test_clocks_that_opened_together_are_one_watch_with_one_run(ledger: Engine, clock: str) -> None:
    watch = note(ledger)
    assert watch.run_id == "trigger_relief~20261102T090000"
    assert watch.due == DUE


def test_a_run_without_a_watch_says_how_it_is_started() -> None:
    with pytest.raises(ValueError, match="收件"):
        sensor().execute(context(conf={}))


def test_an_unknown_way_to_miss_is_refused() -> None:
    with pytest.raises(ValueError, match="on_miss"):
        sensor(on_miss="ignore")


def test_the_inbox_counts_finished_files_only(tmp_path: Path) -> None:
    for name in ("settlement_510118_20261005.csv", "half.csv.tmp", ".hidden", "~$open.xlsx"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "minzheng" / "20261103").mkdir(parents=True)
    assert [name for name, _, _ in files_in(tmp_path)] == ["settlement_510118_20261005.csv"], "an empty folder is no file"
    (tmp_path / "minzheng" / "20261103" / "fetched.csv").write_text("x", encoding="utf-8")
    assert len(files_in(tmp_path)) == 2
    assert files_in(tmp_path / "nowhere") == ()


def test_the_inbox_fires_once_for_the_same_files_and_again_after_a_restart(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIANSHEN_INBOX_SECONDS", "0")
    inbox = home.inbox("510118_xinjin")
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text("x", encoding="utf-8")

    async def fired(seconds: int = 1) -> int:
        events = 0

        async def listen() -> None:
            nonlocal events
            async for _ in InboxTrigger(pack="510118_xinjin").run():
                events += 1

        try:
            await asyncio.wait_for(listen(), timeout=seconds)
        except TimeoutError:
            return events
        return events

    assert asyncio.run(fired()) == 1
    assert asyncio.run(fired()) == 1


def one_look(seconds: float = 5) -> dict[str, Any]:
    """The first event of the county's watcher."""

    async def first() -> dict[str, Any]:
        async for event in DueMomentTrigger(pack="510118_xinjin").run():
            return dict(event.payload)
        raise AssertionError("the watcher ended")

    return asyncio.run(asyncio.wait_for(first(), timeout=seconds))


def test_one_watcher_records_every_clock_at_its_due_moment_and_tells_once(ledger: Engine, clock: str, at: At) -> None:
    with ledger.begin() as connection:
        for number in range(20):
            subject = Subject(COUNTY, "case_step", f"K{number}|review|1", "medical_security")
            open_clock(connection, subject, limit=LIMIT, started=STARTED, calendar=EVERY_WEEKDAY)
    at(DUE - SECOND)
    with pytest.raises(TimeoutError):
        one_look(1)
    assert missed_at_all(ledger) == set()
    at(DUE)
    assert one_look() == {"missed": 21}
    assert missed_at_all(ledger) == {DUE.isoformat()}
    with pytest.raises(TimeoutError):
        one_look(1)


def test_the_watcher_wakes_at_a_due_moment_between_two_polls(ledger: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIANSHEN_AS_OF", raising=False)
    soon = datetime.now(ZONE).replace(microsecond=0) + timedelta(seconds=3)
    with ledger.begin() as connection:
        wanted = (Subject(COUNTY, "batch", "B1", "union"), LIMIT.code, STARTED, Due(soon.date(), soon, provisional=False))
        open_clocks_due(connection, [wanted])
    assert one_look(20) == {"missed": 1}, "the poll is a minute; the due moment came first"
    assert missed_at_all(ledger) == {soon.isoformat()}


def test_a_watcher_whose_store_does_not_answer_looks_again(
    ledger: Engine, clock: str, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIANSHEN_POLL_SECONDS", "0")
    answers = iter([OperationalError("select", {}, OSError("gone")), MianshenError("HOME_MISSING", found="x", where="y")])
    real = watching.look_at_all

    def shaky(pack: str) -> Any:
        for trouble in answers:
            raise trouble
        return real(pack)

    monkeypatch.setattr(watching, "look_at_all", shaky)
    at(DUE)
    assert one_look() == {"missed": 1}


def missed_at_all(ledger: Engine) -> set[str]:
    with ledger.connect() as connection:
        return {row["missed_at"] for row in clocks_of(connection, COUNTY) if row["missed_at"]}
