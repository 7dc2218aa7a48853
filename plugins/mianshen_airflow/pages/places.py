"""What stands in the pages' addresses, and what may stand there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, HTTPException, Path, Query

from mianshen_airflow.pages.clocks import Asked
from mianshen_airflow.pages.leads import AskedLeads
from mianshen_airflow.pages.radar import AskedSignals

Word = Annotated[str, Query(pattern=r"^[a-z0-9_]{0,60}$", description="a code of the pack")]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$", description="a day, 2026-10-31")]
County = Annotated[str | None, Query(pattern=r"^\d{6}_[a-z]+$", description="county's pack; all when left out")]
ReportMonth = Annotated[str | None, Query(pattern=r"^\d{4}-\d\d$", description="2026-10; the newest when left out")]
Since = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00)?$", description="at this moment or later")]
After = Annotated[
    str, Query(pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00~[A-Za-z0-9_-]{1,60})?$", description="where the page begins")
]
ClockId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,60}$", description="a clock")]
Number = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_|-]{1,120}$", description="an application, receipt, item, award, payment or case")
]
LeadId = Annotated[str, Path(pattern=r"^L[0-9a-f]{24}$", description="a lead")]


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


async def asked_leads(
    county: County = None,
    indicator: Annotated[str, Query(pattern=r"^[A-Z_]{0,60}$", description="one kind")] = "",
    department: Word = "",
    act: Annotated[Literal["", "new", "asked", "answered", "refuted", "confirmed", "transferred"], Query()] = "",
    since: Since = "",
) -> AskedLeads:
    """The filters in the address; 422 for what cannot be one."""
    return AskedLeads(county or "", indicator, department, act, since)


LeadFilters = Annotated[AskedLeads, Depends(asked_leads)]


async def asked_signals(
    county: County = None,
    signal: Annotated[str, Query(pattern=r"^[A-Z_]{0,60}$", description="one kind")] = "",
    town: Annotated[str, Query(max_length=60, description="a town, or unknown")] = "",
    grid: Annotated[str, Query(pattern=r"^[a-z0-9_]{0,60}$", description="code of a grid, or unknown")] = "",
) -> AskedSignals:
    """The filters in the address; 422 for what cannot be one."""
    return AskedSignals(county or "", signal, town, grid)


SignalFilters = Annotated[AskedSignals, Depends(asked_signals)]
