"""The sheet of a step that a department decides: its cases as text, yellow cells for what it says. `step_answer` reads it back.

It may name people: only `disclose` makes it. No cell is a formula, equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from mianshen.core.codes import reason
from mianshen.core.process import Process, Step
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.fill_in import GREY, YELLOW, entitle, lay_out, offer, put
from mianshen.documents.workbook import dated

SHEET = "办理表"
"""Title of the page that is filled in."""
FIRST_LINE = 11
"""Line of the first case."""
FIXED = ("序号", "事项编号", "第几次", "姓名", "身份证号", "镇街", "期限")
"""Headings that every such sheet begins with; those of the step follow."""
FREE = ("结论", "理由", "编号")
"""Headings of what is filled in; the number only where the step takes a paper."""
KEY, COUNT, HOLDER, PAGE_HASH, ALL = "B2", "B3", "B4", "B5", "B6"
"""Where process and step, how many, who decides, the hash of what is listed and what holds for every line stand."""
_HELP = (
    "填写说明：只填黄色栏目。“整批结论”适用于没有单独填写结论的全部各行，留空则空行暂不办理。须说明理由的结论，理由从列表中选。",
    "Fill in the yellow cells; the one above holds for every line without its own outcome. Outcomes that need a reason say one.",
)
_REASONS = "理由"


@dataclass(frozen=True, slots=True, repr=False)
class ToDecide:
    """One line of the sheet. Never printed by accident: it has no repr."""

    case_id: str
    """The case."""
    round_no: int
    """Which opening of the step, from 1."""
    name: str
    """Whose matter; a dash where it is nobody's."""
    certno: str
    """Id number, masked."""
    town: str
    """Town; a dash when none is known."""
    due_on: str
    """Last day, or a dash."""
    shown: tuple[str, ...]
    """What the step shows besides."""

    def cells(self, number: int) -> tuple[str, ...]:
        """The columns that come back as they were given out."""
        fixed = (str(number), self.case_id, str(self.round_no), self.name, self.certno, self.town, self.due_on)
        return (*fixed, *(one or "—" for one in self.shown))


@dataclass(frozen=True, slots=True)
class StepSheet:
    """What stands above the lines."""

    county_zh: str
    """The county."""
    process: Process
    """The process."""
    step: Step
    """Its step."""
    shown: tuple[str, ...]
    """Headings of what the step shows besides."""
    holder_code: str
    """Department that decides."""
    holder_zh: str
    """Its name."""
    made_at: datetime
    """The only moment in the file."""

    @property
    def key(self) -> str:
        """Process and step in one."""
        return f"{self.process.code}|{self.step.code}"


@dataclass(frozen=True, slots=True)
class Places:
    """Which column holds what."""

    fixed: tuple[str, ...]
    """Columns that come back unchanged."""
    outcome: str
    """What is decided."""
    reason: str
    """Why."""
    number: str | None
    """The number that the step takes down; None where it takes no paper."""

    @property
    def free(self) -> tuple[str, ...]:
        """Columns that are filled in."""
        return (self.outcome, self.reason, *([self.number] if self.number else []))


def places_of(step: Step, shown: int) -> Places:
    """The columns of a sheet of this step that shows so much besides."""
    count = len(FIXED) + shown
    letters = [get_column_letter(place) for place in range(1, count + 4)]
    return Places(tuple(letters[:count]), letters[count], letters[count + 1], letters[count + 2] if step.papers else None)


def headings_of(step: Step, shown: Sequence[str]) -> tuple[str, ...]:
    """Every heading, in order."""
    return (*FIXED, *shown, *(FREE if step.papers else FREE[:2]))


def choice_of(code: str) -> str:
    """A reason as the cell offers it."""
    return f"{code} {reason(code).zh}"


def step_sheet(about: StepSheet, lines: Sequence[ToDecide]) -> tuple[bytes, str]:
    """The workbook's bytes, and the hash of what it lists."""
    listed = [one.cells(number) for number, one in enumerate(lines, 1)]
    mark, places = page_hash(about.key, listed), places_of(about.step, len(about.shown))
    book = Workbook()
    page: Any = book.active
    page.title = SHEET
    headings = headings_of(about.step, about.shown)
    _head(page, about, len(lines), mark, width=len(headings))
    for place, heading in enumerate(headings, 1):
        put(page, FIRST_LINE - 1, place, heading, bold=True, fill=GREY)
    for line, cells in enumerate(listed, FIRST_LINE):
        for place, text in enumerate((*cells, *("" for _ in places.free)), 1):
            is_free = place > len(cells)
            put(page, line, place, text, fill=YELLOW if is_free else None, free=is_free)
    last = FIRST_LINE + len(listed) - 1
    names = [one.name_zh for one in about.step.outcomes]
    offer(page, names, f"{places.outcome}{FIRST_LINE}:{places.outcome}{last}")
    offer(page, names, ALL)
    _reasons(book, about.step)
    lay_out(page, (6, 28, 8, 12, 20, 12, 12, *(22 for _ in about.shown), 24, 30, 20), first_line=FIRST_LINE)
    return dated(book, made=about.made_at), mark


def _head(page: Any, about: StepSheet, count: int, mark: str, *, width: int) -> None:
    entitle(page, f"{about.county_zh} {about.process.name_zh}·{about.step.name_zh}")
    lines = (
        ("流程环节", about.key),
        ("件数", str(count)),
        ("承办部门", f"{about.holder_code} {about.holder_zh}"),
        ("本表哈希", mark),
    )
    for line, (name, value) in enumerate(lines, 2):
        put(page, line, 1, name, bold=True, edge=False, wrap=False)
        put(page, line, 2, value, edge=False, wrap=False)
    put(page, 6, 1, "整批结论", bold=True)
    put(page, 6, 2, "", fill=YELLOW, free=True)
    for line, text in enumerate(_HELP, 7):
        put(page, line, 1, text, edge=False)
        page.merge_cells(start_row=line, end_row=line, start_column=1, end_column=width)
    page.row_dimensions[7].height = 32


def _reasons(book: Any, step: Step) -> None:
    """A second page with the reasons that the step's outcomes ask for."""
    codes = list(dict.fromkeys(code for one in step.outcomes for code in one.reasons))
    if not codes:
        return
    page: Any = book.create_sheet(_REASONS)
    page.append(["须说明理由的结论从下列各项中选，连代码一起填写 / copy the reason with its code"])
    for code in codes:
        page.append([choice_of(code)])
    page.column_dimensions["A"].width = 60
    page.protection.sheet = True
