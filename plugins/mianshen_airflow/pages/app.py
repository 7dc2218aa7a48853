"""Routes of the supervisor's page. Airflow leaves a plugin's app open to everybody: every route asks Airflow's login itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal, TypeVar

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, HTTPException, Path, Query
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from mianshen.core.errors import MianshenError
from mianshen_airflow.pages.clocks import Asked, Docket, Story, docket_of, place_of, story_of, workbook
from mianshen_airflow.pages.counties import CountyBoard, boards, county_names
from mianshen_airflow.pages.leads import AskedLeads, lead_list, lead_story
from mianshen_airflow.pages.quality import STAYS_HERE, quality_file
from mianshen_airflow.pages.render import docket_page, lead_page, leads_page, page, story_page
from mianshen_airflow.pages.said import ClockData, ClocksData, CountData, EventData, LeadData, StoryData


async def signed_in(user: GetUserDep) -> str:
    """The user's name; 401 for a stranger."""
    return user.get_name()


app = FastAPI(
    title="免申即享 监督台 / supervisor's page",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    dependencies=[Depends(signed_in)],
)
"""The app; its dependency guards every route, and tests ask each of them as a stranger."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_T = TypeVar("_T")
Word = Annotated[str, Query(pattern=r"^[a-z0-9_]{0,60}$", description="a code of the pack")]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$", description="a day, 2026-10-31")]
County = Annotated[str | None, Query(pattern=r"^\d{6}_[a-z]+$", description="county's pack; all when left out")]


@app.get("/", response_class=HTMLResponse)
def supervisor(county: County = None) -> HTMLResponse:
    """The page: time limits, late lists, approvals, payments, deliveries, county by county."""
    return HTMLResponse(page(_boards(county), names=county_names()))


@app.get("/board.json")
def board(county: County = None) -> JSONResponse:
    """The same figures as JSON."""
    return JSONResponse([one.as_dict() for one in _boards(county)])


async def asked_for(
    county: County = None,
    limit: Word = "",
    holder: Word = "",
    town: Annotated[str, Query(max_length=60, description="a town")] = "",
    state: Annotated[Literal["", "overdue", "due_soon", "open", "paused", "met_late", "met", "exempted"], Query()] = "",
    since: Day = "",
    until: Day = "",
) -> Asked:
    """The filters in the address; 422 for what cannot be one."""
    try:
        days = [date.fromisoformat(one) for one in (since, until) if one]
    except ValueError as cause:
        raise HTTPException(422, f"没有这一天 / no such day: [{since or until}]") from cause
    if any(not 2000 <= one.year < 2100 for one in days):
        raise HTTPException(422, "日期应在2000—2099年 / a day from 2000 to 2099")
    return Asked(county or "", limit, holder, town, state, since, until)


Filters = Annotated[Asked, Depends(asked_for)]
After = Annotated[
    str, Query(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00~[A-Za-z0-9_-]{1,60})?$", description="where the page begins")
]
ClockId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,60}$", description="a clock")]


@app.get("/clocks", response_class=HTMLResponse)
def clocks(asked: Filters, after: After = "") -> HTMLResponse:
    """时限台账: filters in the address, counts by state, a page of clocks."""
    return HTMLResponse(docket_page(_docket(asked, after)))


@app.get("/clocks.xlsx")
def clocks_workbook(asked: Filters) -> Response:
    """The same clocks as a workbook."""
    content = _answered(lambda: workbook(asked))
    return Response(content, media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="clocks.xlsx"'})


@app.get("/clocks/{clock_id}", response_class=HTMLResponse)
def clock(clock_id: ClockId) -> HTMLResponse:
    """One clock and everything that happened to it."""
    return HTMLResponse(story_page(_story(clock_id)))


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


async def asked_leads(
    county: County = None,
    indicator: Annotated[str, Query(pattern=r"^[A-Z_]{0,60}$", description="one kind")] = "",
    department: Word = "",
    act: Annotated[Literal["", "new", "asked", "answered", "refuted", "confirmed", "transferred"], Query()] = "",
    since: Annotated[
        str, Query(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00)?$", description="raised at this moment or later")
    ] = "",
) -> AskedLeads:
    """The filters in the address; 422 for what cannot be one."""
    return AskedLeads(county or "", indicator, department, act, since)


LeadFilters = Annotated[AskedLeads, Depends(asked_leads)]
LeadId = Annotated[str, Path(pattern=r"^L[0-9a-f]{24}$", description="a lead")]


@app.get("/leads", response_class=HTMLResponse)
def leads(asked: LeadFilters) -> HTMLResponse:
    """监督疑点: counts by kind and disposal, then the leads, the newest first."""
    return HTMLResponse(leads_page(_answered(lambda: lead_list(asked))))


@app.get("/leads/{lead_id}", response_class=HTMLResponse)
def lead(lead_id: LeadId) -> HTMLResponse:
    """One lead, its evidence, and what was done about it."""
    found = _answered(lambda: lead_story(lead_id))
    if found is None:
        raise HTTPException(404, f"没有这个疑点 / no such lead: [{lead_id}]")
    return HTMLResponse(lead_page(found))


@app.get("/api/leads")
def leads_data(asked: LeadFilters) -> list[LeadData]:
    """Leads under the filters, the newest first, at most 500."""
    return [LeadData.model_validate(dict(row)) for row in _answered(lambda: lead_list(asked)).rows]


@app.get("/api/openapi.json", include_in_schema=False)
def description() -> JSONResponse:
    """What this interface offers, as OpenAPI 3.1."""
    return JSONResponse(app.openapi())


@app.get("/quality/{county}/{page:path}")
def quality(county: Annotated[str, Path(pattern=r"^\d{6}_[a-z]+$", description="county's pack")], page: str) -> FileResponse:
    """A file of the county's data docs; nothing that it names elsewhere is fetched."""
    try:
        found = quality_file(county, page)
    except MianshenError as cause:
        raise HTTPException(503, cause.message()) from cause
    if found is None:
        raise HTTPException(
            404, "没有这一页;数据校验之后才有质量报告。/ There is no such page; the report follows the first validated batch."
        )
    return FileResponse(found, headers={"Content-Security-Policy": STAYS_HERE})


def _docket(asked: Asked, after: str) -> Docket:
    return _answered(lambda: docket_of(asked, after=after))


def _story(clock_id: str) -> Story:
    found = _answered(lambda: story_of(clock_id))
    if found is None:
        raise HTTPException(404, f"没有这个时限 / no such clock: [{clock_id}]")
    return found


def _answered(ask: Callable[[], _T]) -> _T:
    try:
        return ask()
    except KeyError as cause:
        raise HTTPException(404, f"没有这个县区 / no such county: {cause}") from cause
    except MianshenError as cause:
        raise HTTPException(503, cause.message()) from cause


def _boards(county: str | None) -> list[CountyBoard]:
    return _answered(lambda: boards(county))
