"""Figures of the people: categories and their overlap, ages, towns, the months of the year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.core.figures import Column, Figures, Line, Unit
from mianshen.core.pack import Pack

Row = Mapping[str, Any]
ALL, NONE = "ALL", "NONE"
"""Lines of out.category_counts: everybody listed once, and everybody treated and not listed."""


def categories(rows: Sequence[Row], pack: Pack) -> Figures:
    """People, visits and money of the month by category, the categories as the pack lists them."""
    order = {one.code: place for place, one in enumerate(pack.plan.categories)}
    names = {one.code: (one.name_zh, one.name_en) for one in pack.plan.categories}
    names |= {ALL: ("在册合计(每人一次)", "all listed, each once"), NONE: ("不在册的就诊人员", "treated and not listed")}
    last = {ALL: len(order), NONE: len(order) + 1}
    lines = tuple(
        Line(
            one["category_code"],
            *names.get(one["category_code"], (one["category_code"], "")),
            tuple(one[column.code] for column in _CATEGORY),
            one["category_code"] in last,
        )
        for one in sorted(rows, key=lambda one: (order | last).get(one["category_code"], -1))
    )
    return Figures("categories", "在册类别", "categories", _CATEGORY, lines)


_CATEGORY = (
    Column("people", "人数", "people", Unit.PEOPLE),
    Column("people_in_several", "其中属两类以上", "in two or more", Unit.PEOPLE),
    Column("people_treated", "就诊人数", "treated", Unit.PEOPLE),
    Column("visits", "人次", "visits", Unit.VISITS, "people_treated"),
    Column("cost_fen", "总费用", "cost", Unit.FEN, "people_treated"),
    Column("fund_fen", "基金支付", "paid by funds", Unit.FEN, "people_treated"),
    Column("burden_fen", "个人负担", "borne by the person", Unit.FEN, "people_treated"),
)
