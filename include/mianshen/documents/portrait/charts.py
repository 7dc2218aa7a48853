"""The kinds of chart that the report has: ranked bars, stacked bars, a pyramid, a grid of shades, tiles, lines over months.

Every chart takes its figures from the shown tables; a hidden one leaves a mark where its bar would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from mianshen.core.figures import Line, Unit
from mianshen.documents.columns import width_of
from mianshen.documents.portrait.drawing import BLUE, HEAT, INK, NAME, PALETTE, PAPER, RULE, SOFT, WIDE, data, dressed
from mianshen.documents.portrait.shown import Shown

BAR = 30
"""Height of a bar with its gap."""
TILES_ACROSS = 6
"""Tiles in a row of the grid of towns."""
TILE = 104
"""Side of a tile."""
_SIDES: tuple[tuple[int, Any], ...] = ((-1, "right"), (1, "left"))
"""The sign of a pyramid's side, and at which end its words stand."""
_NAMES: Any = alt.Axis(title=None, labelFontSize=13)


def ranked(shown: Shown, table: str, column: str, *, colour: str = BLUE, ordered: bool = True) -> Any:
    """Bars of one column, the longest first unless the table's order tells something; each says its figure."""
    rows = _rows(shown, table, column)
    if ordered:
        rows.sort(key=lambda one: -(one["value"] or 0))
    names = [one["name"] for one in rows]
    base = alt.Chart(data(rows)).encode(y=alt.Y("name:N", sort=names, axis=_NAMES, title=None))
    bars = base.mark_bar(color=colour, cornerRadiusEnd=3, height=20).encode(x=_length(rows))
    texts = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(x=alt.X("value:Q"), text="text:N")
    return dressed((bars + texts).properties(width=_beside(names), height=BAR * max(1, len(rows))))


def stacked(shown: Shown, table: str, columns: Sequence[str], *, lines: Sequence[Line] = ()) -> Any:
    """Bars of shares, one a line of the table (or of `lines`), all equally long; a line that is hidden has none."""
    drawn = [
        one
        for one in lines or shown.lines(table)
        if any(shown.value(shown.tables[table].cell(one.code, column)) for column in columns)
    ]
    rows = [
        {
            "name": line.zh,
            "part": shown.column(table, column).zh,
            "place": place,
            "value": shown.value(shown.tables[table].cell(line.code, column)) or 0,
        }
        for line in drawn
        for place, column in enumerate(columns)
    ]
    parts = [shown.column(table, one).zh for one in columns]
    names = [line.zh for line in drawn]
    bars = (
        alt.Chart(data(rows))
        .mark_bar(height=22, stroke=PAPER, strokeWidth=1)
        .encode(
            x=alt.X(
                "value:Q",
                stack="normalize",
                axis=alt.Axis(title=None, format="%", grid=True),
            ),
            y=alt.Y("name:N", sort=names, axis=_NAMES, title=None),
            color=alt.Color(
                "part:N", sort=parts, scale=alt.Scale(domain=parts, range=list(PALETTE[: len(parts)])), legend=_legend(4)
            ),
            order=alt.Order("place:Q"),
        )
    )
    return dressed(bars.properties(width=_beside(names), height=BAR * max(1, len(names))))


def spending(shown: Shown, table: str) -> Any:
    """Who bears the cost: a bar a category, its layers from insurance to the person; categories of few people are left out."""
    columns = [one.code for one in shown.tables[table].columns if one.unit is Unit.FEN]
    totals = [one for one in shown.tables[table].lines if one.is_total]
    return stacked(shown, table, columns, lines=[*reversed(totals), *shown.lines(table)])


def shades_of_all(shown: Shown, table: str) -> Any:
    """The whole table as a grid of shades."""
    return shades(shown, table, [one.code for one in shown.tables[table].columns])


def pyramid(shown: Shown, table: str, left: str, right: str) -> Any:
    """Two columns back to back over the table's lines, the last line on top."""
    sides = (left, right)
    rows: list[dict[str, Any]] = []
    for line in shown.lines(table):
        for column in sides:
            cell = shown.tables[table].cell(line.code, column)
            value = shown.value(cell) or 0
            sign = -1 if column == left else 1
            rows.append(
                {
                    "name": line.zh,
                    "side": shown.column(table, column).zh,
                    "value": sign * value,
                    "text": shown.text(cell),
                    "sign": sign,
                }
            )
    names = [line.zh for line in reversed(shown.lines(table))]
    top = max((abs(one["value"]) for one in rows), default=0) or 1
    said = [shown.column(table, one).zh for one in sides]
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[-top * 5 // 4, top * 5 // 4]))
    base = alt.Chart(data(rows)).encode(y=alt.Y("name:N", sort=names, axis=_NAMES, title=None), x=x)
    colour = alt.Color("side:N", sort=said, scale=alt.Scale(domain=said, range=list(PALETTE[:2])), legend=_legend(2))
    bars = base.mark_bar(height=24).encode(color=colour)
    texts: list[Any] = [
        base.transform_filter(f"datum.sign == {sign}")
        .mark_text(align=side, dx=6 * sign, color=INK, fontSize=12)
        .encode(text="text:N")
        for sign, side in _SIDES
    ]
    zero = alt.Chart(data([{"value": 0}])).mark_rule(color=SOFT).encode(x=x)
    return dressed(alt.layer(bars, *texts, zero).properties(width=_beside(names), height=34 * max(1, len(names))))


def shades(shown: Shown, table: str, columns: Sequence[str]) -> Any:
    """A grid of shades: lines of the table by columns; the shade is the figure's place among all of them."""
    rows = []
    for line in shown.lines(table):
        for column in columns:
            cell = shown.tables[table].cell(line.code, column)
            rows.append(
                {"name": line.zh, "of": shown.column(table, column).zh, "value": shown.value(cell), "text": shown.text(cell)}
            )
    _shade(rows)
    names, ofs = [line.zh for line in shown.lines(table)], [shown.column(table, one).zh for one in columns]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("of:N", sort=ofs, axis=alt.Axis(title=None, orient="top", labelAngle=-40, labelAlign="left", labelLimit=NAME)),
        y=alt.Y("name:N", sort=names, axis=_NAMES, title=None),
    )
    boxes = base.mark_rect(stroke=PAPER, strokeWidth=2, cornerRadius=4).encode(color=alt.Color("shade:N", scale=None))
    texts = base.mark_text(fontSize=12).encode(text="text:N", color=alt.Color("ink:N", scale=None))
    return dressed((boxes + texts).properties(width=_beside(names), height=BAR * max(1, len(names))))


def tiles(shown: Shown, table: str, column: str) -> Any:
    """A tile a line of the table, row by row in its order; it is no map: where a town lies is not known here."""
    rows = _rows(shown, table, column)
    _shade(rows)
    for place, one in enumerate(rows):
        one |= {"across": place % TILES_ACROSS, "down": place // TILES_ACROSS}
    down = -(-len(rows) // TILES_ACROSS) or 1
    hidden: Any = None
    base = alt.Chart(data(rows)).encode(x=alt.X("across:O", axis=hidden), y=alt.Y("down:O", axis=hidden))
    boxes = base.mark_rect(stroke=PAPER, strokeWidth=4, cornerRadius=8).encode(color=alt.Color("shade:N", scale=None))
    ink = alt.Color("ink:N", scale=None)
    names = base.mark_text(fontSize=14, fontWeight="bold", dy=-10, limit=TILE - 14).encode(text="name:N", color=ink)
    texts = base.mark_text(fontSize=13, dy=12).encode(text="text:N", color=ink)
    return dressed((boxes + names + texts).properties(width=TILE * min(TILES_ACROSS, len(rows) or 1), height=76 * down))


def months(shown: Shown, table: str, columns: Sequence[str]) -> Any:
    """Lines over the months of the table, one a column, all of the same unit; the last figure stands at the line's end."""
    lines = shown.lines(table)
    said = [shown.column(table, one).zh for one in columns]
    rows: list[dict[str, Any]] = []
    for column in columns:
        for line in lines:
            cell = shown.tables[table].cell(line.code, column)
            last = shown.brief(cell) if line is lines[-1] else ""
            rows.append({"month": line.zh, "series": shown.column(table, column).zh, "value": shown.value(cell), "text": last})
    money: Any = alt.Axis(title=None, grid=True, tickCount=4, labelExpr=_axis_words(shown, table, columns[0]))
    base = alt.Chart(data(rows)).encode(
        x=alt.X("month:N", sort=[line.zh for line in lines], axis=alt.Axis(title=None, labelAngle=0)),
        y=alt.Y("value:Q", axis=money, title=None),
        color=alt.Color("series:N", sort=said, scale=alt.Scale(domain=said, range=list(PALETTE[: len(said)])), legend=_legend(4)),
    )
    drawn = base.mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=46, filled=True))
    texts = base.mark_text(align="left", dx=8, fontSize=12, fontWeight="bold").encode(text="text:N")
    return dressed((drawn + texts).properties(width=WIDE - 150, height=210))


def _beside(names: Sequence[str]) -> int:
    """What is left of the width beside the longest of these names."""
    return WIDE - min(NAME, max((width_of(one) * 7 for one in names), default=0)) - 12


def _rows(shown: Shown, table: str, column: str) -> list[dict[str, Any]]:
    def row(place: int, line: Line) -> dict[str, Any]:
        cell = shown.tables[table].cell(line.code, column)
        return {"name": line.zh, "place": place, "value": shown.value(cell) or 0, "text": shown.brief(cell)}

    return [row(place, line) for place, line in enumerate(shown.lines(table))]


def _length(rows: Sequence[dict[str, Any]]) -> Any:
    """Bars leave a fifth of the width for the words at their end."""
    top = max((one["value"] for one in rows), default=0) or 1
    return alt.X("value:Q", axis=None, scale=alt.Scale(domain=[min(0, *(one["value"] for one in rows), 0), top * 5 // 4 or 1]))


def _shade(rows: Sequence[dict[str, Any]]) -> None:
    """Give every row its shade and the colour of the words on it; a hidden figure is grey."""
    top = max((one["value"] or 0 for one in rows), default=0) or 1
    for one in rows:
        value = one["value"]
        level = (len(HEAT) * value - 1) // top if value else 0
        one["shade"] = RULE if value is None else HEAT[min(level, len(HEAT) - 1)]
        one["ink"] = PAPER if value and level >= len(HEAT) - 2 else INK


def _legend(columns: int) -> Any:
    return alt.Legend(title=None, orient="top", columns=columns, symbolStrokeWidth=0)


def _axis_words(shown: Shown, table: str, column: str) -> str:
    """How the ticks of a column's axis are written."""
    is_money = shown.column(table, column).unit is Unit.FEN
    return "format(datum.value / 1000000, ',') + '万元'" if is_money else "format(datum.value, ',')"
