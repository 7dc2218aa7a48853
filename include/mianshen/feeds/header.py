"""The row that carries the headings, found by the contract's aliases; what stands above it are titles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.contract import Column, Contract
from mianshen.core.errors import MianshenError
from mianshen.feeds.words import fold

SEARCHED_ROWS = 20
"""A heading further down is not looked for."""

_MONTH = re.compile(r"(20\d{2})\s*年\s*(1[0-2]|0?[1-9])\s*月")
_UNIT = re.compile(r"(单位)?元$")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand and what they mean."""

    row: int
    """Index of the heading's row, from 0."""
    positions: Mapping[str, int]
    """Cell index by canonical column name."""
    extra: int
    """How many headed cells the contract does not know; they are not read."""
    month_in_title: str | None
    """2026-10 when a title above says 2026年10月."""


def find_header(contract: Contract, rows: Sequence[Sequence[str]], *, where: str) -> Header:
    """The heading's row among the first rows of a file.

    MianshenError HEADER_CHANGED when a required column is missing, HEADER_DOUBLED when one stands twice, HEADER_UNIT when
    money is counted in 万元.
    """
    words = headings(contract)
    matched = [[_meaning(words, cell) for cell in row] for row in rows[:SEARCHED_ROWS]]
    counts = [len({name for name in row if name}) for row in matched]
    best = max(range(len(counts)), key=lambda index: (counts[index], -index), default=0)
    if not counts or counts[best] < min(2, len(contract.columns)):
        raise MianshenError("HEADER_CHANGED", found="no heading", where=where)
    line = f"{where}:{best + 1}"
    _refuse_unit(rows[: best + 1], where=line)
    positions = _positions(matched[best], where=line)
    missing = [_heading(one) for one in contract.columns if one.is_required and one.name not in positions]
    if missing:
        raise MianshenError("HEADER_CHANGED", found="缺少 " + "、".join(missing), where=line)
    extra = sum(1 for cell, name in zip(rows[best], matched[best], strict=True) if cell.strip() and not name)
    return Header(best, positions, extra, _month(rows[:best]))


def headings(contract: Contract) -> dict[str, str]:
    """The column's name by each folded heading that means it, with and without a closing 元."""
    folded = [(fold(alias), one.name) for one in contract.columns for alias in (one.name, *one.aliases)]
    return {**{_UNIT.sub("", word): name for word, name in folded}, **dict(folded)}


def _heading(column: Column) -> str:
    """What the department calls the column."""
    return next((alias for alias in column.aliases if alias != column.name), column.name)


def _meaning(words: Mapping[str, str], cell: str) -> str | None:
    folded = fold(cell)
    return words.get(folded) or words.get(_UNIT.sub("", folded))


def _positions(names: Sequence[str | None], *, where: str) -> dict[str, int]:
    positions: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in positions:
            raise MianshenError("HEADER_DOUBLED", found=str(name), where=where)
        if name:
            positions[name] = index
    return positions


def _refuse_unit(rows: Sequence[Sequence[str]], *, where: str) -> None:
    if any("万元" in fold(cell) for row in rows for cell in row):
        raise MianshenError("HEADER_UNIT", found="万元", where=where)


def _month(titles: Sequence[Sequence[str]]) -> str | None:
    found = _MONTH.search("\n".join(cell for row in titles for cell in row))
    return f"{int(found[1]):04d}-{int(found[2]):02d}" if found else None
