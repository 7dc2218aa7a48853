"""Routes of the supervisor's page. Airflow leaves a plugin's app open to everybody: every route asks Airflow's login itself."""

from __future__ import annotations

from dataclasses import asdict

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.base import RequestResponseEndpoint

from mianshen_airflow import defaults
from mianshen_airflow.pages import acts, looks, papers
from mianshen_airflow.pages.ahead import ahead_of
from mianshen_airflow.pages.answers import PageResponse, answered, wants_page
from mianshen_airflow.pages.clocks import Asked, Docket, Story, docket_of, place_of, story_of, workbook
from mianshen_airflow.pages.counties import CountyBoard, boards, county_names
from mianshen_airflow.pages.fresh import fresh_since
from mianshen_airflow.pages.leads import lead_list, lead_story
from mianshen_airflow.pages.operations import operations_of
from mianshen_airflow.pages.permits import Reader, ReaderDep, may_read
from mianshen_airflow.pages.places import (
    After,
    ClockId,
    County,
    Filters,
    LeadFilters,
    LeadId,
    Number,
    SignalFilters,
    Since,
)
from mianshen_airflow.pages.radar import radar_of
from mianshen_airflow.pages.render import (
    ahead_page,
    case_page,
    docket_page,
    lead_page,
    leads_page,
    operations_page,
    page,
    radar_page,
    refused_page,
    story_page,
)
from mianshen_airflow.pages.said import (
    ClockData,
    ClocksData,
    CountData,
    EventData,
    FeedPeriodData,
    ForecastData,
    FreshData,
    LeadData,
    SignalData,
    StoryData,
)
from mianshen_airflow.pages.speech import SpeechDep, remember, speech_of
from mianshen_airflow.pages.tokens import COOKIE, Visit, visit_of


async def signed_in(request: Request, user: GetUserDep) -> str:
    """The user's name; 401 for a stranger, 403 for an account that may not read the board."""
    if not may_read(user, request.scope["path"].removeprefix(request.scope.get("root_path", ""))):
        raise HTTPException(403, "本账号不能看监督台 / this account does not read the board")
    return user.get_name()


app = FastAPI(
    title="免申即享 监督台 / supervisor's page",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    dependencies=[Depends(signed_in)],
)
"""The app; its dependency guards every route, and tests ask each of them as a stranger."""
app.include_router(acts.router)
app.include_router(papers.router)
app.include_router(looks.router)


@app.exception_handler(StarletteHTTPException)
async def refused(request: Request, cause: StarletteHTTPException) -> Response:
    """A refusal: a page for a person, JSON for everybody else."""
    if not wants_page(request):
        return await http_exception_handler(request, cause)
    deep = request.url.path.removeprefix(request.scope.get("root_path", "")).count("/") - 1
    content = refused_page(cause.status_code, str(cause.detail), root="../" * deep, speech=speech_of(request))
    return PageResponse(content, cause.status_code, cause.headers)


@app.middleware("http")
async def remembering(request: Request, pass_on: RequestResponseEndpoint) -> Response:
    """Every answer to an address that asks for a language brings the cookie that keeps it."""
    response = await pass_on(request)
    remember(request, response)
    return response


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@app.get("/", response_class=PageResponse)
def supervisor(request: Request, reader: ReaderDep, speech: SpeechDep, county: County = None) -> Response:
    """The page: what is new, time limits, late lists, approvals, payments, deliveries, county by county."""
    visit = _visit(request, reader)
    fresh = answered(lambda: fresh_since(visit.since, pack=county))
    return _visited(PageResponse(page(_boards(county), names=county_names(), fresh=fresh, speech=speech)), request, visit)


@app.get("/board.json")
def board(county: County = None) -> JSONResponse:
    """The same figures as JSON."""
    return JSONResponse([one.as_dict() for one in _boards(county)])


@app.get("/clocks", response_class=PageResponse)
def clocks(asked: Filters, speech: SpeechDep, after: After = "") -> PageResponse:
    """时限台账: filters in the address, counts by state, a page of clocks."""
    return PageResponse(docket_page(_docket(asked, after), speech=speech))


@app.get("/clocks.xlsx")
def clocks_workbook(asked: Filters, speech: SpeechDep) -> Response:
    """The same clocks as a workbook."""
    content = answered(lambda: workbook(asked, speech=speech))
    return Response(content, media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="clocks.xlsx"'})


@app.get("/clocks/{clock_id}", response_class=PageResponse)
def clock(clock_id: ClockId, reader: ReaderDep, speech: SpeechDep) -> PageResponse:
    """One clock, everything that happened to it, and what the reader may do."""
    return PageResponse(story_page(_story(clock_id), reader=reader, speech=speech))


@app.get("/api/clocks")
def clocks_data(asked: Filters, after: After = "") -> ClocksData:
    """Counts under the filters, a page of clocks, and where the next page begins (empty at the end)."""
    found = _docket(asked, after)
    return ClocksData(
        as_of=found.as_of.isoformat(timespec="seconds"),
        counted=[CountData(**asdict(one)) for one in found.counted],
        clocks=[ClockData.model_validate(dict(row)) for row in found.page.rows],
        after=place_of(found.page),
    )


@app.get("/api/clocks/{clock_id}")
def clock_data(clock_id: ClockId) -> StoryData:
    """One clock and everything that happened to it."""
    story = _story(clock_id)
    return StoryData(
        as_of=story.as_of.isoformat(timespec="seconds"),
        clock=ClockData.model_validate(dict(story.clock)),
        days_late=story.days_late,
        history=[EventData.model_validate(one) for one in story.history],
        watched_by=story.watched_by,
    )


@app.get("/ahead", response_class=PageResponse)
def ahead(speech: SpeechDep, county: County = None) -> PageResponse:
    """预判: who will miss what at the pace so far; what waits for a decision, against the quota."""
    found = answered(lambda: ahead_of(county))
    return PageResponse(ahead_page(found, names=county_names(), county=county or "", speech=speech))


@app.get("/api/ahead")
def ahead_data(county: County = None) -> list[ForecastData]:
    """Every holder and limit with running clocks, those that will miss the most first."""
    return [ForecastData.of(one) for one in answered(lambda: ahead_of(county)).forecasts]


@app.get("/operations", response_class=PageResponse)
def operations(speech: SpeechDep, county: County = None) -> PageResponse:
    """运维: feeds by period, who is waited for, the safe re-run of each."""
    found = answered(lambda: operations_of(county))
    return PageResponse(operations_page(found, names=county_names(), county=county or "", speech=speech))


@app.get("/api/operations")
def operations_data(county: County = None) -> list[FeedPeriodData]:
    """Feeds by county, list and month, with who must act."""
    found = answered(lambda: operations_of(county))
    return [FeedPeriodData.of(one.card.county_code, cell) for one in found for cell in one.cells.values()]


@app.get("/radar", response_class=PageResponse)
def radar(asked: SignalFilters, speech: SpeechDep) -> PageResponse:
    """应救未救: signals by kind, who waits to be asked by town and until when, each signal with its visit."""
    return PageResponse(radar_page(answered(lambda: radar_of(asked)), speech=speech))


@app.get("/api/radar")
def radar_data(asked: SignalFilters) -> list[SignalData]:
    """Signals under the filters, the newest first, at most 500."""
    return [SignalData.model_validate(dict(row)) for row in answered(lambda: radar_of(asked)).rows]


@app.get("/cases/{number}", response_class=PageResponse)
def case(number: Number, reader: ReaderDep, speech: SpeechDep) -> PageResponse:
    """一案一卡: one matter from the facts to the bank, by any of its numbers; nobody is named."""
    return PageResponse(case_page(acts.case_at(number), reader=reader, speech=speech))


@app.get("/leads", response_class=PageResponse)
def leads(request: Request, reader: ReaderDep, speech: SpeechDep, asked: LeadFilters) -> Response:
    """监督疑点: counts by kind and disposal, then the leads, the newest first."""
    visit = _visit(request, reader)
    shown = leads_page(answered(lambda: lead_list(asked)), since=visit.since, speech=speech)
    return _visited(PageResponse(shown), request, visit)


@app.get("/leads/{lead_id}", response_class=PageResponse)
def lead(lead_id: LeadId, reader: ReaderDep, speech: SpeechDep) -> PageResponse:
    """One lead, its evidence, what was done about it, and what the reader may do."""
    found = answered(lambda: lead_story(lead_id))
    if found is None:
        raise HTTPException(404, f"没有这个疑点 / no such lead: [{lead_id}]")
    return PageResponse(lead_page(found, reader=reader, speech=speech))


@app.get("/api/leads")
def leads_data(asked: LeadFilters) -> list[LeadData]:
    """Leads under the filters, the newest first, at most 500."""
    return [LeadData.model_validate(dict(row)) for row in answered(lambda: lead_list(asked)).rows]


@app.get("/api/fresh")
def fresh_data(since: Since, county: County = None) -> FreshData:
    """What became late and which leads were raised since the moment, by holder; empty text gives nothing."""
    found = answered(lambda: fresh_since(since, pack=county))
    return FreshData.model_validate({"since": since, "missed": map(dict, found.missed), "leads": map(dict, found.leads)})


@app.get("/api/openapi.json", include_in_schema=False)
def description() -> JSONResponse:
    """What this interface offers, as OpenAPI 3.1."""
    return JSONResponse(app.openapi())


def _docket(asked: Asked, after: str) -> Docket:
    return answered(lambda: docket_of(asked, after=after))


def _story(clock_id: str) -> Story:
    found = answered(lambda: story_of(clock_id))
    if found is None:
        raise HTTPException(404, f"没有这个时限 / no such clock: [{clock_id}]")
    return found


def _boards(county: str | None) -> list[CountyBoard]:
    return answered(lambda: boards(county))


def _visit(request: Request, reader: Reader) -> Visit:
    return visit_of(request.cookies.get(COOKIE), login=reader.login, now=defaults.now())


def _visited(response: Response, request: Request, visit: Visit) -> Response:
    """The answer with the cookie that remembers the visit, for these pages alone."""
    place, secure = request.scope.get("root_path") or "/", request.url.scheme == "https"
    response.set_cookie(COOKIE, visit.cookie, path=place, max_age=90 * 86_400, httponly=True, samesite="lax", secure=secure)
    return response
