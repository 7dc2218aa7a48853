"""Figures that are shown: tables of whole numbers whose lines and columns have names, and what sums up to what among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a column counts."""

    PEOPLE = "people"
    VISITS = "visits"
    ITEMS = "items"
    FEN = "fen"
    PPM = "ppm"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures."""

    code: str
    """Unique in its table."""
    zh: str
    """What people read above it."""
    en: str
    """The same in English."""
    unit: Unit
    """What it counts."""
    basis: str = ""
    """Column of the people whom it is about: where they are few it is hidden. People and visits without it are their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of figures."""

    code: str
    """Unique in its table."""
    zh: str
    """What people read before it."""
    en: str
    """The same in English; empty where there is only the Chinese name."""
    values: tuple[int | None, ...]
    """One a column; None where the county's data do not say it."""
    is_total: bool = False
    """Whether it is a total, which charts leave out."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The place of a figure."""

    table: str
    """Code of its table."""
    line: str
    """Code of its line."""
    column: str
    """Code of its column."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Figures that come to as much as others, so that each of them can be reckoned from the rest."""

    totals: tuple[Cell, ...]
    """The sum; mostly one figure."""
    parts: tuple[Cell, ...]
    """What it sums up, all of it; none of them stands on both sides."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every figure of it."""
        return (*self.totals, *self.parts)


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of figures."""

    code: str
    """Unique in its report."""
    zh: str
    """Its heading."""
    en: str
    """The same in English."""
    columns: tuple[Column, ...]
    """From left to right."""
    lines: tuple[Line, ...]
    """From top to bottom."""
    sums: tuple[Sum, ...] = ()
    """What sums up to what; cells of other tables may stand among the parts."""
    note_zh: str = ""
    """What a reader must know of it."""
    note_en: str = ""
    """The same in English."""

    def cell(self, line: str, column: str) -> Cell:
        """The place of a figure of this table."""
        return Cell(self.code, line, column)

    def cells(self) -> Iterator[tuple[Cell, Column, int | None]]:
        """Every figure with its place and column, line by line."""
        for line in self.lines:
            for column, value in zip(self.columns, line.values, strict=True):
                yield Cell(self.code, line.code, column.code), column, value

    def basis_of(self, cell: Cell) -> Cell | None:
        """The people whom a figure is about; None when it is about nobody."""
        column = next(one for one in self.columns if one.code == cell.column)
        if column.basis:
            return Cell(cell.table, cell.line, column.basis)
        return cell if column.unit in (Unit.PEOPLE, Unit.VISITS) else None
