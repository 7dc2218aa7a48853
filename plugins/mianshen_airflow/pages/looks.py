"""Routes of 窗口查询台. A person is asked for by POST alone: nothing personal stands in an address, a title or an access log.

Only a clerk gets here (permits.py), from a form that this page made; what was opened may be looked at for some minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import Response

from mianshen.core.errors import MianshenError
from mianshen.core.window import Purpose, Sought
from mianshen_airflow.pages import desk
from mianshen_airflow.pages.answers import PageResponse, answered
from mianshen_airflow.pages.desk import Desk, Question
from mianshen_airflow.pages.permits import Clerk, ClerkDep
from mianshen_airflow.pages.render import desk_page
from mianshen_airflow.pages.speech import Speech, SpeechDep
from mianshen_airflow.pages.tokens import Ticket, is_own_form

REFUSED = {
    "SEARCH_TOO_OFTEN": 429,
    "SEARCH_UNCLEAR": 422,
    "SEARCH_NOTE_PERSONAL": 422,
    "SHOWN_EXPIRED": 410,
    "FORM_UNKNOWN": 404,
    "PROCESS_UNKNOWN": 404,
}
"""What is answered in the page, with which status."""
_LONG = 100
_ANSWERS: dict[int | str, dict[str, Any]] = {
    410: {"description": "what was opened has expired"},
    429: {"description": "too many looks within an hour"},
}
router = APIRouter(responses=_ANSWERS)
"""Routes that look a person up."""
Mark = Annotated[str, Form(max_length=400, description="the mark of the form")]
Held = Annotated[str, Form(max_length=1000, description="what was opened, signed")]
Amount = Annotated[str, Form(max_length=_LONG, description="the amount that is asked about, in yuan; may be empty")]


async def own_form(clerk: ClerkDep, mark: Mark = "") -> Clerk:
    """The clerk; 403 when the form was made elsewhere, for somebody else, or too long ago."""
    if not is_own_form(mark, clerk.login):
        raise HTTPException(403, "表单已过期或不是本页发出的,请刷新后再办。/ The form is stale or not from this page: reload it.")
    return clerk


ByForm = Annotated[Clerk, Depends(own_form)]


@router.get("/window", response_class=PageResponse)
def window(clerk: ClerkDep, speech: SpeechDep) -> Response:
    """The empty form."""
    return PageResponse(desk_page(Desk(""), clerk=clerk, speech=speech))


@router.post("/window/search", response_class=PageResponse)
def search(
    clerk: ByForm,
    speech: SpeechDep,
    county: Annotated[str, Form(pattern=r"^(_example|\d{6}_[a-z]+)$", description="county's pack")],
    sought: Annotated[Sought, Form(description="by what")],
    purpose: Annotated[Purpose, Form(description="why; it is logged")],
    typed: Annotated[str, Form(max_length=_LONG, description="the id number, the name or the amount")],
    note: Annotated[str, Form(max_length=120, description="what the clerk adds; no name, no number")] = "",
    amount: Amount = "",
) -> Response:
    """Whom it finds: the person with what there is to tell, several to choose from, or nobody with what is here."""
    if county not in clerk.packs:
        raise HTTPException(403, "不是本账号的县区 / not a county of this account")
    question = Question(county, sought, purpose, " ".join(note.split()))
    fen = desk.fen_of(amount)
    return _shown(clerk, speech, lambda: desk.looked_up(question, typed, login=clerk.login, asked_fen=fen), question)


@router.post("/window/answer", response_class=PageResponse)
def answer(clerk: ByForm, speech: SpeechDep, ticket: Held, amount: Amount = "") -> Response:
    """Everything that the person of the ticket is told."""
    fen = desk.fen_of(amount)
    return _shown(clerk, speech, lambda: desk.opened(_own(clerk, ticket), login=clerk.login, asked_fen=fen, in_full=False))


@router.post("/window/name", response_class=PageResponse)
def name(clerk: ByForm, speech: SpeechDep, ticket: Held, amount: Amount = "") -> Response:
    """The same with name and id number in full, once; logged as an act of its own."""
    fen = desk.fen_of(amount)
    return _shown(clerk, speech, lambda: desk.opened(_own(clerk, ticket), login=clerk.login, asked_fen=fen, in_full=True))


@router.post("/window/recheck", response_class=PageResponse)
def recheck(clerk: ByForm, speech: SpeechDep, ticket: Held, amount: Amount = "") -> Response:
    """Opens 复核 for the person of the ticket, then the same page; one that is open already is left."""
    fen = desk.fen_of(amount)
    return _shown(clerk, speech, lambda: desk.asked_anew(_own(clerk, ticket), login=clerk.login, asked_fen=fen))


@router.post("/window/record", response_class=PageResponse)
def record(clerk: ByForm, speech: SpeechDep, ticket: Held) -> Response:
    """The person's 核算依据单, made to be printed; it lies in the outbox too."""
    try:
        return PageResponse(answered(lambda: desk.printed(_own(clerk, ticket), login=clerk.login), passing=REFUSED))
    except MianshenError as cause:
        return _refused(clerk, speech, cause)


def _own(clerk: Clerk, written: str) -> Ticket:
    """The clerk's ticket for a county that he serves still."""
    found = desk.require_ticket(written, clerk.login)
    if found.pack not in clerk.packs:
        raise HTTPException(403, "不是本账号的县区 / not a county of this account")
    return found


def _shown(clerk: Clerk, speech: Speech, look: Callable[[], Desk], question: Question | None = None) -> Response:
    try:
        return PageResponse(desk_page(answered(look, passing=REFUSED), clerk=clerk, speech=speech))
    except MianshenError as cause:
        return _refused(clerk, speech, cause, question)


def _refused(clerk: Clerk, speech: Speech, cause: MianshenError, question: Question | None = None) -> Response:
    return PageResponse(desk_page(Desk("../", question, told=cause.message()), clerk=clerk, speech=speech), REFUSED[cause.code])
