"""Stopping and resuming payments from the UI: in the name of who started the run, refused where the command would refuse it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import select
from tests.dags.conftest import context
from tests.stages.money_county import PACK, County, make_county

from mianshen.warehouse import audit, stops
from mianshen.warehouse.ledger import PAYMENT_STOP
from mianshen_airflow.stopping import RESUME, STOP, PaymentStopOperator, stop_form
from mianshen_airflow.wiring import county_dags


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    made = make_county(tmp_path / "home", ["陈一"])
    monkeypatch.setenv("MIANSHEN_HOME", str(made.job.home.root))
    monkeypatch.setenv("MIANSHEN_AS_OF", made.job.moment)
    return made


def run(by: str | None, **form: Any) -> dict[str, Any]:
    """One run of the DAG with this form, started by this login."""
    started = context()
    started["dag_run"].triggering_user_name = by
    started["params"] = {name: field.value for name, field in stop_form().items()} | form
    return PaymentStopOperator(task_id="stop", pack=PACK).execute(started)


def standing(county: County) -> list[str]:
    with county.job.ledger.connect() as connection:
        return [row["stop_id"] for row in stops.standing(connection, county_code=county.job.county_code)]


def test_a_county_is_stopped_and_resumed_by_two_people(county: County) -> None:
    put = run("supervisor_wang", reason="接到举报")
    assert (put["scope"], put["subject_id"]) == ("county", county.job.county_code)
    assert standing(county) == [put["stop_id"]]
    with pytest.raises(AirflowFailException, match="MAKER_IS_CHECKER"):
        run("supervisor_wang", act=RESUME, subject=put["stop_id"], reason="已查清")
    run("engineer_li", act=RESUME, subject=put["stop_id"], reason="已查清")
    assert standing(county) == []
    with county.job.ledger.connect() as connection:
        said = [(row["action"], row["actor"]) for row in audit.rows_of(connection)]
        assert connection.execute(select(PAYMENT_STOP.c.stopped_by)).scalar_one() == "supervisor_wang"
    assert said[-2:] == [("payment.stopped", "supervisor_wang"), ("payment.resumed", "engineer_li")]


@pytest.mark.parametrize(
    ("by", "form", "why"),
    [
        (None, {"reason": "接到举报"}, "a person"),
        ("wang", {"reason": " "}, "CASE_REASON"),
        ("wang", {"scope": "资金", "reason": "接到举报"}, "STOP_SUBJECT"),
        ("wang", {"scope": "资金", "subject": "nowhere", "reason": "接到举报"}, "STOP_SUBJECT"),
        ("wang", {"act": RESUME, "subject": "S0", "reason": "已查清"}, "STOP_UNKNOWN"),
    ],
)
def test_what_cannot_be_fails_at_once_and_changes_nothing(county: County, by: str | None, form: dict[str, Any], why: str) -> None:
    with pytest.raises(AirflowFailException, match=why):
        run(by, **form)
    assert standing(county) == []


def test_the_form_is_the_dag_s_and_no_schedule_ever_stops_anybody(county: County) -> None:
    dag = county_dags(PACK)[f"{PACK}__stop"]
    assert set(dag.params) == set(stop_form())
    assert (dag.schedule, dag.params["act"]) == (None, STOP)
