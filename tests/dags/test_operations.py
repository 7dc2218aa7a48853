"""The page of the engineer on call: each feed and month with whom it waits for, and the safe re-run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, insert
from tests.dags.conftest import COUNTY, DUE, Browser
from tests.dags.test_ahead import open_clock
from tests.dags.test_deadlines import PACK

from mianshen.core.paths import Home
from mianshen.stages.catalogue import STAGES
from mianshen.warehouse.alarms import claim, digest_id
from mianshen.warehouse.clock_store import record_event
from mianshen.warehouse.clock_watch import record_misses
from mianshen.warehouse.ledger import DELIVERY
from mianshen_airflow import defaults, wiring
from mianshen_airflow.cards import card_of
from mianshen_airflow.pages.operations import CASES_ONLY, DELIVERED, STEPS, steps_of

NOW = datetime(2026, 11, 20, 9, tzinfo=DUE.tzinfo)
PARTS = {
    ("settlement", "2026-10-01"): ["ACCEPTED"],
    ("settlement", "2026-10-02"): ["REJECTED", "ACCEPTED"],
    ("settlement", "2026-11-01"): ["ACCEPTED"],
    ("settlement", "2026-11-02"): ["ACCEPTED", "HELD"],
    ("settlement", "2026-11-03"): ["KEYED"],
    ("minzheng_shehuijiuzhu", "2026-10"): ["SUPERSEDED", "ACCEPTED"],
    ("minzheng_shehuijiuzhu", "2026-11"): ["REJECTED"],
    ("canlian_zhongdu", "2026-11"): ["RECEIVED"],
    ("weijian_jisheng", "2026-10"): ["WITHDRAWN"],
    ("settlement", "2025-01-01"): ["HELD"],
}
"""States of the deliveries of each part, in the order in which they came."""


@pytest.fixture
def feeds(ledger: Engine, at: Callable[[datetime], None]) -> None:
    """Feeds in every state; one list is expected and has not come, one came late."""
    at(NOW)
    counts = dict.fromkeys(("size_bytes", "rows_in", "rows_accepted", "rows_quarantined", "rows_ignored"), 0)
    with ledger.begin() as connection:
        for (list_code, partition), states in PARTS.items():
            for version, state in enumerate(states, 1):
                key = f"D-{list_code}-{partition}-{version}"
                reason = {"REJECTED": "HEADER_CHANGED", "HELD": "SNAPSHOT_DROP"}.get(state)
                row = {"feed": "list", "list_code": list_code, "partition": partition, "state": state, "reason_code": reason}
                moment = f"2026-11-19T0{version}:00:00+08:00"
                connection.execute(
                    insert(DELIVERY).values(
                        **counts, **row, delivery_id=key, county_code=COUNTY, department_code="civil_affairs", version=version,
                        content_sha256=key, file_name="x", received_at=moment,
                    )
                )  # fmt: skip
        open_clock(connection, "tekun|2026-11", holder="civil_affairs", due_on=date(2026, 11, 5), kind="list")
        came = open_clock(connection, "canlian_zhongdu|2026-11", holder="disabled", due_on=date(2026, 11, 25), kind="list")
        record_event(connection, came, event="closed", at=NOW)


def test_each_feed_and_month_says_whom_it_waits_for(supervisor: Browser, feeds: None) -> None:
    found = supervisor.get("/api/operations", params={"county": PACK}).json()
    assert {(one["list_code"], one["month"]): (one["state"], one["waits_for"]) for one in found} == {
        ("settlement", "2026-10"): ("ACCEPTED", "nobody"),
        ("settlement", "2026-11"): ("HELD", "bureau"),
        ("minzheng_shehuijiuzhu", "2026-10"): ("ACCEPTED", "nobody"),
        ("minzheng_shehuijiuzhu", "2026-11"): ("REJECTED", "sender"),
        ("canlian_zhongdu", "2026-11"): ("RECEIVED", "machine"),
        ("weijian_jisheng", "2026-10"): ("WITHDRAWN", "sender"),
        ("tekun", "2026-11"): ("MISSING", "sender"),
    }, "what was sent again is no longer waited for, what is older than six months is not shown"
    whole = next(one for one in found if one["list_code"] == "settlement" and one["month"] == "2026-11")
    assert (whole["parts"], whole["settled"], whole["delivery_id"]) == (3, 1, "D-settlement-2026-11-02-2")


def test_each_has_its_safe_re_run(supervisor: Browser, feeds: None) -> None:
    page = supervisor.get("/operations", params={"county": PACK}).text
    todo = page[page.index("等谁、怎么办") : page.index("各阶段最近一次运行")]
    assert "mianshen delivery release D-settlement-2026-11-02-2" in todo, "what is held is released by a person"
    assert f'href="/dags/{PACK}__trigger"' in todo and f"mianshen run --pack {PACK} --month 2026-11 --until validate" in todo
    assert "HEADER_CHANGED" not in todo and "表头" in todo, "the reason in words, with what to do"
    assert todo.count("报送部门") == 3 and "区民政局" in todo
    assert "2026-10</td>" in todo and todo.count("<tr>") == 6, "five wait, under one heading"


def test_files_that_nobody_took_in_are_counted(supervisor: Browser, feeds: None) -> None:
    assert "收件目录里有" not in supervisor.get("/operations").text
    inbox = defaults.home().inbox(PACK)
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "settlement_202611.zip").write_bytes(b"x")
    page = supervisor.get("/operations").text
    assert "收件目录里有 1 个文件未接收" in page and f'href="/dags/{PACK}__receive"' in page
    assert "settlement_202611" not in page, "a file's name may name a person"


def test_a_notification_that_nobody_knows_of_says_how_it_is_settled(supervisor: Browser, feeds: None, ledger: Engine) -> None:
    assert "clock told" not in supervisor.get("/operations").text
    with ledger.begin() as connection:
        record_misses(connection, COUNTY, as_of=NOW)
        claimed = claim(connection, COUNTY, channel="mailto|0011", at=NOW.isoformat())
    page = supervisor.get("/operations").text
    assert claimed and f"mianshen clock told {digest_id(claimed)} --pack {PACK}" in page


def test_every_stage_of_the_chain_names_the_dag_that_runs_it_again(supervisor: Browser, feeds: None) -> None:
    assert {stage for stages in STEPS.values() for stage in stages} == set(STAGES)
    page = supervisor.get("/operations").text
    for step in STEPS:
        assert f'href="/dags/{PACK}__{step}"' in page


@pytest.mark.parametrize(
    ("pays_relief", "is_delivered_to", "steps"),
    [(True, True, STEPS), (False, False, CASES_ONLY), (False, True, DELIVERED)],
)
def test_every_link_leads_to_a_dag_that_the_county_has(
    home: Home, monkeypatch: pytest.MonkeyPatch, pays_relief: bool, is_delivered_to: bool, steps: dict[str, tuple[str, ...]]
) -> None:
    card = replace(card_of(PACK), pays_relief=pays_relief, is_delivered_to=is_delivered_to)
    assert steps_of(card) == steps
    monkeypatch.setattr(wiring, "card_of", lambda _: card)
    dags = wiring.county_dags(PACK)
    ran = {step: {stage for task in dags[f"{PACK}__{step}"].tasks for stage in getattr(task, "stages", ())} for step in steps}
    assert all(set(stages) <= ran[step] for step, stages in steps.items())
