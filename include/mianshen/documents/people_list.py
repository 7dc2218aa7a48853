"""Lists of people as workbooks: who is left with costs, for the department that helps further; whose year January closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mianshen.core.days import local
from mianshen.core.pack import Pack
from mianshen.documents.workbook import Book


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """One person of a list. Never printed by accident: it has no repr."""

    name: str
    """In full."""
    certno: str
    """In full for a department that decides, masked for a letter."""
    town: str
    """Town; a dash when none is known."""
    cells: tuple[str, ...]
    """What the list says of the person, column by column."""


@dataclass(frozen=True, slots=True)
class ListShape:
    """What a list is called and shows beside name, number and town."""

    title_zh: str
    """Title, with the year in braces."""
    said_zh: str
    """What the reader is to do."""
    columns: tuple[str, ...]
    """Headings of `Listed.cells`."""
    signs: tuple[str, ...]
    """Empty columns at the end, to be filled in by hand."""


def people_book(shape: ListShape, people: Sequence[Listed], *, pack: Pack, benefit_year: int, made: datetime) -> bytes:
    """The workbook's bytes; equal input gives equal bytes."""
    rows = [
        [f"{place}", one.name, one.certno, one.town, *one.cells, *("" for _ in shape.signs)]
        for place, one in enumerate(people, 1)
    ]
    title = shape.title_zh.format(year=benefit_year)
    above = [f"{pack.county_name_zh}{title}", f"共 {len(people)} 人;截至 {local(made):%Y-%m-%d %H:%M}。{shape.said_zh}"]
    if pack.plan.is_illustrative:
        above.append("按示例标准计算,不得作为发放依据。")
    book = Book()
    book.sheet(title[:31], above=above, headings=["序号", "姓名", "身份证号", "镇街", *shape.columns, *shape.signs], rows=rows)
    return book.content(made=made)
