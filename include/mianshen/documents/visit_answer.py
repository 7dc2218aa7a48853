"""A visit sheet that came back: what it says of each person who was asked, or every fault with its cell and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from mianshen.core.process import Step
from mianshen.core.visits import SPOKE_NAMES, WAY_NAMES, Fault, Visit
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.filled import Faults, Page
from mianshen.documents.visit_sheet import ADDRESS, COUNT, FIRST_LINE, FIXED, KEY, PAGE_HASH, TOWN, free_of, headings_of

COLUMN_OF: Mapping[str, str] = {
    "outcome_code": "I",
    "spoke_with": "J",
    "way": "K",
    "visited_on": "L",
    "visited_by": "M",
}
"""Where each field of a visit stands."""
_T = TypeVar("_T")


SHORTEST_ADDRESS, LONGEST_ADDRESS = 6, 100
"""Characters of an address for the post."""


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What a line says. Never printed by accident: it has no repr."""

    line: int
    """Where it stands."""
    case_id: str
    """The case."""
    round_no: int
    """Which time the person was asked."""
    visit: Visit
    """What came of it."""
    address: str = ""
    """Where letters go to, where the outcome needs it; the vault keeps it."""


def check_listed(page: Page, step: Step, *, where: str) -> None:
    """Nothing when the sheet lists what was given out; MianshenError SHEET_CHANGED when a line or a locked cell is another."""
    listed = [cells for _, cells in _lines(page, step)]
    faults = Faults()
    if [page[f"{column}{FIRST_LINE - 1}"] for column in (*FIXED, *free_of(step))] != list(headings_of(step)):
        faults.add(f"A{FIRST_LINE - 1}", "表头被改动", "重新下载填写")
    if page[COUNT] != str(len(listed)) or page[PAGE_HASH] != page_hash(f"{page[KEY]}|{page[TOWN]}", listed):
        faults.add(PAGE_HASH, f"锁定的内容、行数或次序与下载时不同(现有 {len(listed)} 行)", "不要增删、排序各行,重新下载填写")
    faults.refuse("SHEET_CHANGED", where)


def said_of(page: Page, step: Step, *, where: str) -> list[Said]:
    """What the filled lines say; MianshenError SHEET_INVALID names every cell that cannot be, or that nothing was filled in."""
    faults, found = Faults(), []
    codes = {one.name_zh: one.code for one in step.outcomes}
    for line, cells in _lines(page, step):
        if not any(page[f"{column}{line}"] for column in free_of(step)):
            continue
        outcome = _chosen(page, f"I{line}", codes, faults)
        spoke = _chosen(page, f"J{line}", SPOKE_NAMES, faults)
        way = _chosen(page, f"K{line}", WAY_NAMES, faults)
        day = _day(page, f"L{line}", faults)
        address = _address(page, step, outcome, line, faults)
        if outcome is not None and spoke is not None and way is not None and day is not None:
            visit = Visit(outcome, way, spoke, day, page[f"M{line}"])
            found.append(Said(line, cells[1], int(cells[2]), visit, address))
    if not found and not faults.found:
        faults.add(f"I{FIRST_LINE}", "没有填写任何走访结果", "填写走访过的各行")
    faults.refuse("SHEET_INVALID", where)
    return found


def add_fault(faults: Faults, said: Said, fault: Fault) -> None:
    """Say at the cell of the line what is wrong with the visit."""
    faults.add(f"{COLUMN_OF[fault.part]}{said.line}", fault.zh, fault.remedy_zh)


def _address(page: Page, step: Step, outcome: str | None, line: int, faults: Faults) -> str:
    """The address, where the outcome needs one; it never stands in a message."""
    chosen = step.outcome(outcome) if outcome is not None else None
    if chosen is None or not chosen.needs_address:
        return ""
    address = page[f"{ADDRESS}{line}"]
    if not SHORTEST_ADDRESS <= len(address) <= LONGEST_ADDRESS:
        faults.add(
            f"{ADDRESS}{line}", "邮寄地址未填、过短或过长", f"填能收到信件的地址,{SHORTEST_ADDRESS} 至 {LONGEST_ADDRESS} 字"
        )
    return address


def _chosen(page: Page, cell: str, known: Mapping[str, _T], faults: Faults) -> _T | None:
    if page[cell] in known:
        return known[page[cell]]
    faults.add(cell, f"“{page[cell][:20]}”不可用" if page[cell] else "没有填写", f"选 {' / '.join(known)}")
    return None


def _day(page: Page, cell: str, faults: Faults) -> date | None:
    """A day as text, or as a program made it a moment."""
    try:
        return datetime.fromisoformat(page[cell].replace("/", "-")).date()
    except ValueError:
        faults.add(cell, f"“{page[cell][:20]}”不是日期" if page[cell] else "没有填写", "写作 2026-11-05")
        return None


def _lines(page: Page, step: Step) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines that hold anything, with their columns A to H."""
    for line in range(FIRST_LINE, page.last_line + 1):
        if any(page[f"{column}{line}"] for column in (*FIXED, *free_of(step))):
            yield line, tuple(page[f"{column}{line}"] for column in FIXED)
