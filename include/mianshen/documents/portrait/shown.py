"""What a reader gets to see of the figures: small ones as a mark, everything else as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.disclosure import Hidden
from mianshen.core.figures import Cell, Column, Figures, Line, Unit
from mianshen.core.money import show_yuan

KEPT = "＊"
"""Stands for a figure that would give a small one away."""
ABSENT = "—"
"""Stands for a figure that the county's data do not say."""
Money = Callable[[int], str]
"""How an amount is written."""
_WAN_FEN = 1_000_000
"""Fen of ten thousand yuan (万元)."""
_YI_FEN = 10_000_000_000
"""Fen of a hundred million yuan (亿元)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures of a report and which of them are hidden."""

    tables: Mapping[str, Figures]
    """By code."""
    hidden: Mapping[Cell, Hidden]
    """Cells that are not shown, with the reason."""
    threshold: int
    """Fewer people than this are a small cell."""

    def value(self, cell: Cell) -> int | None:
        """The figure; None when it is hidden or not known."""
        return None if cell in self.hidden else self._raw(cell)

    def text(self, cell: Cell) -> str:
        """The figure as the table shows it: 1,234, 1,234.50 yuan, 12.3 %; a mark when it is hidden."""
        return self._said(cell, show_yuan)

    def brief(self, cell: Cell) -> str:
        """The figure as a chart labels it: money in 万元 or 亿元."""
        return self._said(cell, wan)

    def column(self, table: str, code: str) -> Column:
        """A column of a table."""
        return next(one for one in self.tables[table].columns if one.code == code)

    def lines(self, table: str) -> Sequence[Line]:
        """The lines of a table that are no totals."""
        return [one for one in self.tables[table].lines if not one.is_total]

    def _raw(self, cell: Cell) -> int | None:
        table = self.tables[cell.table]
        place = [one.code for one in table.columns].index(cell.column)
        return next(line.values[place] for line in table.lines if line.code == cell.line)

    def _said(self, cell: Cell, money: Money) -> str:
        unit = self.column(cell.table, cell.column).unit
        if cell in self.hidden:
            few = self.hidden[cell] is Hidden.SMALL and unit is Unit.PEOPLE
            return f"<{self.threshold}" if few else KEPT
        value = self._raw(cell)
        if value is None:
            return ABSENT
        if unit is Unit.FEN:
            return money(value)
        return percent(value) if unit is Unit.PPM else f"{value:,}"


def wan(fen: int) -> str:
    """The amount as a headline says it: 123.4万 or 1.23亿, below 万 in yuan; rounded half away from zero."""
    sign, size = "-" if fen < 0 else "", abs(fen)
    if size < _WAN_FEN:
        return f"{sign}{(size + 50) // 100:,}元"
    unit, name, places = (_YI_FEN, "亿元", 100) if size >= _YI_FEN else (_WAN_FEN, "万元", 10)
    whole, part = divmod((size * places * 2 + unit) // (unit * 2), places)
    return f"{sign}{whole:,}.{part:0{len(str(places)) - 1}d}{name}"


def percent(ppm: int) -> str:
    """A share in parts per million as 12.3%; rounded half up."""
    whole, tenth = divmod((ppm + 500) // 1000, 10)
    return f"{whole}.{tenth}%"
