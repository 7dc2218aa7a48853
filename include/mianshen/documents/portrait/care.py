"""Figures of the care: who bears its cost, for which diseases and where it was given, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.core.figures import Column, Figures, Line, Sum, Unit
from mianshen.core.pack import Pack
from mianshen.core.portrait import PAYER_WORDS
from mianshen.core.reviews import PAYER_NAMES
from mianshen.documents.portrait.people import ALL, CATEGORIES, NONE, category_names

Row = Mapping[str, Any]
Names = Mapping[str, tuple[str, str]]
TOTAL = "TOTAL"
"""Line of everybody once, in the tables that are read."""
PLACES = {
    "COUNTY": ("县区内", "in the county"),
    "PREFECTURE": ("本市其他县区", "elsewhere in the prefecture"),
    "ELSEWHERE": ("市外", "outside the prefecture"),
    "UNKNOWN": ("就医地未交付", "place not delivered"),
}
"""Where care was given."""
LEVELS = {
    "3": ("三级", "level 3"),
    "2": ("二级", "level 2"),
    "1": ("一级", "level 1"),
    "UNKNOWN": ("等级未交付", "level not delivered"),
}
"""Levels of hospitals, the highest first; another code that a feed delivers stands as it is."""


def layers(rows: Sequence[Row], pack: Pack) -> Figures:
    """Who bears the cost of the month's care, a line a category and a column a layer; the layers of a line are its cost."""
    month = [one for one in rows if one["scope"] == "month"]
    tiers = {one.code: (one.name_zh, one.name_en) for one in pack.plan.tiers}
    names: Names = {**{code: (name, code) for code, name in PAYER_NAMES.items()}, **PAYER_WORDS, **tiers}
    place = {one["layer_code"]: (one["place"], one["layer_code"]) for one in month}
    treated = Column("people_treated", "就诊人数", "treated", Unit.PEOPLE)
    columns = [
        Column(code, zh, en, Unit.FEN, "people_treated")
        for code in sorted(place, key=lambda one: place[one])
        for zh, en in [names.get(code, (code, ""))]
    ]
    found: dict[str, dict[str, int]] = {}
    for one in month:
        found.setdefault(one["category_code"], {"people_treated": one["people_treated"]})[one["layer_code"]] = one["amount_fen"]
    known = category_names(pack) | {TOTAL: ("就诊合计(每人一次)", "all treated, each once")}
    order = {code: number for number, code in enumerate(known)}
    lines = tuple(
        Line(
            code, *known.get(code, (code, "")), tuple(own.get(one.code, 0) for one in (treated, *columns)), code in (TOTAL, NONE)
        )
        for code, own in sorted(found.items(), key=lambda one: (order.get(one[0], len(order)), one[0]))
        if code != ALL
    )
    table = Figures("layers", "费用由谁承担(当月)", "who bears the cost, month", (treated, *columns), lines)
    return Figures(table.code, table.zh, table.en, table.columns, lines, _treated_as_listed(table))


def _treated_as_listed(table: Figures) -> tuple[Sum, ...]:
    """The treated of a category stand in the table of categories too; all treated are the listed and the unlisted."""
    listed = {code: CATEGORIES(code, "people_treated") for code in (*(one.code for one in table.lines), ALL)}
    sums = [Sum((table.cell(one.code, "people_treated"),), (listed[one.code],)) for one in table.lines if one.code != TOTAL]
    if any(one.code == TOTAL for one in table.lines):
        unlisted = (listed[NONE],) if NONE in listed else ()
        sums.append(Sum((table.cell(TOTAL, "people_treated"),), (listed[ALL], *unlisted)))
    return tuple(sums)


def diseases(rows: Sequence[Row], groups: Names) -> Figures:
    """Disease groups of the month: people by place of care, visits and money; visits add up, people do not."""
    found: dict[str, dict[str, Row]] = {}
    for one in rows:
        if one["scope"] == "month":
            found.setdefault(one["disease_group_code"], {})[one["care_place_code"]] = one
    names = {**groups, TOTAL: ("合计", "all")}
    lines = tuple(
        Line(code, *names.get(code, (code, "")), _placed(own), code == TOTAL)
        for code, own in sorted(found.items(), key=lambda one: (one[0] == TOTAL, -int(one[1][TOTAL]["cost_fen"]), one[0]))
    )
    table = Figures("diseases", "病种组(当月)", "disease groups, month", _PLACED, lines)
    return Figures(table.code, table.zh, table.en, _PLACED, lines, _added(table, "visits"))


def _placed(own: Mapping[str, Row]) -> tuple[int, ...]:
    people = [int(own[place]["people"]) if place in own else 0 for place in PLACES]
    whole = own[TOTAL]
    return (whole["people"], *people, *(whole[one.code] for one in _CARE))


def places(rows: Sequence[Row], diseases_table: Figures) -> Figures:
    """Where the month's care was given."""
    found = {one["care_place_code"]: one for one in rows if one["scope"] == "month" and one["disease_group_code"] == TOTAL}
    names: Names = {**PLACES, TOTAL: ("合计", "all")}
    columns = (Column("people", "人数", "people", Unit.PEOPLE), *_CARE)
    lines = tuple(
        Line(code, *said, tuple(found[code][one.code] for one in columns), code == TOTAL)
        for code, said in names.items()
        if code in found
    )
    table = Figures("places", "在哪里就医(当月)", "where care was given, month", columns, lines)
    same = [
        Sum((table.cell(one.code, "people"),), (diseases_table.cell(TOTAL, "people" if one.is_total else one.code),))
        for one in lines
    ]
    return Figures(table.code, table.zh, table.en, columns, lines, (*_added(table, "visits"), *same))


def levels(rows: Sequence[Row], diseases_table: Figures) -> Figures:
    """At hospitals of which level the month's care was given, and where; visits add up, people do not."""
    found: dict[str, dict[str, Row]] = {}
    for one in rows:
        if one["scope"] == "month":
            found.setdefault(one["hosp_lv"], {})[one["care_place_code"]] = one
    names: Names = {**LEVELS, **{code: (code, code) for code in sorted(found) if code not in LEVELS}, TOTAL: ("合计", "all")}
    lines = tuple(Line(code, *said, _placed(found[code]), code == TOTAL) for code, said in names.items() if code in found)
    table = Figures("levels", "医院等级与就医地(当月)", "levels of hospitals by place, month", _PLACED, lines)
    same = [
        Sum((table.cell(TOTAL, name),), (diseases_table.cell(TOTAL, name),)) for name in ("people", *PLACES) if TOTAL in found
    ]
    return Figures(table.code, table.zh, table.en, table.columns, lines, (*_added(table, "visits"), *same))


def trend(rows: Sequence[Row]) -> Figures:
    """Everybody who was listed or treated, month by month of the year."""
    columns = (
        Column("people", "在册或就诊人数", "listed or treated", Unit.PEOPLE),
        Column("people_treated", "就诊人数", "treated", Unit.PEOPLE),
        Column("people_relieved", "有救助人数", "relieved", Unit.PEOPLE),
        *(Column(one.code, one.zh, one.en, one.unit, "people_treated") for one in _CARE if one.code != "fund_fen"),
        Column("relief_fen", "核定救助", "relief assessed", Unit.FEN, "people_relieved"),
        Column("paid_fen", "其中已到账", "of it paid", Unit.FEN, "people_relieved"),
    )
    lines = tuple(
        Line(
            one["calendar_month"],
            f"{int(one['calendar_month'][5:])}月",
            one["calendar_month"],
            tuple(one[name.code] for name in columns),
        )
        for one in sorted(rows, key=lambda one: str(one["calendar_month"]))
        if one["category_code"] == TOTAL
    )
    return Figures("trend", "逐月", "month by month", columns, lines)


def _added(table: Figures, column: str) -> tuple[Sum, ...]:
    """The total line as the sum of the others."""
    parts = tuple(table.cell(one.code, column) for one in table.lines if not one.is_total)
    return tuple(Sum((table.cell(one.code, column),), parts) for one in table.lines if one.is_total and parts)


_CARE = (
    Column("visits", "人次", "visits", Unit.VISITS, "people"),
    Column("cost_fen", "总费用", "cost", Unit.FEN, "people"),
    Column("fund_fen", "基金支付", "paid by funds", Unit.FEN, "people"),
    Column("burden_fen", "个人负担", "borne by the person", Unit.FEN, "people"),
)
_PLACED = (
    Column("people", "人数", "people", Unit.PEOPLE),
    *(Column(code, f"{zh}人数", f"people {en}", Unit.PEOPLE) for code, (zh, en) in PLACES.items()),
    *_CARE,
)
