"""Who may do what on the pages, asked of Airflow's auth manager: everybody who is signed in reads, few act.

Supervisors judge: they may add to Airflow's audit log (`can_create` on `Audit Logs`). A department answers for itself alone:
whoever may answer required actions (`can_edit` on `HITL Detail`) under the login that the pack names for it. Nobody judges a
county in which he answers for a department.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends

from mianshen_airflow.cards import Card

JUDGING = ("POST", "Audit Logs")
"""Method and Airflow resource that a supervisor needs in order to act."""
ANSWERING = ("PUT", "HITL Detail")
"""The same for a department's login."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in."""

    login: str
    """Name of the account; it stands as actor behind every act."""
    may_judge: bool
    """Whether Airflow lets the account judge."""
    may_answer: bool
    """Whether Airflow lets the account answer for a department."""

    def judges(self, card: Card) -> bool:
        """Whether the account may judge in this county: not where it answers for a department."""
        return self.may_judge and self.login not in dict(card.logins).values()

    def answers_for(self, card: Card) -> str | None:
        """Code of the department that the account answers for in this county; None for no department."""
        if not self.may_answer:
            return None
        return next((code for code, login in card.logins if login == self.login), None)


async def reading(user: GetUserDep) -> Reader:
    """The user with what he may do; 401 for a stranger."""
    return Reader(user.get_name(), _may(user, JUDGING), _may(user, ANSWERING))


def _may(user: Any, right: tuple[Any, str]) -> bool:
    method, resource = right
    return bool(get_auth_manager().is_authorized_custom_view(method=method, resource_name=resource, user=user))


ReaderDep = Annotated[Reader, Depends(reading)]
"""What a route asks for that shows or takes acts."""
