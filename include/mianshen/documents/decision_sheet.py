"""The decision sheet that a department downloads, fills in and sends back: its items as text, yellow cells for what it says.

Nobody is named, no cell is a formula, equal input gives equal bytes. `decision_answer` reads what comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from mianshen.core.codes import reason
from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.decisions import CHOICES
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack
from mianshen.documents.approval_view import ItemView
from mianshen.documents.fill_in import GREY, YELLOW, entitle, lay_out, put
from mianshen.documents.workbook import dated

SHEET = "审批表"
"""Title of the page that is filled in."""
YES = "是"
"""In the column of items that were opened by themselves."""
FIRST_LINE = 11
"""Line of the first item."""
HEADINGS = ("序号", "受理号", "对象类别", "镇街", "人次", "金额(元)", "转人工原因", "意见", "理由", "逐件核查")
"""Columns A to J; H, I and J are filled in."""
BATCH, FROZEN, COUNT, HOLDER, PAGE_HASH = "B2", "B3", "B4", "B5", "B6"
"""Where the batch, its frozen content hash, the number of items, the department and the hash of what is listed stand."""
ALL, ALL_REASON = "B7", "E7"
"""What is said of every item that has no opinion of its own, and why."""
_HELP = (
    "填写说明：只填黄色栏目。“整批意见”适用于没有单独填写意见的全部事项，留空则这些事项暂不答复。退回补正、不予救助须选理由。"
    "逐件打开核查过的选“是”，其余同意记为成批确认。每件只认先记录的结论。",
    "Fill in the yellow cells only. B7 holds for every item without an opinion of its own; empty leaves those open.",
)
_WIDTHS = (10, 26, 18, 14, 8, 14, 34, 12, 34, 10)
_REASONS = "理由"


@dataclass(frozen=True, slots=True)
class SheetBatch:
    """What stands above the items."""

    batch: Mapping[str, Any]
    """The approval batch's row."""
    holder: str
    """Department that answers."""
    made_at: datetime
    """The batch's moment: the only one in the file."""


def cells_of(item: ItemView, categories: Mapping[str, str]) -> tuple[str, ...]:
    """Columns A to G of an item, as they are listed and must come back."""
    return (
        str(item.item_no),
        item.receipt_no,
        categories.get(item.category_code, item.category_code),
        item.town or "—",
        str(item.events),
        show_yuan(item.amount_fen),
        item.why_zh,
    )


def page_hash(content_sha256: str, listed: Sequence[Sequence[str]]) -> str:
    """The hash of what a sheet lists: a line that was taken out or put in changes it."""
    return sha256_hex(canonical_json([content_sha256, [list(one) for one in listed]]))


def choice_of(code: str) -> str:
    """A reason as the cell offers it: its code and its words."""
    return f"{code} {reason(code).zh}"


def decision_sheet(about: SheetBatch, items: Sequence[ItemView], *, pack: Pack) -> bytes:
    """The workbook's bytes for the items that wait for the department."""
    categories = {one.code: one.name_zh for one in pack.plan.categories}
    listed = [cells_of(one, categories) for one in items]
    book = Workbook()
    page: Any = book.active
    page.title = SHEET
    _head(page, about, items, listed, pack)
    for place, heading in enumerate(HEADINGS, 1):
        put(page, FIRST_LINE - 1, place, heading, bold=True, fill=GREY)
    for line, cells in enumerate(listed, FIRST_LINE):
        for place, text in enumerate((*cells, "", "", ""), 1):
            is_free = place > len(cells)
            put(page, line, place, text, fill=YELLOW if is_free else None, free=is_free, right=place in (1, 5, 6))
    _choices(book, page, FIRST_LINE + len(listed) - 1)
    lay_out(page, _WIDTHS, first_line=FIRST_LINE)
    return dated(book, made=about.made_at)


def _head(page: Any, about: SheetBatch, items: Sequence[ItemView], listed: Sequence[Sequence[str]], pack: Pack) -> None:
    batch, holder = about.batch, pack.department(about.holder)
    title = f"{holder.name_zh} 救助审批表 {batch['month']}"
    entitle(page, title + ("（示例标准，不作为发放依据）" if pack.plan.is_illustrative else ""))
    total = show_yuan(sum(one.amount_fen for one in items))
    lines = (
        ("批次", batch["approval_batch_id"]),
        ("冻结哈希", batch["content_sha256"]),
        ("件数", str(len(items))),
        ("部门", about.holder),
        ("本表哈希", page_hash(batch["content_sha256"], listed)),
    )
    for line, (name, value) in enumerate(lines, 2):
        put(page, line, 1, name, bold=True, edge=False, wrap=False)
        put(page, line, 2, value, edge=False, wrap=False)
    put(page, 4, 4, "金额合计(元)", bold=True, edge=False, wrap=False)
    put(page, 4, 6, total, edge=False, wrap=False)
    put(page, 7, 1, "整批意见", bold=True)
    put(page, 7, 2, "", fill=YELLOW, free=True)
    put(page, 7, 4, "整批理由", bold=True)
    put(page, 7, 5, "", fill=YELLOW, free=True)
    page.merge_cells("E7:G7")
    for line, text in enumerate(_HELP, 8):
        put(page, line, 1, text, edge=False)
        page.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(HEADINGS))
    page.row_dimensions[8].height = 32


def _choices(book: Any, page: Any, last_line: int) -> None:
    """Lists to choose from; a second page holds the reasons."""
    reasons: Any = book.create_sheet(_REASONS)
    codes = (*RETURNS, *REFUSALS)
    reasons.append([f"退回补正用前 {len(RETURNS)} 项，不予救助用其余 / the first {len(RETURNS)} send back, the others refuse"])
    for code in codes:
        reasons.append([choice_of(code)])
    reasons.column_dimensions["A"].width = 60
    reasons.protection.sheet = True
    opinion = DataValidation(type="list", formula1=f'"{",".join(CHOICES)}"', allow_blank=True)
    why = DataValidation(type="list", formula1=f"{_REASONS}!$A$2:$A${len(codes) + 1}", allow_blank=True)
    looked = DataValidation(type="list", formula1=f'"{YES}"', allow_blank=True)
    for rule, places in (
        (opinion, (f"H{FIRST_LINE}:H{last_line}", ALL)),
        (why, (f"I{FIRST_LINE}:I{last_line}", ALL_REASON)),
        (looked, (f"J{FIRST_LINE}:J{last_line}",)),
    ):
        page.add_data_validation(rule)
        for place in places:
            rule.add(place)
