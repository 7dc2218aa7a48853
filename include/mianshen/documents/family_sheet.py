"""家庭成员登记表: the sheet of one case in which a town writes down who belongs to the family; and what came back of it.

It names people: only `disclose` makes and reads it. No cell is a formula, equal input gives equal bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from mianshen.core.ids import read_certno
from mianshen.core.means import APPLICANT
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.fill_in import GREY, YELLOW, entitle, lay_out, offer, put
from mianshen.documents.filled import Faults, Page
from mianshen.documents.workbook import dated

SHEET = "家庭成员登记表"
"""Title of the page."""
FIRST_LINE = 9
"""Line of the applicant; members follow."""
MOST = 12
"""Members that fit, the applicant included."""
HEADINGS = ("序号", "姓名", "身份证号", "与申请人关系")
"""Columns A to D."""
RELATIONS = ("配偶", "子女", "父母", "祖父母", "孙子女", "兄弟姐妹", "其他共同生活")
"""What a member may be to the applicant."""
CASE, HOLDER, PAGE_HASH, ACCOUNT = "B2", "B3", "B4", "B5"
"""Where the case, who fills it in, the hash of the applicant's line and the applicant's account stand."""
_ACCOUNT = re.compile(r"[0-9]{8,30}")
_HELP = (
    "填写说明：第一行是申请人，不改。其余各行填共同生活的家庭成员，只填黄色栏目；没有别的成员的，空着交回。收款账号填申请人本人的社保卡账号。",
    "The first line is the applicant; write down the other members of the household, and the applicant's own account.",
)


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """A member of a family. Never printed by accident: it has no repr."""

    name: str
    """Name."""
    certno: str
    """Canonical id number."""
    relation: str
    """One of RELATIONS, or APPLICANT."""


def family_sheet(county_zh: str, case_id: str, applicant: Member, *, holder: str, made_at: datetime) -> tuple[bytes, str]:
    """The workbook's bytes, and the hash of what it lists."""
    first = ("1", applicant.name, applicant.certno, APPLICANT)
    mark = page_hash(case_id, [first])
    book = Workbook()
    page: Any = book.active
    page.title = SHEET
    entitle(page, f"{county_zh} {SHEET}")
    for line, (name, value) in enumerate((("事项编号", case_id), ("填表", holder), ("本表哈希", mark)), 2):
        put(page, line, 1, name, bold=True, edge=False, wrap=False)
        put(page, line, 2, value, edge=False, wrap=False)
    put(page, 5, 1, "收款账号", bold=True)
    put(page, 5, 2, "", fill=YELLOW, free=True)
    for line, text in enumerate(_HELP, 6):
        put(page, line, 1, text, edge=False, wrap=False)
    for place, heading in enumerate(HEADINGS, 1):
        put(page, FIRST_LINE - 1, place, heading, bold=True, fill=GREY)
        put(page, FIRST_LINE, place, first[place - 1])
    for number in range(2, MOST + 1):
        put(page, FIRST_LINE + number - 1, 1, str(number))
        for place in range(2, len(HEADINGS) + 1):
            put(page, FIRST_LINE + number - 1, place, "", fill=YELLOW, free=True)
    offer(page, RELATIONS, f"D{FIRST_LINE + 1}:D{FIRST_LINE + MOST - 1}")
    lay_out(page, (12, 20, 26, 18), first_line=FIRST_LINE)
    return dated(book, made=made_at), mark


def members_of(page: Page, *, made_at: datetime, where: str) -> list[Member]:
    """The family, the applicant first. MianshenError SHEET_CHANGED for another applicant, SHEET_INVALID for every faulty cell."""
    faults = Faults()
    first = [tuple(page[f"{column}{FIRST_LINE}"] for column in "ABCD")]
    if page[PAGE_HASH] != page_hash(page[CASE], first):
        faults.add(f"A{FIRST_LINE}", "申请人一行与下载时不同", "重新下载填写")
    faults.refuse("SHEET_CHANGED", where)
    found = [Member(*first[0][1:])]
    for line in range(FIRST_LINE + 1, page.last_line + 1):
        cells = [page[f"{column}{line}"] for column in "BCD"]
        if any(cells):
            found.append(_member(cells, line, made_at, faults))
    twice = sorted({one.certno for one in found if [two.certno for two in found].count(one.certno) > 1} - {""})
    if twice:
        faults.add("C", "同一身份证号写了两次", "一人一行")
    faults.refuse("SHEET_INVALID", where)
    return found


def account_of(page: Page, *, where: str) -> str | None:
    """The applicant's account, digits alone; None when none is written. SHEET_INVALID for what is none."""
    written = page[ACCOUNT].replace(" ", "").replace("-", "")
    if written and not _ACCOUNT.fullmatch(written):
        faults = Faults()
        faults.add(ACCOUNT, "不是 8 至 30 位数字的账号", "按社保卡填写,设为文本格式")
        faults.refuse("SHEET_INVALID", where)
    return written or None


def _member(cells: list[str], line: int, made_at: datetime, faults: Faults) -> Member:
    name, written, relation = cells
    certno = read_certno(written, today=made_at.date())
    if not name:
        faults.add(f"B{line}", "姓名未填", "填写姓名")
    if certno.value is None:
        faults.add(f"C{line}", "身份证号未填或有误", "核对证件填写")
    if relation not in RELATIONS:
        faults.add(f"D{line}", "关系未填或不在选项内", f"选 {' / '.join(RELATIONS)}")
    return Member(name, certno.value or "", relation)
