"""Forms that the pages take: what was done about a lead, an application for 容错免责 and its decision.

An act is taken from a form that this page made for the same account, from somebody whom Airflow lets act (permits.py). It is
dated by the server, stands in the audit chain, and is never changed; what cannot be is said on the page and recorded nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from mianshen.core.codes.clocks import GROUNDS
from mianshen.core.errors import MianshenError
from mianshen.core.leads import LeadAct
from mianshen.core.redaction import redact
from mianshen.warehouse import exemptions, leads
from mianshen.warehouse.exemptions import ExemptionAct
from mianshen_airflow import defaults
from mianshen_airflow.cards import Card
from mianshen_airflow.pages.answers import UNKNOWN, PageResponse, answered
from mianshen_airflow.pages.cases import CaseStory, case_story, evidence_of, open_name
from mianshen_airflow.pages.clocks import story_of
from mianshen_airflow.pages.leads import lead_story
from mianshen_airflow.pages.permits import Reader, ReaderDep
from mianshen_airflow.pages.places import ClockId, LeadId, Number
from mianshen_airflow.pages.render import case_page, lead_page, story_page
from mianshen_airflow.pages.speech import SpeechDep
from mianshen_airflow.pages.tokens import is_own_form

router = APIRouter()
"""Routes that change something."""
Mark = Annotated[str, Form(max_length=400, description="the mark of the form")]
Paper = Annotated[str, Form(min_length=1, max_length=120, description="reference of the paper that the act rests on")]


async def own_form(reader: ReaderDep, mark: Mark = "") -> Reader:
    """The account; 403 when the form was made elsewhere, for somebody else, or too long ago."""
    if not is_own_form(mark, reader.login):
        raise HTTPException(403, "表单已过期或不是本页发出的,请刷新后再办。/ The form is stale or not from this page: reload it.")
    return reader


Actor = Annotated[Reader, Depends(own_form)]


@dataclass(frozen=True, slots=True)
class _Said:
    """Who says it, for which department, on what paper."""

    actor: str
    department_code: str
    document: str


@router.post("/leads/{lead_id}/acts", response_class=PageResponse)
def act_on_lead(
    lead_id: LeadId,
    reader: Actor,
    speech: SpeechDep,
    act: Annotated[LeadAct, Form()],
    document: Paper,
    department: Annotated[str, Form(pattern=r"^[a-z0-9_]{0,60}$", description="the department that acts")] = "",
) -> Response:
    """Ask, answer, refute, confirm or transfer; leads back to the lead."""
    found = answered(lambda: lead_story(lead_id))
    if found is None:
        raise HTTPException(404, f"没有这个疑点 / no such lead: [{lead_id}]")
    said = (_of_department if act is LeadAct.ANSWERED else _of_judge)(reader, found.card, department, document)
    concerned = found.lead["department_code"]
    if act is LeadAct.ANSWERED and concerned not in (None, said.department_code):
        raise HTTPException(403, f"只有责任部门答复 / only the department concerned answers: [{concerned}]")

    def write(connection: Connection) -> None:
        leads.act_on(
            connection, lead_id, act, county_code=found.card.county_code, actor=said.actor, at=_moment(), document=said.document,
            department_code=said.department_code,
        )  # fmt: skip

    return _done(write, f"../{lead_id}", lambda told: lead_page(found, reader=reader, speech=speech, told=told))


@router.post("/clocks/{clock_id}/exemption", response_class=PageResponse)
def exempt(
    clock_id: ClockId,
    reader: Actor,
    speech: SpeechDep,
    act: Annotated[Literal["applied", "granted", "denied"], Form()],
    document: Paper,
    ground: Annotated[str, Form(max_length=60, description="ground of an application")] = "",
    department: Annotated[str, Form(pattern=r"^[a-z0-9_]{0,60}$", description="the department that decides")] = "",
) -> Response:
    """The holder applies for 容错免责, somebody else grants or denies it; leads back to the clock."""
    found = answered(lambda: story_of(clock_id))
    if found is None:
        raise HTTPException(404, f"没有这个时限 / no such clock: [{clock_id}]")
    applies = act == exemptions.APPLIED
    said = (_of_department if applies else _of_judge)(reader, found.card, department, document)
    if applies and (said.department_code != found.clock["holder_department"] or ground not in GROUNDS):
        raise HTTPException(403, "由承办部门按所列理由申请 / the holder applies, on one of the grounds listed")

    def write(connection: Connection) -> None:
        on = ground if applies else exemptions.ground_of(connection, clock_id)
        one = ExemptionAct(act, said.actor, said.department_code, _moment(), on, said.document)
        (exemptions.apply_for if applies else exemptions.decide)(connection, clock_id, one, county_code=found.card.county_code)

    return _done(write, f"../{clock_id}", lambda told: story_page(found, reader=reader, speech=speech, told=told))


@router.post("/cases/{number}/name", response_class=PageResponse)
def open_a_name(
    number: Number,
    reader: Actor,
    speech: SpeechDep,
    purpose: Annotated[str, Form(min_length=2, max_length=120, description="what the name is needed for")],
) -> Response:
    """The matter's page with the person's name, once; the look-up is logged by the vault and in the audit chain first."""
    story = case_at(number)
    if not reader.judges(story.card):
        raise HTTPException(403, "由监督人员办理,承办部门的账号不能 / supervisors do this, no department's login")
    if story.file.person_key is None:
        raise HTTPException(404, "此案不涉及个人 / this matter is about no person")
    try:
        opened = open_name(story, login=reader.login, purpose=_plain(purpose))
    except MianshenError as cause:
        return PageResponse(case_page(story, reader=reader, speech=speech, told=cause.message()), 409)
    return PageResponse(case_page(case_at(number), reader=reader, speech=speech, opened=opened))


@router.post("/cases/{number}/package", response_class=Response)
def take_evidence(number: Number, reader: Actor, speech: SpeechDep) -> Response:
    """The matter's evidence package as a file; its hash stands in the audit chain under the account."""
    story = case_at(number)
    if not reader.judges(story.card):
        raise HTTPException(403, "由监督人员办理,承办部门的账号不能 / supervisors do this, no department's login")
    try:
        content = evidence_of(story, login=reader.login)
    except MianshenError as cause:
        return PageResponse(case_page(story, reader=reader, speech=speech, told=cause.message()), 409)
    named = {"Content-Disposition": f'attachment; filename="{story.file.case_id}.zip"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/zip", headers=named)


def case_at(number: str) -> CaseStory:
    """The matter behind any of its numbers; 404 when no county of the home has it."""
    found = answered(lambda: case_story(number))
    if found is None:
        raise HTTPException(404, f"没有这个案件 / no such case: [{number}]")
    return found


def _of_department(reader: Reader, card: Card, _: str, document: str) -> _Said:
    own = reader.answers_for(card)
    if own is None:
        raise HTTPException(403, "由责任部门的账号办理 / only a department's own login does this")
    return _Said(reader.login, own, _plain(document))


def _of_judge(reader: Reader, card: Card, department: str, document: str) -> _Said:
    if not reader.judges(card):
        raise HTTPException(403, "由监督人员办理,承办部门的账号不能 / supervisors do this, no department's login")
    if department not in dict(card.departments):
        raise HTTPException(422, f"没有这个部门 / no such department: [{department}]")
    return _Said(reader.login, department, _plain(document))


def _plain(document: str) -> str:
    """The reference, trimmed; 422 when it is empty or bears what could be an id number, an account or a phone."""
    text = " ".join(document.split())
    if not text or redact(text) != text:
        raise HTTPException(422, "不能为空,不填个人号码 / not empty, and no personal number")
    return text


def _moment() -> str:
    return defaults.now().isoformat(timespec="seconds")


def _done(write: Callable[[Connection], None], back: str, again: Callable[[str], str]) -> Response:
    """Back to the matter when it was recorded; else the matter again with why not, and 409."""
    try:
        with defaults.ledger(defaults.home()).begin() as connection:
            write(connection)
    except MianshenError as cause:
        if cause.code in UNKNOWN:
            raise HTTPException(404, cause.message()) from cause
        return PageResponse(again(cause.message()), 409)
    return RedirectResponse(back, 303)
