"""Figures of the people: categories and their overlap, ages, towns, whom each department's policies reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mianshen.core.figures import Cell, Column, Figures, Line, Sum, Unit
from mianshen.core.pack import Pack

Row = Mapping[str, Any]
ALL, NONE = "ALL", "NONE"
"""Lines of out.category_counts: everybody listed once, and everybody treated and not listed."""
TOTAL = "TOTAL"
"""The total in the other tables."""
CATEGORIES = partial(Cell, "categories")
"""A figure of the table of categories."""
SEXES = {"1": ("男", "men"), "2": ("女", "women"), "9": ("未说明", "not stated")}
"""National codes."""
UNKNOWN = "unknown"
"""The age band of whose year of birth is not known."""


def category_names(pack: Pack) -> dict[str, tuple[str, str]]:
    """Categories as the pack lists them, then all listed and the unlisted."""
    names = {one.code: (one.name_zh, one.name_en) for one in pack.plan.categories}
    return names | {ALL: ("在册合计(每人一次)", "all listed, each once"), NONE: ("不在册的就诊人员", "treated and not listed")}


def categories(rows: Sequence[Row], pack: Pack) -> Figures:
    """People, visits and money of the month by category, the categories as the pack lists them."""
    names = category_names(pack)
    order = {code: place for place, code in enumerate(names)}
    found = {one["category_code"]: one for one in rows}
    lines = tuple(
        Line(code, zh, en, tuple(found[code][one.code] for one in _CATEGORY), code in (ALL, NONE))
        for code in sorted(found, key=lambda one: (order.get(one, -1), one))
        for zh, en in [names.get(code, (code, ""))]
    )
    return Figures("categories", "在册类别", "categories", _CATEGORY, lines)


def overlap(rows: Sequence[Row], pack: Pack) -> Figures:
    """How many hold two categories at once; a category with itself is everybody who holds it."""
    pairs = {(one["category_code"], one["other_category_code"]): one["people"] for one in rows}
    held = [one for one in pack.plan.categories if (one.code, one.code) in pairs]
    columns = tuple(Column(one.code, one.name_zh, "", Unit.PEOPLE) for one in held)
    lines = tuple(
        Line(one.code, one.name_zh, one.name_en, tuple(pairs.get((one.code, other.code), 0) for other in held)) for one in held
    )
    same = tuple(Sum((Cell("overlap", one.code, one.code),), (CATEGORIES(one.code, "people"),)) for one in held)
    return Figures("overlap", "类别重叠", "categories held together", columns, lines, same)


def ages(rows: Sequence[Row]) -> Figures:
    """Listed people by age band and sex, each once."""
    found = {(one["age_band"], one["gend"]): one["people"] for one in rows}
    bands = sorted({band for band, _ in found} - {TOTAL})
    columns = (
        *(Column(code, zh, en, Unit.PEOPLE) for code, (zh, en) in SEXES.items()),
        Column("people", "合计", "all", Unit.PEOPLE),
    )
    codes = (*SEXES, TOTAL)
    lines = tuple(
        Line(band, *_band(band), tuple(found.get((band, code), 0) for code in codes), band == TOTAL)
        for band in (*bands, TOTAL)
        if (band, TOTAL) in found
    )
    table = Figures("ages", "年龄与性别", "ages and sexes", columns, lines)
    across = [Sum((table.cell(one.code, "people"),), tuple(table.cell(one.code, sex) for sex in SEXES)) for one in lines]
    whole = [Sum((table.cell(TOTAL, "people"),), (CATEGORIES(ALL, "people"),))] if lines else []
    return Figures(table.code, table.zh, table.en, columns, lines, (*across, *_down(table), *whole), *_BORN)


def towns(rows: Sequence[Row]) -> Figures:
    """Listed people by town, their care and relief, each once; whose town no list says stand last."""
    found = sorted(rows, key=lambda one: (one["town"] == TOTAL, not one["town"], -int(one["people"]), str(one["town"])))
    lines = tuple(
        Line(one["town"] or UNKNOWN, _town(one["town"]), "", tuple(one[name.code] for name in _TOWN), one["town"] == TOTAL)
        for one in found
    )
    table = Figures("towns", "镇街", "towns", _TOWN, lines)
    same = [Sum((table.cell(TOTAL, name),), (CATEGORIES(ALL, name),)) for name in ("people", "people_treated")] if lines else []
    return Figures(table.code, table.zh, table.en, _TOWN, lines, (*_down(table), *same))


def coverage(rows: Sequence[Row], pack: Pack) -> Figures:
    """How many of each category each department relieved in the year; nobody where no policy of it names the category."""
    found = {(one["category_code"], one["department_code"]): one["people_relieved"] for one in rows}
    departments = [one for one in pack.departments if any(one.code == department for _, department in found)]
    columns = tuple(Column(one.code, one.name_zh, one.name_en, Unit.PEOPLE) for one in departments)
    lines = tuple(
        Line(one.code, one.name_zh, one.name_en, tuple(found.get((one.code, other.code), 0) for other in departments))
        for one in pack.plan.categories
        if any(one.code == category for category, _ in found)
    )
    return Figures("coverage", "哪个部门救助了哪一类人(本年)", "whom each department relieved, year", columns, lines)


def _band(band: str) -> tuple[str, str]:
    if band == TOTAL:
        return "合计", "all"
    if band == UNKNOWN:
        return "年龄不详", "not known"
    low, high = band.rstrip("+").split("-") if "-" in band else (band.rstrip("+"), "")
    return (f"{int(low)}—{high}岁", f"{int(low)} to {high}") if high else (f"{low}岁以上", f"{low} and over")


def _town(town: str) -> str:
    return {TOTAL: "合计", "": "镇街不详"}.get(town, town)


def _down(table: Figures) -> list[Sum]:
    """The total line as the sum of the others, for every count of people."""
    parts = [one for one in table.lines if not one.is_total]
    return [
        Sum((table.cell(one.code, column.code),), tuple(table.cell(part.code, column.code) for part in parts))
        for one in table.lines
        if one.is_total and parts
        for column in table.columns
        if column.unit is Unit.PEOPLE
    ]


_BORN = ("出生年份只在就诊记录里,本年没有就诊的人年龄不详。", "Only records of care tell the year of birth.")
_CATEGORY = (
    Column("people", "人数", "people", Unit.PEOPLE),
    Column("people_in_several", "其中属两类以上", "in two or more", Unit.PEOPLE),
    Column("people_treated", "就诊人数", "treated", Unit.PEOPLE),
    Column("visits", "人次", "visits", Unit.VISITS, "people_treated"),
    Column("cost_fen", "总费用", "cost", Unit.FEN, "people_treated"),
    Column("fund_fen", "基金支付", "paid by funds", Unit.FEN, "people_treated"),
    Column("burden_fen", "个人负担", "borne by the person", Unit.FEN, "people_treated"),
)
_TOWN = (
    Column("people", "人数", "people", Unit.PEOPLE),
    Column("people_treated", "就诊人数", "treated", Unit.PEOPLE),
    Column("people_relieved", "有救助人数", "relieved", Unit.PEOPLE),
    Column("visits", "人次", "visits", Unit.VISITS, "people_treated"),
    Column("cost_fen", "总费用", "cost", Unit.FEN, "people_treated"),
    Column("burden_fen", "个人负担", "borne by the person", Unit.FEN, "people_treated"),
    Column("relief_fen", "核定救助", "relief assessed", Unit.FEN, "people_relieved"),
)
