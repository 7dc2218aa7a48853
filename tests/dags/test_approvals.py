"""One form a batch and department: asked without naming anybody, recorded once, asked again when it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped, TaskAwaitingInput
from sqlalchemy import select
from tests.dags.conftest import context
from tests.stages.money_county import County, Line, make_county

from mianshen.core.approving import Turn
from mianshen.core.cases import Happening
from mianshen.core.days import ZONE
from mianshen.core.decisions import CHOICES
from mianshen.stages import apply, approve
from mianshen.warehouse.ledger import APPROVAL_BATCH, APPROVAL_ITEM, DECISION
from mianshen_airflow import approvals
from mianshen_airflow.approvals import (
    OPEN,
    DepartmentApprovalOperator,
    OpenApprovalsOperator,
    OpenedAgainOperator,
    batch_key,
    batches_told,
)
from mianshen_airflow.assets import assets_of

NAMES = ("欧阳测甲", "司马测乙", "诸葛测丙")
ANSWERED_AT = datetime(2026, 11, 4, 10, tzinfo=ZONE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Forms that were put up, instead of sending them to Airflow."""
    forms: list[dict[str, Any]] = []
    monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **form: forms.append(form))
    return forms


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    """Three items of the civil affairs office, all for a person."""
    made = make_county(tmp_path / "home", NAMES)
    made.with_pack(lambda pack: replace(pack, routing=tuple(replace(one, large_fen=0) for one in pack.routing)))
    made.assess([Line(name, f"e{number}", 1000 * (number + 1)) for number, name in enumerate(NAMES)])
    apply.run(made.job)
    monkeypatch.setenv("MIANSHEN_HOME", str(made.job.home.root))
    return made


def batch_of(county: County) -> str:
    with county.job.ledger.connect() as connection:
        return str(connection.execute(select(APPROVAL_BATCH.c.approval_batch_id)).scalar_one())


def ask(**options: Any) -> DepartmentApprovalOperator:
    return DepartmentApprovalOperator(
        task_id="ask_civil_affairs",
        pack="510118_xinjin",
        department_code="civil_affairs",
        department_name="区民政局",
        approver="approver_civil_affairs",
        **options,
    )


def asking(county: County, asked_for: str = "") -> dict[str, Any]:
    run = context()
    run["ti"].xcom_push(batch_key("civil_affairs"), asked_for or batch_of(county))
    return run


def answer(
    refusals: str = "",
    chosen: str = "同意",
    by: str = "approver_civil_affairs",
    *,
    agrees: str = "",
    returns: str = "",
    leaves_rest: bool = False,
) -> dict[str, Any]:
    return {
        "chosen_options": [chosen],
        "params_input": {"agrees": agrees, "refusals": refusals, "returns": returns, "rest_stays_open": leaves_rest},
        "responded_at": ANSWERED_AT,
        "responded_by_user": {"id": by, "name": by},
        "timedout": False,
    }


def decisions(county: County) -> dict[int, tuple[str, str, str]]:
    query = select(APPROVAL_ITEM.c.item_no, DECISION.c.outcome, DECISION.c.reason_code, DECISION.c.decided_by)
    joined = query.join(DECISION, DECISION.c.approval_item_id == APPROVAL_ITEM.c.approval_item_id)
    with county.job.ledger.connect() as connection:
        return {number: (outcome, code, by) for number, outcome, code, by in connection.execute(joined)}


def test_the_department_is_asked_and_the_task_waits_without_a_worker(county: County, asked: list[dict[str, Any]]) -> None:
    with pytest.raises(TaskAwaitingInput):
        ask().execute(asking(county))
    (form,) = asked
    assert form["options"] == list(CHOICES)
    assert [one["id"] for one in form["assigned_users"]] == ["approver_civil_affairs"]
    assert set(form["params"]) == {"agrees", "refusals", "returns", "rest_stays_open"}
    assert "3 件" in form["subject"]
    assert all(f"| {number} |" in form["body"] for number in (1, 2, 3))


def test_the_form_names_nobody(county: County, asked: list[dict[str, Any]]) -> None:
    with pytest.raises(TaskAwaitingInput):
        ask().execute(asking(county))
    shown = str(asked)
    assert not [name for name in NAMES if name in shown]
    assert not [key for key in county.people.values() if key in shown]
    assert "100999" not in shown
    assert ask().template_fields == (), "nothing of a form is rendered or kept as a rendered field"


def test_an_answer_is_recorded_as_that_person_s(county: County, asked: list[dict[str, Any]]) -> None:
    report = ask().execute_complete(asking(county), answer("2=IDENTITY_NOT_CONFIRMED"))
    assert report["counts"]["recorded"] == 3
    by = "approver_civil_affairs"
    assert decisions(county) == {
        1: ("agree", "CONFIRMED", by),
        2: ("refuse", "IDENTITY_NOT_CONFIRMED", by),
        3: ("agree", "CONFIRMED", by),
    }


def test_only_items_that_were_opened_one_by_one_count_as_looked_at(county: County, asked: list[dict[str, Any]]) -> None:
    ask().execute_complete(asking(county), answer("2=IDENTITY_NOT_CONFIRMED", agrees="3"))
    assert {number: (outcome, code) for number, (outcome, code, _) in decisions(county).items()} == {
        1: ("agree", "CONFIRMED"),
        2: ("refuse", "IDENTITY_NOT_CONFIRMED"),
        3: ("agree", "REVIEWED"),
    }
    with county.job.ledger.connect() as connection:
        assert sorted(connection.execute(select(DECISION.c.how)).scalars()) == ["bulk", "person", "person"]


@pytest.mark.parametrize("chosen", CHOICES)
def test_some_items_are_decided_and_the_rest_is_asked_for_by_a_new_form(
    county: County, asked: list[dict[str, Any]], chosen: str
) -> None:
    """Whatever button was pressed, only what is named was answered; the new form lists what is left, and nothing of before."""
    applied, run = assets_of("510118_xinjin").applied, asking(county)
    task = ask(tells=[applied])
    task.execute_complete(run, answer("2=IDENTITY_NOT_CONFIRMED", chosen, agrees="3", leaves_rest=True))
    assert {number: outcome for number, (outcome, _, _) in decisions(county).items()} == {2: "refuse", 3: "agree"}
    assert task.outlets == [applied] and run["outlet_events"][applied].extra == {"batches": [batch_of(county)]}
    with pytest.raises(TaskAwaitingInput):
        ask().execute(asking(county))
    (form,) = asked
    assert "1 件待审" in form["subject"] and "| 1 |" in form["body"] and "| 2 |" not in form["body"]
    last = ask(tells=[applied])
    last.execute_complete(asking(county), answer())
    assert len(decisions(county)) == 3 and last.outlets == [], "nothing is left: no run is started for it"


def test_leaving_the_rest_open_without_naming_an_item_is_asked_for_again(county: County, asked: list[dict[str, Any]]) -> None:
    with pytest.raises(TaskAwaitingInput):
        ask().execute_complete(asking(county), answer(leaves_rest=True))
    assert decisions(county) == {}


@pytest.mark.parametrize("agrees", ["4", "2", "x", "1=LIST_MATCH"])
def test_an_agreement_that_cannot_be_is_asked_for_again(county: County, asked: list[dict[str, Any]], agrees: str) -> None:
    """A number that is not in the batch, one that is refused beside it, no number, a reason that only the rule may give."""
    with pytest.raises(TaskAwaitingInput):
        ask().execute_complete(asking(county), answer("2=IDENTITY_NOT_CONFIRMED", agrees=agrees))
    assert decisions(county) == {}


def test_an_answer_that_comes_twice_changes_nothing(county: County, asked: list[dict[str, Any]]) -> None:
    ask().execute_complete(asking(county), answer())
    before = decisions(county)
    assert ask().execute_complete(asking(county), answer())["counts"]["recorded"] == 0
    assert decisions(county) == before


@pytest.mark.parametrize("written", ["2=NO_SUCH_REASON", "two", "9=IDENTITY_NOT_CONFIRMED"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(county: County, asked: list[dict[str, Any]], written: str) -> None:
    with pytest.raises(TaskAwaitingInput):
        ask().execute_complete(asking(county), answer(written))
    assert len(asked) == 1
    assert decisions(county) == {}


def test_a_batch_that_was_decided_is_not_asked_again(county: County, asked: list[dict[str, Any]]) -> None:
    ask().execute_complete(asking(county), answer())
    with pytest.raises(AirflowSkipException):
        ask().execute(asking(county))
    assert asked == []


def opened(county: County, told: list[dict[str, Any]] | None = None) -> tuple[dict[str, Any], OpenApprovalsOperator]:
    """The run after the rule decided, and its task."""
    task = OpenApprovalsOperator(
        task_id=OPEN, pack="510118_xinjin", county_code="510118", stages=(), departments=["civil_affairs", "disabled"]
    )
    return context(told=told), task


@pytest.mark.parametrize("told", [None, ["this"], ["this", "another"]])
def test_only_departments_with_a_batch_of_the_run_are_asked(county: County, told: list[str] | None) -> None:
    batch = batch_of(county)
    run, task = opened(county, told and [{"batches": [batch if one == "this" else "B0" for one in told]}])
    assert task.waiting(run) == {"civil_affairs": [batch]}


def test_a_batch_of_another_run_is_left_to_it(county: County) -> None:
    run, task = opened(county, [{"batches": ["B0"]}])
    assert task.waiting(run) == {}


def test_the_others_are_skipped_and_a_second_batch_is_told_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    run, task = opened(county)
    followed: list[list[str]] = []
    monkeypatch.setattr(task, "waiting", lambda _context: {"civil_affairs": ["B1", "B2"]})
    monkeypatch.setattr(task, "do_branch", lambda _context, branches: followed.append(branches))
    task.execute(run)
    assert run["ti"].xcoms[batch_key("civil_affairs")] == "B1"
    assert followed == [["ask_civil_affairs"]]
    assert task._news(run, ANSWERED_AT)["applied"].extra == {"batches": ["B2"]}


def test_a_run_started_by_hand_takes_everything() -> None:
    assert batches_told(context()) is None
    assert batches_told(context(told=[{"batches": ["B1"]}, {"batches": ["B2"]}, {}])) == {"B1", "B2"}


def test_what_papers_open_again_is_asked_for_by_one_run_of_its_own(county: County, asked: list[dict[str, Any]]) -> None:
    """Sent back, then the papers came: one form for that item alone; asked for once however often one looks; then never again."""
    ask().execute_complete(asking(county), answer("2=IDENTITY_NOT_CONFIRMED", returns="3=ACCOUNT_WANTED"))
    assert again(county) == [], "what waits for papers is nobody's turn"
    county.later(days=3)
    papers_come(county, 3)
    (started,) = again(county)
    (asking_again,) = started["conf"]["batches"]
    assert asking_again == f"{batch_of(county)}~{county.job.moment}"
    run, task = opened(county)
    run["dag_run"].conf = started["conf"]
    assert task.waiting(run) == {"civil_affairs": [asking_again]} == task.waiting(opened(county)[0])
    assert again(county, known=frozenset({started["trigger_run_id"]})) == [], "a run that stands is not started twice"
    with pytest.raises(TaskAwaitingInput):
        ask().execute(asking(county, asking_again))
    (form,) = asked
    assert "1 件待审" in form["subject"] and "\n| 3 |" in form["body"] and "\n| 1 |" not in form["body"]
    later = {"responded_at": county.job.as_of}
    ask().execute_complete(asking(county, asking_again), answer(returns="3=ACCOUNT_WANTED") | later)
    county.later(days=3)
    papers_come(county, 3)
    (next_one,) = again(county, known=frozenset({started["trigger_run_id"]}))
    assert next_one["trigger_run_id"] != started["trigger_run_id"], "sent back once more, it is asked for once more"
    ask().execute_complete(asking(county, *next_one["conf"]["batches"]), answer() | {"responded_at": county.job.as_of})
    assert again(county) == []


def test_a_form_of_before_decides_nothing_that_was_opened_again_since(county: County, asked: list[dict[str, Any]]) -> None:
    """Its text never showed that the papers came: whoever agrees to it has not seen them; and it cannot name the item either."""
    ask().execute_complete(asking(county), answer(agrees="1", returns="3=ACCOUNT_WANTED", leaves_rest=True))
    county.later(days=3)
    papers_come(county, 3)
    late = {"responded_at": county.job.as_of}
    with pytest.raises(TaskAwaitingInput):
        ask().execute_complete(asking(county), answer("3=IDENTITY_NOT_CONFIRMED") | late)
    ask().execute_complete(asking(county), answer() | late)
    assert sorted(decisions(county)) == [1, 2]
    (started,) = again(county)
    ask().execute_complete(asking(county, *started["conf"]["batches"]), answer() | late)
    assert sorted(decisions(county)) == [1, 2, 3]


def papers_come(county: County, number: int) -> None:
    turn = Turn(Happening.RESUMED, "li", "civil_affairs", county.job.as_of)
    assert approve.turn_items(county.job, batch_of(county), [number], turn).counts["turned"] == 1


def again(county: County, *, known: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The runs that ask for what was opened again, where these were started before."""
    run = context()
    run["ti"].get_dr_count = lambda dag_id, run_ids: len(known & set(run_ids))
    return OpenedAgainOperator(task_id="again", county_code="510118", asks="510118_xinjin__approve").execute(run)


def test_branching_ends_with_airflow_s_own_signal() -> None:
    assert issubclass(DownstreamTasksSkipped, Exception)
    assert approvals.OpenApprovalsOperator.inherits_from_skipmixin
