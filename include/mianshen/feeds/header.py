"""The row that carries the headings, found by the contract's aliases; what stands above it are titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mianshen.core.contract import Column, Contract, Kind
from mianshen.core.errors import MianshenError
from mianshen.feeds.words import fold

SEARCHED_ROWS = 20
"""A heading further down is not looked for."""

_MONTH = re.compile(
    r"(?<!\d)(20\d{2})\s*[年./-]\s*(1[0-2]|0?[1-9])(?:\s*月|(?![\d./月-]))(?!\s*\d{1,2}\s*日)"
    r"|(?<!\d)(20\d{2})(0[1-9]|1[0-2])(?!\d)"
)
_BARE_MONTH = re.compile(r"(?<![\d年/.至到~—-])(1[0-2]|0?[1-9])\s*月(?!\s*\d{1,2}\s*日)")
"""A month without its year, and neither the end of several nor a day."""
_CHINESE_MONTH = re.compile(
    r"二[〇零○]([〇零○一二三四五六七八九])([〇零○一二三四五六七八九])年(十[一二]?|[一二三四五六七八九])月(?![一二三十])"
)
_DIGIT = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_NUMBERED = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15})(?!\d)")
_UNIT = re.compile(r"(单位)?(人民币)?元$")
_ASIDE = re.compile(
    r"(非?必填项?|必录|选填|可不填|可空|1[58]位(数字)?|文本(格式)?|年/?月/?日|y{4}[-/.]?m{2}[-/.]?d{2}|格式.{0,16})$",
    re.IGNORECASE,
)
"""What a form says beside a heading for those who fill it in."""
_OTHER_UNIT = re.compile(r"[(/_:单位:]*(?:[百千万亿]+元|万|角|分)$")
_TITLE_UNIT = re.compile(r"(单位|金额|计量)[^0-9]{0,6}[百千万亿]+元")
_NOTE_UNIT = re.compile(r"(单位|计量)[^0-9]{0,6}[百千万亿]+元")
_UNIT_CELL = re.compile(r"^(单位/?)?(人民币)?([百千万亿]*元|角|分|万)$")
_UNIT_BESIDE = frozenset(("", "-", "/", "年月日", "年/月/日", "日期", "人", "位"))
"""What may stand beside units of money in a row of units."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand and what they mean."""

    row: int
    """Index of the heading's first row, from 0."""
    last_row: int
    """Index of its last row: more than `row` where it takes two, or where a row of units follows."""
    width: int
    """How many cells it is wide."""
    headed: int
    """How many cells of it carry a heading: empty ones at its end need not stand in the rows."""
    positions: Mapping[str, int]
    """Cell index by canonical column name."""
    extra: int
    """How many headed cells the contract does not know; they are not read."""
    months: tuple[str, ...]
    """2026-10 for every month, not day, that a title above names."""


def find_header(contract: Contract, rows: Sequence[Sequence[str]], *, where: str) -> Header:
    """The heading among the first rows of a file; it may take two rows, group names above the names of the columns.

    MianshenError HEADER_MISSING for no heading at all, HEADER_CHANGED when a required column is missing, HEADER_DOUBLED when one
    stands twice, HEADER_UNIT when money is counted in anything but yuan.
    """
    words = headings(contract)
    searched = rows[:SEARCHED_ROWS]
    first, last = _place(words, searched)
    cells = _joined(words, searched[first], searched[last]) if searched else []
    known = {name for name in (_meaning(words, cell) for cell in cells) if name}
    _refuse_records(rows[:first], where=where)
    line = f"{where}:{last + 1}"
    _refuse_unit(words, rows[:first], [*cells, *(searched[first] if searched else [])], where=line)
    if len(known) < min(2, len(contract.columns)):
        raise MianshenError("HEADER_MISSING", found="no heading", where=where)
    positions = _positions(contract, words, cells, where=line)
    missing = [_heading(one) for one in contract.columns if one.is_required and one.name not in positions]
    if missing:
        raise MianshenError("HEADER_CHANGED", found="缺少 " + "、".join(missing), where=line)
    below = _row_of_units(searched[last + 1] if last + 1 < len(searched) else (), where=f"{where}:{last + 2}")
    headed = max(place for place, cell in enumerate(cells, start=1) if cell.strip())
    extra = sum(1 for cell in cells if cell.strip() and not _meaning(words, cell))
    return Header(
        first,
        last + below,
        len(cells),
        headed,
        positions,
        extra,
        months_of("\n".join(cell for row in rows[:first] for cell in row)),
    )


def _refuse_records(titles: Sequence[Sequence[str]], *, where: str) -> None:
    """A title names nobody: id numbers above the heading are records that a second heading would hide."""
    line = next((place for place, row in enumerate(titles, 1) if any(_NUMBERED.search(cell) for cell in row)), None)
    if line is not None:
        raise MianshenError("HEADER_CHANGED", found="表头上方有记录 records above the heading", where=f"{where}:{line}")


def _place(words: Mapping[str, str], rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """First and last row of the heading: the row that means most columns, or two in a row that together mean more."""

    def meant(cells: Sequence[str]) -> int:
        return len({name for name in (_meaning(words, cell) for cell in cells) if name})

    counts = [(meant(row), -index, index, index) for index, row in enumerate(rows)]
    pairs = [
        (meant(_joined(words, upper, lower)), -index, index, index + 1) for index, (upper, lower) in enumerate(pairwise(rows))
    ]
    best = max(counts, default=(0, 0, 0, 0))
    pair = max(pairs, default=(0, 0, 0, 0))
    return (pair[2], pair[3]) if pair[0] > best[0] else (best[2], best[3])


def _joined(words: Mapping[str, str], upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Cell by cell the lower heading, or the upper one where only that is known."""
    width = max(len(upper), len(lower))
    above = [*upper, *[""] * (width - len(upper))]
    below = [*lower, *[""] * (width - len(lower))]
    return [low if _meaning(words, low) or not _meaning(words, high) else high for high, low in zip(above, below, strict=True)]


def headings(contract: Contract) -> dict[str, str]:
    """The column's name by each folded heading that means it, with and without a closing 元."""
    folded = [(fold(alias), one.name) for one in contract.columns for alias in (one.name, *one.aliases)]
    return {**{_UNIT.sub("", word): name for word, name in folded}, **dict(folded)}


def official(contract: Contract) -> list[str]:
    """The heading of each column as the department calls it."""
    return [_heading(one) for one in contract.columns]


def _heading(column: Column) -> str:
    """What the department calls the column."""
    return next((alias for alias in column.aliases if alias != column.name), column.name)


def _meaning(words: Mapping[str, str], cell: str) -> str | None:
    folded = fold(cell)
    return words.get(folded) or words.get(_UNIT.sub("", folded)) or words.get(_ASIDE.sub("", folded))


def _positions(contract: Contract, words: Mapping[str, str], cells: Sequence[str], *, where: str) -> dict[str, int]:
    """The place of each column. Of an optional or text column the official heading wins over others; else two are refused."""
    lenient = (one for one in contract.columns if not one.is_required or one.kind is Kind.TEXT)
    official = {one.name: fold(_heading(one)) for one in lenient}
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        name = _meaning(words, cell)
        if name:
            found.setdefault(name, []).append(index)
    positions: dict[str, int] = {}
    for name, places in found.items():
        exact = [index for index in places if fold(cells[index]) == official.get(name)]
        chosen = exact or places
        if len(chosen) > 1:
            raise MianshenError("HEADER_DOUBLED", found=name, where=where)
        positions[name] = chosen[0]
    return positions


def _refuse_unit(words: Mapping[str, str], titles: Sequence[Sequence[str]], headings_read: Sequence[str], *, where: str) -> None:
    for cell in headings_read:
        folded = fold(cell)
        bare = _OTHER_UNIT.sub("", folded)
        if "万元" in folded or (bare != folded and words.get(bare)):
            raise MianshenError("HEADER_UNIT", found="万元" if "万" in folded else folded[-3:], where=where)
    if any(_TITLE_UNIT.search(fold(cell)) for row in titles for cell in row):
        raise MianshenError("HEADER_UNIT", found="万元", where=where)


def _row_of_units(cells: Sequence[str], *, where: str) -> int:
    """1 when the row under the heading says in what its amounts are counted, else 0; HEADER_UNIT for anything but yuan."""
    folded = [fold(cell) for cell in cells]
    units = [one for one in folded if _UNIT_CELL.match(one)]
    if not units or any(one not in _UNIT_BESIDE for one in folded if one not in units):
        return 0
    other = next((one for one in units if not _UNIT.fullmatch(one)), None)
    if other is not None:
        raise MianshenError("HEADER_UNIT", found=other, where=where)
    return 1


def says_other_unit(note: str) -> bool:
    """Whether a note or a total under the rows says that money is counted in something else than yuan."""
    return _NOTE_UNIT.search(fold(note)) is not None


def months_of(text: str) -> tuple[str, ...]:
    """Every month that a text names as 2026-10; a day names none, it is the day of writing."""
    plain = unicodedata.normalize("NFKC", text)
    found = [f"{int(one[1] or one[3]):04d}-{int(one[2] or one[4]):02d}" for one in _MONTH.finditer(plain)]
    for one in _CHINESE_MONTH.finditer(plain):
        ones = one[3].removeprefix("十")
        number = int(_DIGIT.get(ones, "0")) + (10 if "十" in one[3] else 0)
        found.append(f"20{_DIGIT[one[1]]}{_DIGIT[one[2]]}-{number:02d}")
    return tuple(dict.fromkeys(found))


def is_named_otherwise(name: str, month: str) -> bool:
    """Whether a file's name says months, with or without their year, and none of them is this one; months are written 2026-10."""
    named = months_of(name)
    bare = [f"{int(one):02d}" for one in _BARE_MONTH.findall(unicodedata.normalize("NFKC", name))]
    return month not in named if named else bool(bare) and month[5:] not in bare
