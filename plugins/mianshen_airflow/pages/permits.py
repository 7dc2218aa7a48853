"""Who may do what on the pages, asked of Airflow's auth manager: those of the board read (`can_read` on `Supervision Board`),
few act.

Supervisors judge: they may add to Airflow's audit log (`can_create` on `Audit Logs`). A department answers for itself alone:
whoever may answer required actions (`can_edit` on `HITL Detail`) under the login that the pack names for it. Nobody judges a
county in which he answers for a department.

Clerks serve the window: `can_create` on `Window Desk` for every county of the home, on `Window Desk <pack>` for one. It is a
right of its own, and no department's login has it for its county.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, HTTPException

from mianshen_airflow.cards import Card
from mianshen_airflow.pages.clocks import cards

JUDGING = ("POST", "Audit Logs")
"""Method and Airflow resource that a supervisor needs in order to act."""
ANSWERING = ("PUT", "HITL Detail")
"""The same for a department's login."""
READING = ("GET", "Supervision Board")
"""The same for whoever reads the board: clerks and analysts do not."""
STUDYING = ("GET", "Portrait Report")
"""The same for whoever reads the portrait report, which names nobody and hides small figures, and the dictionary alone."""
WINDOW_DESK = "Window Desk"
"""Airflow resource of the window's page; with a blank and a pack's name, that of one county."""


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


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who is signed in and serves the window."""

    login: str
    """Name of the account; it stands as actor behind every look."""
    packs: tuple[str, ...]
    """Counties in which the account may look people up; never empty."""


async def serving(user: GetUserDep) -> Clerk:
    """The clerk; 401 for a stranger, 403 for an account that serves the window of no county."""
    login, everywhere = user.get_name(), _may(user, ("POST", WINDOW_DESK))
    packs = tuple(
        card.pack
        for card in cards().values()
        if login not in dict(card.logins).values() and (everywhere or _may(user, ("POST", f"{WINDOW_DESK} {card.pack}")))
    )
    if not packs:
        raise HTTPException(403, "本账号没有窗口查询权限 / this account does not serve the window")
    return Clerk(login, packs)


def may_read(user: Any, path: str) -> bool:
    """Whether the account may open this page of the board; the clerks' window asks for its own right."""
    room = path.split("/")[1:2]
    return room == ["window"] or _may(user, READING) or (room in (["portrait"], ["dictionary"]) and _may(user, STUDYING))


async def reading(user: GetUserDep) -> Reader:
    """The user with what he may do; 401 for a stranger."""
    return Reader(user.get_name(), _may(user, JUDGING), _may(user, ANSWERING))


def _may(user: Any, right: tuple[Any, str]) -> bool:
    method, resource = right
    return bool(get_auth_manager().is_authorized_custom_view(method=method, resource_name=resource, user=user))


ClerkDep = Annotated[Clerk, Depends(serving)]
"""What a route of the window asks for."""
ReaderDep = Annotated[Reader, Depends(reading)]
"""What a route asks for that shows or takes acts."""
