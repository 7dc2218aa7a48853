"""An office's logins: Airflow's FAB accounts, with a department's approver known by his login name.

The demo uses Airflow's simple logins, which are no logins for real use; an office sets `[core] auth_manager` to
`mianshen_airflow.auth.OfficeFabAuthManager` and `[fab] custom_roles` as docker-compose.yaml does.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.www.security.permissions import RESOURCE_HITL_DETAIL


class OfficeFabAuthManager(FabAuthManager):
    """FAB's accounts; a required action is assigned to login names, not to the numbers of FAB's user table."""

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: Any) -> bool:
        """Whether the user's login name is among the assigned ones; an administrator's is not, unless it is named."""
        return user.get_name() in assigned_users

    def is_authorized_dag(
        self, *, method: Any, user: Any, access_entity: DagAccessEntity | None = None, details: Any = None
    ) -> bool:
        """As FAB says, but a required action is answered by whoever may read its DAG and edit required actions.

        FAB asks for the right to edit the DAG itself, which would let a department's clerk run and clear what he decides on.
        """
        if access_entity is not DagAccessEntity.HITL_DETAIL or method == "GET":
            return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
        reads = super().is_authorized_dag(method="GET", user=user, access_entity=access_entity, details=details)
        return reads and self._is_authorized(method=method, resource_type=RESOURCE_HITL_DETAIL, user=user)
