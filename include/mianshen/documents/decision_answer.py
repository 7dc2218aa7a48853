"""A decision sheet that came back: what it says of its batch, or every fault with its cell and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mianshen.core.codes.money import REFUSALS, RETURNS
from mianshen.core.decisions import CHOICES, EVERY_OTHER, OPENED, STAYS_OPEN
from mianshen.documents.approval_view import ItemView
from mianshen.documents.decision_sheet import (
    ALL,
    ALL_REASON,
    COUNT,
    FIRST_LINE,
    FROZEN,
    HEADINGS,
    HOLDER,
    PAGE_HASH,
    YES,
    cells_of,
    page_hash,
)
from mianshen.documents.filled import Faults, Page

_FIXED = 7
_AGREE, _RETURN, _REFUSE = CHOICES
_REASONS_OF = {_RETURN: RETURNS, _REFUSE: REFUSALS}


def check_page(
    page: Page, batch: Mapping[str, Any], items: Sequence[ItemView], categories: Mapping[str, str], *, where: str
) -> None:
    """Nothing when the sheet lists what was frozen; `items` are the batch's items that a person decides.

    MianshenError SHEET_CHANGED names every cell that is not as it was given out.
    """
    faults, known = Faults(), {str(one.item_no): cells_of(one, categories) for one in items}
    if page[FROZEN] != batch["content_sha256"]:
        faults.add(FROZEN, "冻结哈希不是该批次的", "批次已变更的按新批次重新下载")
    _same_line(page, FIRST_LINE - 1, HEADINGS, faults)
    listed: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for line, cells in _lines(page):
        if cells[0] not in known or cells[0] in seen:
            faults.add(f"A{line}", f"序号“{cells[0][:20]}”{'重复' if cells[0] in seen else '不在本批次'}", "恢复原表内容")
            continue
        seen.add(cells[0])
        listed.append(cells)
        _same_line(page, line, known[cells[0]], faults)
    if not faults.found and (page[COUNT] != str(len(listed)) or page[PAGE_HASH] != page_hash(batch["content_sha256"], listed)):
        faults.add(PAGE_HASH, f"行数或次序与下载时不同(现有 {len(listed)} 行)", "不要增删、排序各行，重新下载填写")
    faults.refuse("SHEET_CHANGED", where)


def _same_line(page: Page, line: int, wanted: Sequence[str], faults: Faults) -> None:
    for column, text in zip("ABCDEFGHIJ", wanted, strict=False):
        if page[f"{column}{line}"] != text:
            faults.add(f"{column}{line}", "内容被改动", f"应为“{text}”")


def reply_of(page: Page, *, by: str, at: str, where: str) -> dict[str, str]:
    """The reply that the sheet is, for `core.decisions`; MianshenError SHEET_INVALID names every cell that cannot be."""
    faults = Faults()
    said: dict[str, list[str]] = {"refusals": [], "returns": [], "agrees": []}
    chosen = page[ALL] or STAYS_OPEN
    if code := _all_reason(page, chosen, faults):
        said["refusals" if chosen == _REFUSE else "returns"].append(f"{EVERY_OTHER}={code}")
    for line, cells in _lines(page):
        _read_line(page, line, cells[0], said, faults)
    if chosen == STAYS_OPEN and not any(said.values()) and not faults.found:
        faults.add(ALL, "没有填写任何意见", "填写整批意见或逐件意见")
    faults.refuse("SHEET_INVALID", where)
    pairs = {name: "; ".join(own) for name, own in said.items()}
    return {
        "chosen": chosen,
        **pairs,
        "department_code": page[HOLDER],
        "sheet_sha256": page.content_sha256,
        "decided_by": by,
        "decided_at": at,
    }


def _all_reason(page: Page, chosen: str, faults: Faults) -> str:
    if chosen not in (*CHOICES, STAYS_OPEN):
        faults.add(ALL, f"“{chosen[:20]}”不是可选意见", f"选 {' / '.join(CHOICES)} 或留空")
        return ""
    return _reason(page[ALL_REASON], chosen, ALL_REASON, faults)


def _read_line(page: Page, line: int, number: str, said: dict[str, list[str]], faults: Faults) -> None:
    opinion, looked = page[f"H{line}"], page[f"J{line}"]
    if looked not in ("", YES):
        faults.add(f"J{line}", f"“{looked[:20]}”不可用", f"填“{YES}”或留空")
    if opinion == "":
        if looked or page[f"I{line}"]:
            faults.add(f"H{line}", "填了理由或逐件核查而没有意见", f"选 {' / '.join(CHOICES)}")
        return
    if opinion not in CHOICES:
        faults.add(f"H{line}", f"“{opinion[:20]}”不是可选意见", f"选 {' / '.join(CHOICES)}")
        return
    code = _reason(page[f"I{line}"], opinion, f"I{line}", faults)
    if opinion == _AGREE:
        said["agrees"].append(f"{number}={OPENED if looked else 'CONFIRMED'}")
    elif code:
        said["refusals" if opinion == _REFUSE else "returns"].append(f"{number}={code}")


def _reason(written: str, opinion: str, cell: str, faults: Faults) -> str:
    code = written.split(" ")[0]
    allowed = _REASONS_OF.get(opinion, ())
    if not allowed and code:
        faults.add(cell, f"意见为“{opinion}”不填理由", "清空该格")
    if allowed and code not in allowed:
        what = f"“{code[:40]}”不是{opinion}的理由" if code else f"{opinion}没有理由"
        faults.add(cell, what, f"从下拉框选 {' / '.join(allowed)}")
        return ""
    return code if allowed else ""


def _lines(page: Page) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines that hold anything, with their columns A to G."""
    for line in range(FIRST_LINE, page.last_line + 1):
        if any(page[f"{column}{line}"] for column in "ABCDEFGHIJ"):
            yield line, tuple(page[f"{column}{line}"] for column in "ABCDEFG"[:_FIXED])
