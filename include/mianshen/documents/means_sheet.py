"""核对请求: the families whose incomes a department is to tell, a line a member; the same file comes back as the answer.

It names people: only `disclose` makes it. No cell is a formula, equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from mianshen.core.money import parse_fen
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.fill_in import GREY, YELLOW, entitle, lay_out, put
from mianshen.documents.filled import Faults, Page
from mianshen.documents.workbook import dated

SHEET = "核对请求"
"""Title of the page."""
FIRST_LINE = 9
"""Line of the first member."""
FIXED = ("序号", "事项编号", "第几次", "成员序号", "姓名", "身份证号", "关系", "收入起", "收入止")
"""Columns A to I, which come back as they were given out."""
FREE = ("收入合计(元)",)
"""Column J, which is filled in."""
KEY, COUNT, HOLDER, PAGE_HASH = "B2", "B3", "B4", "B5"
"""Where process and step, how many, who checks and the hash of what is listed stand."""
_HELP = (
    "填写说明：只填黄色栏目，每名成员在所列各月的收入合计，单位元，最多两位小数；没有收入的填 0，空行表示还没有核对。",
    "Fill in the yellow cells: each member's income in the months named, in yuan; 0 for none. An empty line was not checked.",
)


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """One member. Never printed by accident: it has no repr."""

    case_id: str
    """The case."""
    round_no: int
    """Which opening of the step, from 1."""
    member_no: int
    """Which member, the applicant is 1."""
    name: str
    """Name."""
    certno: str
    """Id number."""
    relation: str
    """What the member is to the applicant."""
    since: str
    """First month of the income, 2025-11."""
    until: str
    """Last month, included."""

    def cells(self, number: int) -> tuple[str, ...]:
        """Columns A to I."""
        place = (str(number), self.case_id, str(self.round_no), str(self.member_no))
        return (*place, self.name, self.certno, self.relation, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Told:
    """What a line says."""

    line: int
    """Where it stands."""
    case_id: str
    """The case."""
    round_no: int
    """Which opening of the step."""
    member_no: int
    """Which member."""
    income_fen: int
    """Of all the months together."""


def means_sheet(title: str, key: str, asked: Sequence[Asked], *, holder: str, made_at: datetime) -> tuple[bytes, str]:
    """The workbook's bytes, and the hash of what it lists."""
    listed = [one.cells(number) for number, one in enumerate(asked, 1)]
    mark = page_hash(key, listed)
    book = Workbook()
    page: Any = book.active
    page.title = SHEET
    entitle(page, title)
    head = (("流程环节", key), ("人数", str(len(listed))), ("核对部门", holder), ("本表哈希", mark))
    for line, (name, value) in enumerate(head, 2):
        put(page, line, 1, name, bold=True, edge=False, wrap=False)
        put(page, line, 2, value, edge=False, wrap=False)
    for line, text in enumerate(_HELP, 6):
        put(page, line, 1, text, edge=False, wrap=False)
    for place, heading in enumerate((*FIXED, *FREE), 1):
        put(page, FIRST_LINE - 1, place, heading, bold=True, fill=GREY)
    for line, cells in enumerate(listed, FIRST_LINE):
        for place, text in enumerate(cells, 1):
            put(page, line, place, text)
        put(page, line, len(FIXED) + 1, "", fill=YELLOW, free=True, right=True)
    lay_out(page, (8, 30, 8, 8, 14, 24, 12, 10, 10, 18), first_line=FIRST_LINE)
    return dated(book, made=made_at), mark


def told_of(page: Page, *, where: str) -> list[Told]:
    """The incomes told; MianshenError SHEET_CHANGED when a locked cell is another, SHEET_INVALID names every faulty cell."""
    lines, faults = list(_lines(page)), Faults()
    if page[COUNT] != str(len(lines)) or page[PAGE_HASH] != page_hash(page[KEY], [cells for _, cells in lines]):
        faults.add(PAGE_HASH, f"锁定的内容、行数或次序与下载时不同(现有 {len(lines)} 行)", "不要增删、排序各行,重新下载填写")
    faults.refuse("SHEET_CHANGED", where)
    found = [
        Told(line, cells[1], int(cells[2]), int(cells[3]), fen)
        for line, cells in lines
        if page[f"J{line}"] and (fen := _fen(page, f"J{line}", faults)) is not None
    ]
    if not found and not faults.found:
        faults.add(f"J{FIRST_LINE}", "没有填写任何收入", "填写核对过的各行,没有收入的填 0")
    faults.refuse("SHEET_INVALID", where)
    return found


def _fen(page: Page, cell: str, faults: Faults) -> int | None:
    try:
        fen = parse_fen(page[cell])
    except ValueError:
        fen = -1
    if fen >= 0:
        return fen
    faults.add(cell, "不是不小于 0、至多两位小数的金额", "按元填写,如 3600.50;没有收入填 0")
    return None


def _lines(page: Page) -> Iterator[tuple[int, tuple[str, ...]]]:
    for line in range(FIRST_LINE, page.last_line + 1):
        cells = tuple(page[f"{column}{line}"] for column in "ABCDEFGHI")
        if any(cells) or page[f"J{line}"]:
            yield line, cells
