"""What is read as it lies, page for page: the data docs and portrait reports of a county, and the dictionary."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import FileResponse, HTMLResponse

from mianshen.core.errors import MianshenError
from mianshen_airflow.pages.answers import answered
from mianshen_airflow.pages.places import ReportMonth
from mianshen_airflow.pages.quality import STAYS_HERE, dictionary_html, portrait_file, quality_file

router = APIRouter()


@router.get("/quality/{county}/{page:path}")
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


@router.get("/portrait/{county}")
def portrait(
    county: Annotated[str, Path(pattern=r"^\d{6}_[a-z]+$", description="county's pack")], month: ReportMonth = None
) -> FileResponse:
    """The county's portrait report, of the newest month unless one is said; it fetches nothing."""
    found = answered(lambda: portrait_file(county, month))
    if found is None:
        raise HTTPException(
            404, "没有这份报告;监督之后才有群体画像。/ There is no such report; it follows the first supervised month."
        )
    return FileResponse(found, headers={"Content-Security-Policy": STAYS_HERE})


@router.get("/dictionary", response_class=HTMLResponse)
def dictionary() -> HTMLResponse:
    """Every table and column, what it means and where it comes from; it fetches nothing."""
    return HTMLResponse(dictionary_html(), headers={"Content-Security-Policy": STAYS_HERE})
