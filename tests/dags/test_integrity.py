"""Every county's DAGs parse fast, carry their law's deadlines, never run twice at once and never pay for a person's slowness."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, BaseOperator
from airflow.serialization.serialized_objects import DagSerialization
from tests.architecture.sources import DAGS

from mianshen.core.clocks import TimeLimit
from mianshen.core.redaction import BLOT
from mianshen.policy.packs import load_pack, pack_names
from mianshen_airflow import cards, defaults
from mianshen_airflow.approvals import DepartmentApprovalOperator
from mianshen_airflow.cards import card_from, card_of
from mianshen_airflow.operators import StageOperator
from mianshen_airflow.sensors import WorkingDayDeadlineSensor
from mianshen_airflow.wiring import county_dags

STEPS = ("fetch", "receive", "rosters", "deadlines", "trigger", "approve", "pay", "stop", "supervise")
ALL = sorted(path.stem for path in DAGS.glob("*.py"))
PACKS = [one for one in ALL if card_of(one).pays_relief]
CASES_ONLY = sorted(set(ALL) - set(PACKS))
CASE_STEPS = ("handle", "deadlines", "supervise")
MANY_AT_ONCE = {"approve", "deadlines"}
"""These wait for people and for due moments, for days."""
LIMITED = {"trigger": "trigger_relief", "approve": "approve_relief", "pay": "pay_relief"}
HEAVY = ("duckdb", "pandas", "great_expectations", "numpy", "weasyprint", "fastapi")


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(DAGS)


def dag(bag: DagBag, pack: str, step: str) -> DAG:
    return bag.dags[f"{pack}__{step}"]


def operators(one: DAG) -> list[BaseOperator]:
    return [task for task in one.tasks if isinstance(task, BaseOperator)]


def test_nothing_fails_to_import(bag: DagBag) -> None:
    assert bag.import_errors == {}


def test_every_dag_file_is_a_pack_and_has_every_step(bag: DagBag) -> None:
    assert set(PACKS) <= set(pack_names())
    assert {"510118_xinjin", "320902_tinghu", "360981_fengcheng"} <= set(PACKS)
    assert CASES_ONLY == ["360702_zhanggong", "420281_daye"]
    relief = [f"{pack}__{step}" for pack in PACKS for step in STEPS]
    cases = [f"{pack}__{step}" for pack in CASES_ONLY for step in CASE_STEPS]
    received = [f"{pack}__receive" for pack in CASES_ONLY if card_of(pack).is_delivered_to]
    assert sorted(bag.dags) == sorted([*relief, *cases, *received])


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("step", STEPS)
def test_how_a_dag_runs(bag: DagBag, pack: str, step: str) -> None:
    one = dag(bag, pack, step)
    assert one.max_active_runs == 1 or step in MANY_AT_ONCE
    assert not one.catchup
    assert one.dag_display_name.startswith(card_of(pack).county_name_zh)
    assert card_of(pack).county_name_zh in one.tags
    assert one.start_date is not None
    assert one.start_date.tzinfo is not None
    for task in one.tasks:
        assert task.retries >= 1, task.task_id
        assert any("\u4e00" <= character <= "\u9fff" for character in task.task_display_name), task.task_id


@pytest.mark.parametrize("pack", PACKS)
def test_the_scheduler_reads_back_what_was_written(bag: DagBag, pack: str) -> None:
    for step in STEPS:
        written = json.loads(json.dumps(DagSerialization.to_dict(dag(bag, pack, step))))
        again = DagSerialization.from_dict(written)
        assert again.dag_id == f"{pack}__{step}"
        assert {task.task_id for task in again.tasks} == set(dag(bag, pack, step).task_ids)


@pytest.mark.parametrize("pack", PACKS)
def test_every_statutory_step_shows_its_deadline(bag: DagBag, pack: str) -> None:
    limits = {code for code, _ in card_of(pack).limits}
    for step, code in LIMITED.items():
        assert code in limits, f"{pack} has no time limit {code}"
        (alert,) = dag(bag, pack, step).deadline or []
        assert (alert.reference.pack, alert.reference.limit_code) == (pack, code)
        assert alert.name == card_of(pack).limit_name(code)


@pytest.mark.parametrize("pack", PACKS)
def test_every_list_and_every_limit_has_a_native_deadline_under_its_own_name(bag: DagBag, pack: str) -> None:
    alerts = dag(bag, pack, "deadlines").deadline or []
    watched = {(one.reference.limit_code, one.reference.list_code): one.name for one in alerts}
    lists = card_of(pack).lists
    assert {("roster_due", one.list_code) for one in lists} <= set(watched)
    assert {(code, "") for code, _ in card_of(pack).limits} <= set(watched)
    for one in lists:
        name = watched["roster_due", one.list_code]
        assert name is not None
        assert one.department_name_zh in name, "the page of deadlines names who is late"
    assert len(set(watched.values())) == len(watched)


@pytest.mark.parametrize("pack", PACKS)
def test_one_form_for_every_department_that_decides(bag: DagBag, pack: str) -> None:
    asked = [task for task in operators(dag(bag, pack, "approve")) if isinstance(task, DepartmentApprovalOperator)]
    loaded = load_pack(pack, on=defaults.now().date())
    assert {task.department_code for task in asked} == {one.department_code for one in loaded.routing}
    for task in asked:
        approver = loaded.department(task.department_code).approver
        assert [one["id"] for one in task.assigned_users or []] == [approver]
        assert task.upstream_task_ids == {"open"}, "departments are asked at the same time"
        assert task.downstream_task_ids == {"close"}


@pytest.mark.parametrize("pack", PACKS)
def test_a_department_that_does_not_answer_stops_neither_the_others_nor_the_next_batch(bag: DagBag, pack: str) -> None:
    approve = dag(bag, pack, "approve")
    assert approve.max_active_runs >= 30, "more batches than a limit has working days"
    assert approve.get_task("close").trigger_rule == "all_done"
    assert dag(bag, pack, "pay").timetable.timetable.at.hour == 16, "what others decided is paid on every working day"


@pytest.mark.parametrize("pack", PACKS)
def test_what_wakes_what(bag: DagBag, pack: str) -> None:
    woken = {step: _assets(dag(bag, pack, step)) for step in STEPS}
    assert woken == {
        "fetch": set(),
        "receive": {"inbox"},
        "rosters": {"rosters"},
        "deadlines": set(),
        "trigger": {"landed", "overdue"},
        "approve": {"applied"},
        "pay": {"decided"},
        "stop": set(),
        "supervise": {"paid", "overdue", "missed"},
    }
    told = {asset.name.rsplit(".", 1)[-1] for step in STEPS for task in dag(bag, pack, step).tasks for asset in task.outlets}
    assert told | {"inbox", "missed"} >= set().union(*woken.values()), "somebody tells everything that somebody waits for"


def _assets(one: DAG) -> set[str]:
    condition: Any = getattr(DagSerialization.from_dict(DagSerialization.to_dict(one)).timetable, "asset_condition", None)
    return {key.name.rsplit(".", 1)[-1] for key, _ in condition.iter_assets()} if condition else set()


@pytest.mark.parametrize("pack", PACKS)
def test_the_chain_stands_task_by_task(bag: DagBag, pack: str) -> None:
    order = [task.task_id for task in dag(bag, pack, "trigger").topological_sort()]
    assert order[:5] == ["deidentify", "validate", "profile", "assess", "apply"]
    assert set(order[5:]) == {"watch", "again", "ask_again"} and order.index("again") < order.index("ask_again")
    assert [task.task_id for task in dag(bag, pack, "pay").topological_sort()] == [
        "reconcile",
        "correct",
        "pay",
        "disclose",
        "tell",
    ]


@pytest.mark.parametrize("pack", PACKS)
def test_every_stage_that_a_task_names_stands_in_the_catalogue(bag: DagBag, pack: str) -> None:
    from mianshen.stages.catalogue import STAGES

    named = [
        name
        for step in STEPS
        for task in operators(dag(bag, pack, step))
        if isinstance(task, StageOperator)
        for name in task.stages
    ]
    assert sorted(named) == sorted(STAGES), "each stage has one task"


@pytest.mark.parametrize("pack", PACKS)
def test_the_task_that_judges_batches_leads_to_their_quality_report(bag: DagBag, pack: str) -> None:
    linked = {task.task_id: task for task in operators(dag(bag, pack, "trigger")) if task.operator_extra_links}
    (link,) = linked["validate"].operator_extra_links
    assert linked.keys() == {"validate"}
    assert link.get_link(linked["validate"], ti_key=None) == f"/mianshen/quality/{pack}/index.html"


@pytest.mark.parametrize("pack", PACKS)
def test_the_task_that_makes_the_portrait_report_leads_to_it(bag: DagBag, pack: str) -> None:
    (task,) = [one for one in operators(dag(bag, pack, "supervise")) if one.operator_extra_links]
    links = [one.get_link(task, ti_key=None) for one in task.operator_extra_links]
    assert (task.task_id, links) == ("report", [f"/mianshen/portrait/{pack}"])


@pytest.mark.parametrize("pack", PACKS)
def test_no_task_keeps_a_worker_while_it_waits_for_a_due_moment(bag: DagBag, pack: str) -> None:
    (watch,) = operators(dag(bag, pack, "deadlines"))
    assert isinstance(watch, WorkingDayDeadlineSensor)
    assert watch.deferrable


def test_our_operators_render_no_field(bag: DagBag) -> None:
    for one in bag.dags.values():
        for task in operators(one):
            assert tuple(task.template_fields) == (), f"{one.dag_id}.{task.task_id} keeps what it renders"


def test_parsing_is_fast_and_light(bag: DagBag) -> None:
    """In a process of its own, once the cards are written."""
    code = f"""
import sys, time
import airflow.sdk
from mianshen_airflow.wiring import county_dags
began = time.process_time()
for pack in {PACKS!r}:
    county_dags(pack)
print(time.process_time() - began, [name for name in {HEAVY!r} if name in sys.modules])
"""
    command = [sys.executable, "-W", "ignore", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    seconds, heavy = ended.stdout.strip().splitlines()[-1].split(" ", 1)
    assert float(seconds) < 2 * len(PACKS)
    assert heavy == "[]"


def test_a_card_says_what_its_pack_says() -> None:
    for pack in PACKS:
        assert card_of(pack) == card_from(load_pack(pack, on=defaults.now().date()))


def test_a_card_is_read_again_when_a_page_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    made: list[str] = []
    real = cards._make
    monkeypatch.setattr(cards, "_make", lambda pack: made.append(pack) or real(pack))
    stamp = ["one"]
    monkeypatch.setattr(cards, "_stamp", lambda *folders: stamp[0])
    assert card_of(PACKS[0]) == card_of(PACKS[0])
    assert made == PACKS[:1]
    stamp[0] = "two"
    card_of(PACKS[0])
    assert made == PACKS[:1] * 2
    assert len(list((tmp_path / "mianshen_cards").iterdir())) == 1, "the old card is gone"


def test_a_damaged_card_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    whole = card_of(PACKS[0])
    (kept,) = (tmp_path / "mianshen_cards").iterdir()
    kept.write_text('{"pack": "half', encoding="utf-8")
    assert card_of(PACKS[0]) == whole


def test_a_pack_without_a_limit_has_no_native_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = load_pack(PACKS[0], on=defaults.now().date())
    without: tuple[TimeLimit, ...] = tuple(one for one in pack.time_limits if one.code != "approve_relief")
    monkeypatch.setattr("mianshen_airflow.wiring.card_of", lambda name: card_from(_changed(pack, without)))
    made = county_dags(PACKS[0])
    assert made[f"{PACKS[0]}__approve"].deadline in (None, [])
    assert made[f"{PACKS[0]}__pay"].deadline


def _changed(pack: Any, limits: tuple[TimeLimit, ...]) -> Any:
    from dataclasses import replace

    return replace(pack, time_limits=limits)


def test_a_component_that_starts_imports_the_stages_and_a_task_does_not() -> None:
    """In a process of its own: forked tasks inherit what their component imported."""
    code = """
import sys
from airflow.jobs.job import Job
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker
from mianshen_airflow.listeners import on_starting
on_starting(TaskRunnerMarker())
seen = ["mianshen.stages.catalogue" in sys.modules]
Job()
print(seen + ["mianshen.stages.catalogue" in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.strip().splitlines()[-1] == "[False, True]"


def test_a_running_task_redacts_its_log() -> None:
    code = """
import logging, sys
from mianshen_airflow.listeners import on_task_instance_running
logger, number = logging.Logger("task"), "1" * 11
logger.addHandler(logging.StreamHandler(sys.stdout))
logger.warning("phone %s", number)
on_task_instance_running()
logger.warning("phone %s", number)
"""
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.strip().splitlines()[-2:] == ["phone 11111111111", f"phone {BLOT}"]
