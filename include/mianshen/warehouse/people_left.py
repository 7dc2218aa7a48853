"""Lists of people for whom somebody has something to do: whom relief leaves with costs, whose year January closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mianshen.core.forms import PeopleList
from mianshen.warehouse import lake
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import Lake

Row = dict[str, Any]


_HOMES = """
    create or replace temp view home as
    select person_key, arg_max(town, calendar_month) as town from facts.person_month where town is not null group by person_key
"""
_QUERIES: Mapping[PeopleList, str] = {
    PeopleList.LAST_RESORT: """
        select l.person_key, m.town, l.department_code, l.visits, l.relief_fen, l.left_fen
        from out.last_resort as l
        left join home as m on l.person_key = m.person_key
        where l.benefit_year = $benefit_year
        order by m.town nulls last, l.left_fen desc, l.person_key
    """,
    PeopleList.CLOSING: """
        select n.person_key, m.town, n.visits, n.base_fen, n.notice_zh
        from out.closing_notice as n
        left join home as m on n.person_key = m.person_key
        where n.benefit_year = $benefit_year
        order by m.town nulls last, n.person_key
    """,
}


def people_left(store: Lake, which: PeopleList, *, county_code: str, benefit_year: int) -> list[Row]:
    """The list of a benefit year by the county's newest assessment, by town; empty when it names nobody.

    Money is in fen; `town` is that of the newest month, None when no list says it.
    """
    table = f"out.{which}"
    with compute() as con:
        for name in (table, "facts.person_month"):
            lake.show(con, name, store.current(name, county_code=county_code))
        con.execute(_HOMES)
        found = con.execute(_QUERIES[which], {"benefit_year": benefit_year})
        names = [one[0] for one in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
