"""A task runs its stages as of its run, tells only what is news, and hands on only what is not watched yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from tests.dags.conftest import COUNTY, STARTED, context

from mianshen.core.paths import Home
from mianshen.stages import catalogue
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse.ledger import DELIVERY, RUN
from mianshen_airflow import news
from mianshen_airflow.assets import assets_of
from mianshen_airflow.news import Tidings, tell
from mianshen_airflow.operators import StageOperator

PACK = "510118_xinjin"
ASSETS = assets_of(PACK)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that a recording stage was given."""
    given: list[Job] = []

    def stage(job: Job) -> StageReport:
        given.append(job)
        return StageReport("record", None, {"rows": 1}, ("一行。 One line.",))

    monkeypatch.setattr(catalogue, "STAGES", {"record": stage})
    return given


def task(**options: Any) -> StageOperator:
    return StageOperator(task_id="record", pack=PACK, county_code=COUNTY, **({"stages": ("record",)} | options))


def deliver(ledger: Engine, period: str, *, feed: str = "settlement", state: str = "ACCEPTED", at: datetime = STARTED) -> None:
    """A delivery, accepted by a run of that moment."""
    moment = at.isoformat(timespec="seconds")
    text = dict.fromkeys(("department_code", "file_name"), "x")
    counts = dict.fromkeys(("size_bytes", "rows_in", "rows_accepted", "rows_quarantined", "rows_ignored"), 0)
    run = dict.fromkeys(("month", "tables", "inputs", "policy_hash", "code_hash"), "")
    with ledger.begin() as connection:
        number = connection.exec_driver_sql("select count(*) from run").scalar_one() + 1
        connection.execute(
            insert(RUN).values(
                **run, run_id=f"R{number}", run_no=number, stage="validate", county_code=COUNTY, as_of=moment,
                rows_in=0, rows_out=0, fen_in=0, fen_out=0,
            )
        )  # fmt: skip
        connection.execute(
            insert(DELIVERY).values(
                **text, **counts, delivery_id=f"D{number}", county_code=COUNTY, feed=feed, version=1, received_at=moment,
                list_code=feed if feed == "settlement" else "canlian_zhongdu", partition=period, content_sha256=f"{number}",
                state=state, staged_run_id=f"R{number}",
            )
        )  # fmt: skip


def test_stages_run_as_of_the_run_and_report_numbers(home: Home, jobs: list[Job]) -> None:
    run = context(run_after=STARTED)
    assert task().execute(run) is None
    assert [(job.as_of, str(job.month)) for job in jobs] == [(STARTED, "2026-10")]
    assert run["ti"].xcoms["reports"] == [
        {"stage": "record", "run_id": None, "counts": {"rows": 1}, "notes": ["一行。 One line."]}
    ]


def test_no_work_is_done_as_of_an_earlier_moment_than_the_ledger_knows(ledger: Engine, jobs: list[Job]) -> None:
    later = STARTED + timedelta(hours=3)
    deliver(ledger, "2026-10-05", at=later)
    task().execute(context(run_after=STARTED))
    assert jobs[0].as_of == later


def test_a_fixed_moment_stands_for_every_task(ledger: Engine, jobs: list[Job], at: Callable[[datetime], None]) -> None:
    deliver(ledger, "2026-10-05", at=STARTED + timedelta(hours=3))
    at(STARTED - timedelta(days=1))
    task().execute(context(run_after=STARTED))
    assert jobs[0].as_of == STARTED - timedelta(days=1)


def test_one_wake_up_takes_every_day_and_each_benefit_year_once(ledger: Engine, jobs: list[Job]) -> None:
    for period in ("2025-12-30", "2025-12-31", "2026-01-02", "2026-09-30", "2026-10-31"):
        deliver(ledger, period)
    task(each_year=True).execute(context(run_after=STARTED))
    assert [str(job.month) for job in jobs] == ["2025-12", "2026-10"]


def test_an_earlier_year_is_left_alone_when_nothing_of_it_came(ledger: Engine, jobs: list[Job]) -> None:
    deliver(ledger, "2025-12-31", at=STARTED - timedelta(days=30))
    deliver(ledger, "2026-10-31")
    task(each_year=True).execute(context(run_after=STARTED))
    assert [str(job.month) for job in jobs] == ["2026-10"]


def test_a_month_that_has_not_come_decides_nothing(ledger: Engine, jobs: list[Job]) -> None:
    deliver(ledger, "2026-10-31")
    deliver(ledger, "2027-09-01")
    task(each_year=True).execute(context(run_after=STARTED))
    assert [str(job.month) for job in jobs] == ["2026-10"]


def test_nothing_landed_wakes_nobody(ledger: Engine) -> None:
    with ledger.connect() as connection:
        assert news.landed(connection, COUNTY, STARTED) == {}
    deliver(ledger, "2026-10-05", state="RECEIVED")
    with ledger.connect() as connection:
        assert set(news.landed(connection, COUNTY, STARTED)) == {"landed"}


def test_accepted_data_are_told_by_day_and_list_from_the_live_month_on(ledger: Engine) -> None:
    deliver(ledger, "2026-09-30")
    deliver(ledger, "2026-10-05")
    deliver(ledger, "2026-10", feed="roster")
    deliver(ledger, "2026-10-04", at=STARTED - timedelta(days=2))
    with ledger.connect() as connection:
        told = news.accepted(connection, COUNTY, STARTED)
    assert told["settlements"].partitions == ("2026-10-05",)
    assert told["rosters"].partitions == ("510118|canlian_zhongdu|2026-10",)


def test_only_assets_with_news_emit_an_event() -> None:
    run = context()
    kept = tell(run, outlets=[ASSETS.settlements, ASSETS.rosters, ASSETS.landed], news={"rosters": Tidings(("a|b|c",))})
    assert kept == [ASSETS.rosters]
    assert run["outlet_events"][ASSETS.rosters].partitions == ["a|b|c"]
    assert ASSETS.landed not in run["outlet_events"]


def test_a_task_without_news_keeps_no_outlet(home: Home, jobs: list[Job]) -> None:
    silent = task(tells=[ASSETS.landed], teller=news.landed)
    silent.execute(context())
    assert silent.outlets == []


def test_what_is_watched_already_is_not_started_again(ledger: Engine, clock: str, jobs: list[Job]) -> None:
    run = context(run_after=STARTED)
    (started,) = task(watches="x__deadlines").execute(run)
    assert started["trigger_run_id"] == "trigger_relief~20261102T090000"
    assert started["conf"]["due_at"] == "2026-11-06T00:00:00+08:00"
    run["ti"].get_dr_count = lambda dag_id, run_ids: 1
    assert task(watches="x__deadlines").execute(run) == []
