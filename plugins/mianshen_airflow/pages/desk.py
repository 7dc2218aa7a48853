"""窗口查询台: what the clerk's page shows; a person is looked up by `disclose` alone, which logs it first. Kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mianshen.core.days import Month
from mianshen.core.errors import MianshenError
from mianshen.core.forms import Form, FormCode
from mianshen.core.money import parse_fen
from mianshen.core.window import SHOWN_MINUTES, Answer, Answers, Purpose, Sought
from mianshen.stages.frame import Job, make_job
from mianshen_airflow import defaults
from mianshen_airflow.pages.tokens import Ticket, ticket_of, ticket_text

if TYPE_CHECKING:
    from mianshen.stages.disclose.window import Found, Why
    from mianshen.warehouse.rechecks import Recheck


@dataclass(frozen=True, slots=True)
class Question:
    """What a clerk fills in."""

    pack: str
    """The county."""
    sought: Sought
    """By what."""
    purpose: Purpose
    """Why."""
    note: str
    """What the clerk adds; no name and no number."""


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A person of a list that fits. Never printed by accident: it has no repr."""

    found: Found
    """Masked."""
    ticket: str
    """With it the clerk opens what there is to tell."""


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """The page as it is sent now. Never printed by accident: it has no repr."""

    root: str
    """The way back to the pages' root."""
    question: Question | None = None
    """What was asked; None for an empty form."""
    told: str = ""
    """Why nothing was looked up."""
    listed: Sequence[Listed] | None = None
    """Whom it found; None before a search, and for a person that is open."""
    person: Listed | None = None
    """Who is open."""
    answers: Answers | None = None
    """What the person, or somebody whom no data name, is told."""
    remedies: Form | None = None
    """What can be done against a decision, as the county's form words it."""
    asked_fen: int | None = None
    """The amount that was asked about."""
    rechecks: Sequence[Recheck] = ()
    """复核 that the person asked for, the newest first."""
    takes_rechecks: bool = False
    """Whether the clerk may open one for the person now: the county has a process for it, and none is open."""
    is_named: bool = False
    """Whether name and number are shown in full."""

    @property
    def about(self) -> tuple[Answer, ...]:
        """Answers in which the amount stands that was asked about."""
        return () if self.asked_fen is None or self.answers is None else self.answers.about(self.asked_fen)


def looked_up(question: Question, typed: str, *, login: str, asked_fen: int | None) -> Desk:
    """Whom the question finds: a list, the one person with everything there is to tell, or nobody with what is here."""
    from mianshen.stages.disclose import window

    job, why = _job(question.pack, login), _why(question)
    people = window.search(job, question.sought, typed, why)
    fen = parse_fen(typed) if question.sought is Sought.AMOUNT else asked_fen
    if not people:
        return Desk("../", question, answers=window.nobody(job), remedies=_form(job))
    tickets = [_ticket(question, one) for one in people]
    if len(people) > 1 or people[0].rule:
        listed = [Listed(one, ticket_text(ticket, login)) for one, ticket in zip(people, tickets, strict=True)]
        return Desk("../", question, listed=listed, asked_fen=fen)
    return _opened(job, tickets[0], why, login=login, asked_fen=fen)


def opened(ticket: Ticket, *, login: str, asked_fen: int | None, in_full: bool) -> Desk:
    """Everything that the person is told; with name and number when they were asked for."""
    job = _job(ticket.pack, login)
    return _opened(job, ticket, _why(ticket), login=login, asked_fen=asked_fen, in_full=in_full)


def asked_anew(ticket: Ticket, *, login: str, asked_fen: int | None) -> Desk:
    """The same page once a recheck is open for the person; one that was open before is left."""
    from mianshen.stages.disclose.window import Why
    from mianshen.stages.handle import ask_recheck

    job, why = _job(ticket.pack, login), Why(Purpose.REVIEW, ticket.note)
    ask_recheck(job, ticket.person_key)
    return _opened(job, ticket, why, login=login, asked_fen=asked_fen)


def printed(ticket: Ticket, *, login: str) -> str:
    """The person's 核算依据单 as HTML that prints."""
    from mianshen.stages.disclose import window

    return window.print_record(_job(ticket.pack, login), ticket.person_key, _why(ticket)).html


def require_ticket(written: str, login: str) -> Ticket:
    """The ticket; MianshenError SHOWN_EXPIRED for one of somebody else, or of too long ago."""
    found = ticket_of(written, login, seconds=SHOWN_MINUTES * 60)
    if found is None:
        raise MianshenError("SHOWN_EXPIRED", found=f"{SHOWN_MINUTES} min", where="window")
    return found


def fen_of(text: str) -> int | None:
    """The amount in fen; None for none, or for what is no amount."""
    try:
        return parse_fen(text) if text.strip() else None
    except ValueError:
        return None


def _opened(job: Job, ticket: Ticket, why: Why, *, login: str, asked_fen: int | None = None, in_full: bool = False) -> Desk:
    from mianshen.stages.disclose import window

    shown = window.open_answers(job, ticket.person_key, why, in_full=in_full)
    return Desk(
        "../",
        person=Listed(shown.found, ticket_text(ticket, login)),
        answers=shown.answers,
        remedies=_form(job),
        asked_fen=asked_fen,
        rechecks=shown.rechecks,
        takes_rechecks=job.pack.recheck_process is not None and not any(one.is_open for one in shown.rechecks),
        is_named=in_full,
    )


def _ticket(question: Question, one: Found) -> Ticket:
    return Ticket(question.pack, one.person_key, question.purpose.value, question.note)


def _why(asked: Question | Ticket) -> Why:
    from mianshen.stages.disclose.window import Why

    return Why(Purpose(asked.purpose), asked.note)


def _form(job: Job) -> Form | None:
    return next((one for one in job.pack.forms if one.code is FormCode.RECORD), None)


def _job(pack: str, login: str) -> Job:
    now = defaults.now().replace(microsecond=0)
    month = Month(now.year, now.month)
    return make_job(pack, month=month, as_of=now, home=defaults.home(), entropy=defaults.entropy, actor=login)
