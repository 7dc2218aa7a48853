"""The visit sheet of a town: whom to ask, why and until when, yellow cells for what came of it. `visit_answer` reads it back.

It names people: only `disclose` makes it, for the department that visits. No cell is a formula, equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from mianshen.core.process import Process, Step
from mianshen.core.visits import SPOKE_NAMES, WAY_NAMES
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.fill_in import GREY, YELLOW, entitle, lay_out, offer, put
from mianshen.documents.workbook import dated

SHEET = "走访表"
"""Title of the page that is filled in."""
FIRST_LINE = 11
"""Line of the first person."""
FIXED = "ABCDEFGH"
"""Columns that come back as they were given out."""
FREE = "IJKLM"
"""Columns that are filled in: what came of it, who answered, how, when, who went."""
HEADINGS = (
    "序号",
    "事项编号",
    "第几次",
    "姓名",
    "电话",
    "网格",
    "去问什么",
    "期限",
    "结果",
    "问到谁",
    "方式",
    "走访日期",
    "走访人",
)
"""Columns A to M."""
ADDRESS = "N"
"""Column of the address for the post, where an outcome of the step needs it."""
ADDRESS_ZH = "邮寄地址"
"""Its heading."""
KEY, TOWN, COUNT, HOLDER, PAGE_HASH = "B2", "B3", "B4", "B5", "B6"
"""Where process and step, the town, how many, who visits and the hash of what is listed stand."""
NO_TOWN = "—"
"""In place of a town that nobody knows."""
EVERY_TOWN = "全部镇街"
"""In place of a town on a sheet of the whole county."""
_HELP = (
    "填写说明：只填黄色栏目，空行表示还没有去。需要、不需要只能由本人或家属、监护人说；没有遇到人选“无人”，会再安排走访，不算不需要。"
    "走访日期写作 2026-11-05。",
    "Fill in the yellow cells; a line left empty was not visited. Only the person or the family says yes or no.",
)
_WIDTHS = (6, 28, 8, 12, 16, 16, 40, 12, 16, 14, 8, 14, 14, 48)


def free_of(step: Step) -> str:
    """Columns that are filled in on a sheet of this step."""
    return FREE + (ADDRESS if any(one.needs_address for one in step.outcomes) else "")


def headings_of(step: Step) -> tuple[str, ...]:
    """Every heading of a sheet of this step."""
    return (*HEADINGS, *([ADDRESS_ZH] if ADDRESS in free_of(step) else []))


@dataclass(frozen=True, slots=True)
class ToVisit:
    """One line of the sheet."""

    case_id: str
    """The case."""
    round_no: int
    """Which time the person is asked, from 1."""
    name: str
    """Whom."""
    phone: str
    """Empty when nobody knows it."""
    grid_zh: str
    """The grid in which the person lives; empty when nobody knows it."""
    asked_zh: str
    """What is to be found out."""
    due_on: str
    """Last day, or empty."""

    def cells(self, number: int) -> tuple[str, ...]:
        """Columns A to H."""
        who = (self.name, self.phone or "—", self.grid_zh or "—")
        return (str(number), self.case_id, str(self.round_no), *who, self.asked_zh, self.due_on or "—")


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """What stands above the lines."""

    county_zh: str
    """The county."""
    process: Process
    """The process of visits."""
    step: Step
    """The step that asks."""
    town: str | None
    """Whose people; None where nobody knows the town."""
    holder_code: str
    """Department that visits."""
    holder_zh: str
    """Its name."""
    made_at: datetime
    """The only moment in the file."""

    @property
    def key(self) -> str:
        """Process and step in one."""
        return f"{self.process.code}|{self.step.code}"


def visit_sheet(about: VisitSheet, lines: Sequence[ToVisit]) -> tuple[bytes, str]:
    """The workbook's bytes, and the hash of what it lists."""
    listed = [one.cells(number) for number, one in enumerate(lines, 1)]
    mark = page_hash(f"{about.key}|{about.town or NO_TOWN}", listed)
    book = Workbook()
    page: Any = book.active
    page.title = SHEET
    _head(page, about, len(lines), mark)
    for place, heading in enumerate(headings_of(about.step), 1):
        put(page, FIRST_LINE - 1, place, heading, bold=True, fill=GREY)
    for line, cells in enumerate(listed, FIRST_LINE):
        for place, text in enumerate((*cells, *("" for _ in free_of(about.step))), 1):
            is_free = place > len(cells)
            put(page, line, place, text, fill=YELLOW if is_free else None, free=is_free)
    last = FIRST_LINE + len(listed) - 1
    choices = ([one.name_zh for one in about.step.outcomes], list(SPOKE_NAMES), list(WAY_NAMES))
    for column, names in zip("IJK", choices, strict=True):
        offer(page, names, f"{column}{FIRST_LINE}:{column}{last}")
    lay_out(page, _WIDTHS[: len(headings_of(about.step))], first_line=FIRST_LINE)
    return dated(book, made=about.made_at), mark


def _head(page: Any, about: VisitSheet, count: int, mark: str) -> None:
    entitle(page, f"{about.county_zh} {about.town or '镇街不明'} {about.process.name_zh}·{about.step.name_zh}")
    lines = (
        ("流程环节", about.key),
        ("镇街", about.town or NO_TOWN),
        ("人数", str(count)),
        ("承办部门", f"{about.holder_code} {about.holder_zh}"),
        ("本表哈希", mark),
    )
    for line, (name, value) in enumerate(lines, 2):
        put(page, line, 1, name, bold=True, edge=False, wrap=False)
        put(page, line, 2, value, edge=False, wrap=False)
    for line, text in enumerate(_HELP, 7):
        put(page, line, 1, text, edge=False)
        page.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(HEADINGS))
    page.row_dimensions[7].height = 32
