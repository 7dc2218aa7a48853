"""What the pages sign: the mark in each form, what a clerk opened, and the cookie that remembers the last visit.

A page elsewhere can make a browser send a form with Airflow's cookie, but cannot read the mark, which names the account that it
was made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from airflow.configuration import conf
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

FORM_LIVES = timedelta(hours=12)
"""How long a form may lie open."""
PAUSE = timedelta(minutes=30)
"""A visit is over when nothing was looked at for so long."""
COOKIE = "mianshen_visit"
"""Name of the cookie."""


@dataclass(frozen=True, slots=True)
class Visit:
    """When the account was here before."""

    since: str
    """End of the visit before this one, ISO text; empty at the first."""
    cookie: str
    """What the browser keeps."""


def form_mark(login: str) -> str:
    """The mark of a form for this account."""
    return _forms().dumps(login)


def is_own_form(mark: str, login: str) -> bool:
    """Whether a form with this mark was made for the account, at most FORM_LIVES ago."""
    try:
        return bool(_forms().loads(mark, max_age=int(FORM_LIVES.total_seconds())) == login)
    except BadSignature:
        return False


def visit_of(cookie: str | None, *, login: str, now: datetime) -> Visit:
    """The visit that goes on or begins now; another account's cookie counts as none."""
    since, seen = _remembered(cookie, login)
    if seen and now - datetime.fromisoformat(seen) >= PAUSE:
        since = seen
    return Visit(since, _visits().dumps([login, since, now.isoformat(timespec="seconds")]))


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a clerk opened: it lets the same account look on, print and open the name, for a while."""

    pack: str
    """The county."""
    person_key: str
    """Who."""
    purpose: str
    """Why, of the closed list."""
    note: str
    """What the clerk added."""


def ticket_text(ticket: Ticket, login: str) -> str:
    """The ticket as a form carries it."""
    return _tickets().dumps([login, ticket.pack, ticket.person_key, ticket.purpose, ticket.note])


def ticket_of(written: str, login: str, *, seconds: int) -> Ticket | None:
    """The ticket that was made for the account at most so many seconds ago; None for any other."""
    try:
        whose, *said = _tickets().loads(written, max_age=seconds)
    except (BadSignature, ValueError, TypeError):
        return None
    return Ticket(*said) if whose == login else None


def _remembered(cookie: str | None, login: str) -> tuple[str, str]:
    try:
        whose, since, seen = _visits().loads(cookie or "")
    except (BadSignature, ValueError, TypeError):
        return "", ""
    return (since, seen) if whose == login else ("", "")


def _forms() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="mianshen.form")


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="mianshen.window")


def _visits() -> URLSafeSerializer:
    return URLSafeSerializer(conf.get_mandatory_value("api", "secret_key"), salt="mianshen.visit")
