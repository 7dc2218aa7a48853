"""Routes of the supervisor's page. Airflow leaves a plugin's app open to everybody: every route asks Airflow's login itself."""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, FastAPI, HTTPException, Path, Query
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from mianshen.core.errors import MianshenError
from mianshen_airflow.pages.counties import CountyBoard, boards, county_names
from mianshen_airflow.pages.quality import STAYS_HERE, quality_file
from mianshen_airflow.pages.render import page


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

County = Annotated[str | None, Query(pattern=r"^\d{6}_[a-z]+$", description="county's pack; all when left out")]


@app.get("/", response_class=HTMLResponse)
def supervisor(county: County = None) -> HTMLResponse:
    """The page: time limits, late lists, approvals, payments, deliveries, county by county."""
    return HTMLResponse(page(_boards(county), names=county_names()))


@app.get("/board.json")
def board(county: County = None) -> JSONResponse:
    """The same figures as JSON."""
    return JSONResponse([one.as_dict() for one in _boards(county)])


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


def _boards(county: str | None) -> list[CountyBoard]:
    try:
        return boards(county)
    except KeyError as cause:
        raise HTTPException(404, f"没有这个县区 / no such county: [{county}]") from cause
    except MianshenError as cause:
        raise HTTPException(503, cause.message()) from cause
