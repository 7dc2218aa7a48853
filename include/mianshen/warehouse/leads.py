"""监督疑点: found by the SQL of out.lead_*, kept once each in the ledger, and disposed of by people step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from mianshen.core.errors import MianshenError
from mianshen.core.leads import FOLLOWS, LeadAct
from mianshen.warehouse import audit, deaths, postings
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.build import make_table
from mianshen.warehouse.lake import Lake, show
from mianshen.warehouse.ledger import LEAD, LEAD_ACT

CHECKS = (
    "out.lead_undecided",
    "out.lead_delayed",
    "out.lead_short",
    "out.lead_left_out",
    "out.lead_awaited",
    "out.lead_favour",
    "out.lead_breach",
    "out.lead_tardy",
    "out.lead",
)
"""In the order in which they read each other."""
READ = ("out.award_line", "out.award_opening", "out.assessment", "facts.care_event", "facts.identity_span")
"""Tables of the month's run that the checks look at."""
_KEPT = tuple(one.name for one in LEAD.c if one.name not in ("county_code", "raised_at", "run_id"))


def find(con: duckdb.DuckDBPyConnection, lake: Lake, parameters: Mapping[str, Any], *, county_code: str, month: str) -> None:
    """Make the tables of CHECKS; reads out.clock_board and the ledger's tables in this DuckDB, and READ from the lake.

    `parameters` are the lines of core.leads.LIMITS and {as_of, county_code, go_live_on, assessed_at}, ISO text and days.
    """
    for table in READ:
        show(con, table, lake.current(table, county_code=county_code, month=month))
    deaths.show_dead(con, deaths.dead(lake, county_code=county_code))
    with lake.engine.connect() as connection:
        postings.show_postings(con, connection, county_code=county_code)
    for table in ("out.posting_change", *CHECKS):
        make_table(con, table, parameters)


def raise_new(connection: Connection, con: duckdb.DuckDBPyConnection, *, county_code: str, at: str, run_id: str) -> int:
    """Keep every lead of out.lead that was not raised before; returns how many this moment raised, however often it looks."""
    known = set(connection.execute(select(LEAD.c.lead_id).where(LEAD.c.county_code == county_code)).scalars())
    columns = ", ".join(f"cast({name} as varchar) as {name}" if name == "arose_on" else name for name in _KEPT)
    found = con.execute(f"select {columns} from out.lead order by lead_id").fetchall()  # noqa: S608 - columns of the ledger
    place = {"county_code": county_code, "raised_at": at, "run_id": run_id}
    rows = [dict(zip(_KEPT, row, strict=True)) | place for row in found if row[0] not in known]
    if rows:
        connection.execute(insert(LEAD), rows)
    fresh = select(func.count()).where(LEAD.c.county_code == county_code, LEAD.c.raised_at == at)
    return int(connection.execute(fresh).scalar_one())


@dataclass(frozen=True, slots=True)
class WantedLeads:
    """Which leads; None wants all."""

    county_codes: tuple[str, ...]
    """Counties that the reader may see."""
    indicator_code: str | None = None
    """One kind."""
    department_code: str | None = None
    """One department."""
    act: str | None = None
    """The last act; empty text wants those that nobody looked at."""
    raised_since: str | None = None
    """Raised at this moment or later, ISO text."""


def standing(connection: Connection, wanted: WantedLeads, *, most: int) -> Sequence[RowMapping]:
    """Leads with `act` and `acted_at` of the last act (empty text where there is none), the newest first."""
    return connection.execute(_query(wanted).limit(most)).mappings().all()


def counted(connection: Connection, wanted: WantedLeads) -> dict[tuple[str, str], int]:
    """How many leads by (indicator_code, last act)."""
    found = _query(wanted).order_by(None).subquery()
    query = select(found.c.indicator_code, found.c.act, func.count()).group_by(found.c.indicator_code, found.c.act)
    return {(code, act): count for code, act, count in connection.execute(query)}


def raised_since(connection: Connection, county_codes: Sequence[str], *, since: str) -> Sequence[RowMapping]:
    """Leads raised at the moment or later: county, department, indicator, {leads, first_arose_on}, the most first."""
    key = (LEAD.c.county_code, LEAD.c.department_code, LEAD.c.indicator_code)
    leads = func.count().label("leads")
    query = (
        select(*key, leads, func.min(LEAD.c.arose_on).label("first_arose_on"))
        .where(LEAD.c.county_code.in_(county_codes), LEAD.c.raised_at >= since)
        .group_by(*key)
        .order_by(leads.desc(), *key)
    )
    return connection.execute(query).mappings().all()


def summed(connection: Connection, *, county_code: str) -> dict[str, int]:
    """How many leads of the county nobody looked at, wait for an answer, are confirmed, or are over."""
    found = {"waiting": 0, "asked": 0, "confirmed": 0, "over": 0}
    names = {"": "waiting", "asked": "asked", "answered": "asked", "confirmed": "confirmed"}
    for (_, act), count in counted(connection, WantedLeads((county_code,))).items():
        found[names.get(act, "over")] += count
    return found


def lead_of(
    connection: Connection, lead_id: str, *, county_codes: Sequence[str]
) -> tuple[RowMapping, Sequence[RowMapping]] | None:
    """A lead and what was done about it; None when the counties have no such lead."""
    row = (
        connection.execute(select(LEAD).where(LEAD.c.lead_id == lead_id, LEAD.c.county_code.in_(county_codes))).mappings().first()
    )
    if row is None:
        return None
    acts = select(LEAD_ACT).where(LEAD_ACT.c.lead_id == lead_id).order_by(LEAD_ACT.c.act_no)
    return row, connection.execute(acts).mappings().all()


def act_on(
    connection: Connection,
    lead_id: str,
    act: LeadAct,
    *,
    county_code: str,
    actor: str,
    department_code: str,
    at: str,
    document: str,
) -> None:
    """Record what was done about a lead; the same act again changes nothing.

    MianshenError LEAD_UNKNOWN; LEAD_ACT_NOT_POSSIBLE for an act that cannot follow the last one.
    """
    audit.lock_money(connection)
    found = lead_of(connection, lead_id, county_codes=(county_code,))
    if found is None:
        raise MianshenError("LEAD_UNKNOWN", found=lead_id, where=county_code)
    _, acts = found
    said = {"act": act.value, "actor": actor, "department_code": department_code, "document": document}
    if acts and all(acts[-1][name] == value for name, value in said.items()):
        return
    last = LeadAct(acts[-1]["act"]) if acts else None
    if last not in FOLLOWS[act]:
        raise MianshenError("LEAD_ACT_NOT_POSSIBLE", found=f"{last.value if last else '--'} -> {act.value}", where=lead_id)
    row = {"lead_id": lead_id, "act_no": len(acts) + 1, "acted_at": at, **said}
    connection.execute(insert(LEAD_ACT).values(**row))
    detail = {name: row[name] for name in ("act_no", "department_code", "document")}
    audit.append(connection, [Entry(f"lead.{act.value}", lead_id, detail)], at=at, actor=actor)


def _query(wanted: WantedLeads) -> Select[Any]:
    last = select(LEAD_ACT.c.lead_id, func.max(LEAD_ACT.c.act_no).label("act_no")).group_by(LEAD_ACT.c.lead_id).subquery()
    act = func.coalesce(LEAD_ACT.c.act, "").label("act")
    query = (
        select(LEAD, act, func.coalesce(LEAD_ACT.c.acted_at, "").label("acted_at"))
        .outerjoin(last, last.c.lead_id == LEAD.c.lead_id)
        .outerjoin(LEAD_ACT, (LEAD_ACT.c.lead_id == last.c.lead_id) & (LEAD_ACT.c.act_no == last.c.act_no))
        .where(LEAD.c.county_code.in_(wanted.county_codes))
        .order_by(LEAD.c.raised_at.desc(), LEAD.c.lead_id)
    )
    equal = (
        (LEAD.c.indicator_code, wanted.indicator_code),
        (LEAD.c.department_code, wanted.department_code),
        (act, wanted.act),
    )
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    return query if wanted.raised_since is None else query.where(LEAD.c.raised_at >= wanted.raised_since)
