"""Only a department's own login answers for it, under office logins as under the demo's; answering gives no right to a DAG."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from tests.conftest import ROOT

from mianshen.policy.packs import load_pack
from mianshen_airflow import defaults

with warnings.catch_warnings():  # Airflow's own FAB provider imports what its web framework is about to drop
    warnings.simplefilter("ignore")
    from mianshen_airflow.auth import OfficeFabAuthManager

APPROVER = {("GET", "DAGs"), ("GET", "HITL Detail"), ("PUT", "HITL Detail")}
"""What include/access/airflow-roles.yaml gives the role, as far as forms go."""


class Manager(OfficeFabAuthManager):
    """With rights in a set instead of FAB's tables."""

    def __init__(self) -> None:
        """No FAB application."""

    def _is_authorized(self, *, method: Any, resource_type: str, user: Any) -> bool:
        return (method, resource_type) in user.rights


def user(login: str, number: int, rights: set[tuple[str, str]]) -> Any:
    return SimpleNamespace(get_name=lambda: login, get_id=lambda: number, rights=rights)


def test_the_login_decides_and_not_the_number_of_the_account() -> None:
    approver = user("approver_union", 7, APPROVER)
    assert Manager().is_authorized_hitl_task(assigned_users={"approver_union"}, user=approver)
    assert not Manager().is_authorized_hitl_task(assigned_users={"7"}, user=approver)
    assert not Manager().is_authorized_hitl_task(assigned_users={"approver_union"}, user=user("admin", 1, APPROVER))


@pytest.mark.parametrize("missing", sorted(APPROVER))
def test_an_answer_needs_every_right_of_the_role(missing: tuple[str, str]) -> None:
    details = DagDetails(id="510118_xinjin__approve")
    asked: dict[str, Any] = {"method": "PUT", "access_entity": DagAccessEntity.HITL_DETAIL, "details": details}
    assert Manager().is_authorized_dag(user=user("approver_union", 7, APPROVER), **asked)
    assert not Manager().is_authorized_dag(user=user("approver_union", 7, APPROVER - {missing}), **asked)


@pytest.mark.parametrize("entity", [None, DagAccessEntity.RUN, DagAccessEntity.TASK_INSTANCE, DagAccessEntity.XCOM])
def test_who_answers_may_not_run_or_clear_anything(entity: DagAccessEntity | None) -> None:
    approver = user("approver_union", 7, APPROVER)
    assert not Manager().is_authorized_dag(method="PUT", user=approver, access_entity=entity)


def test_compose_names_this_manager() -> None:
    environment = yaml.safe_load(Path(ROOT, "docker-compose.yaml").read_text("utf-8"))["x-airflow"]["environment"]
    where = f"{OfficeFabAuthManager.__module__}.{OfficeFabAuthManager.__qualname__}"
    assert environment["AIRFLOW__CORE__AUTH_MANAGER"] == where


def test_every_department_of_a_pack_has_a_login_of_its_own() -> None:
    logins = [one.approver for one in load_pack("510118_xinjin", on=defaults.now().date()).departments]
    assert len(set(logins)) == len(logins)
