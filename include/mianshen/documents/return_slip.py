"""退回单, the return slip: a delivery's bad rows in their own line and columns, why, what to do, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mianshen.core.codes import reason
from mianshen.documents.workbook import Book

STATES = {
    "OPEN": "未改 open",
    "CORRECTED": "已改正 corrected",
    "REMOVED": "已从名单删除 removed",
    "REPEATED": "再次交来仍有错,见新退回单 delivered again as bad, see the new slip",
    "FLAG": "已入库,请核对 taken, please check",
}
"""What became of a row, in the order of the summary."""
COUNTED = {
    "rows_load": "原样入库 loaded as written (LOAD)",
    "rows_fix": "规范化后入库 loaded with a recorded normalisation (FIX)",
    "rows_flag": "带提示入库 loaded, please check (FLAG)",
    "rows_quarantined": "搁置 set aside (QUAR)",
    "rows_ignored": "略过 ignored (IGNORE)",
}
"""What became of every row of the file, in the order of the summary."""
SUGGESTIONS = {
    "NAME_ON_LIST": "本名单以往有同名人员,证号末四位 {tail};仅供核对"
    " a person of this name was on this list, number ending {tail}",
    "NUMBER_SLIPPED": "证号与本名单以往同名(同音)人员仅差一笔,其末四位 {tail};仅供核对"
    " one slip away from a person on this list, number ending {tail}",
    "NUMBER_CORRECTED": "与本名单以往同名人员(证号末四位 {tail})相近,如系更正证号请书面确认"
    " like a person on this list, number ending {tail}; confirm in writing if the number was corrected",
}
"""What is said of a suggestion; only numbers that the same list delivered before."""
HOW_LIST = "请在原名单中改正后整份重新交付;本单不作名单收取。 Correct your own list and deliver it whole; this slip is no list."
HOW_FACTS = (
    "请改正后以原流水号随下一次交付报来,或整份重交本文件;本单不作数据收取。"
    " Correct the rows and send them under their own serial numbers with the next file, or this file whole; this slip is no file."
)
FIRST = ("原文件行号 line", "状态 state", "消除时间 cleared", "原因 reason", "改法 what to do", "核对提示 suggestion")
"""Headings before the file's own."""


@dataclass(frozen=True, slots=True, repr=False)
class SlipRow:
    """A row on the slip. Never printed: it names a person."""

    line_no: int
    """Line of the delivered file."""
    state_code: str
    """A key of STATES."""
    closed_on: str
    """Day on which it was cleared; empty while it is open."""
    reason_codes: tuple[str, ...]
    """Why it was set aside or flagged."""
    suggestion: tuple[str, str] | None
    """A rule of SUGGESTIONS and the last four characters of the number meant."""
    cells: tuple[str, ...]
    """As delivered, in the file's own columns; empty when the file could not be read."""


@dataclass(frozen=True, slots=True, repr=False)
class Slip:
    """A delivery's slip."""

    county_zh: str
    """Whose."""
    department_zh: str
    """For whom."""
    list_zh: str
    """Which list."""
    partition: str
    """2026-10."""
    version: int
    """Which version of the month."""
    file_name: str
    """As delivered, made safe."""
    received_at: datetime
    """When it came; the slip's own date."""
    state: str
    """ACCEPTED, SUPERSEDED, HELD or REJECTED."""
    file_reason: str | None
    """Why the whole file was held or refused."""
    headings: tuple[str, ...]
    """The file's own."""
    rows: tuple[SlipRow, ...]
    """Rows set aside, by line."""
    flagged: tuple[SlipRow, ...]
    """Rows that were taken with a flag, by line."""
    is_list: bool = True
    """Whether it is a complete list, which comes whole again; else facts that stand one by one."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """Every row of the file by a key of COUNTED; empty when it was not judged row by row."""


def return_slip(slip: Slip) -> bytes:
    """The slip as an Excel file of text cells; equal slips give equal bytes."""
    book = Book()
    title = f"{slip.county_zh}医疗救助 退回单 Return slip:{slip.list_zh} {slip.partition}"
    book.sheet("汇总 Summary", above=[title], headings=("项目 item", "内容 value"), rows=_summary(slip))
    how = HOW_LIST if slip.is_list else HOW_FACTS
    book.sheet("退回行 Rows to correct", above=[title, how], headings=(*FIRST, *slip.headings), rows=_rows(slip, slip.rows))
    if slip.flagged:
        checked = "以下各行已入库,字段请核对。 These rows were taken; please check the field named."
        book.sheet(
            "提示行 Rows to check", above=[title, checked], headings=(*FIRST, *slip.headings), rows=_rows(slip, slip.flagged)
        )
    return book.content(made=slip.received_at)


def _summary(slip: Slip) -> list[tuple[str, str]]:
    counts = {state: sum(row.state_code == state for row in (*slip.rows, *slip.flagged)) for state in STATES}
    is_closed = not counts["OPEN"] and not slip.file_reason
    what = "名单 list" if slip.is_list else "数据 data"
    lines = [
        ("部门 department", slip.department_zh),
        (what, f"{slip.list_zh} {slip.partition} 第 {slip.version} 版 version {slip.version}"),
        ("文件 file", slip.file_name),
        ("收到 received", slip.received_at.isoformat(sep=" ", timespec="seconds")),
        ("整单 slip", "已结清 closed" if is_closed else "未结清 open"),
        ("退回 returned", f"{len(slip.rows)} 行 rows"),
    ]
    lines += [(said, f"{counts[state]} 行 rows") for state, said in STATES.items()]
    if slip.counted:
        lines.append(("全部行 all rows", f"{sum(slip.counted.values())} 行 rows"))
        lines += [(said, f"{slip.counted[state]} 行 rows") for state, said in COUNTED.items()]
    if slip.file_reason:
        known = reason(slip.file_reason)
        lines.append(("整份文件 the whole file", f"{known.zh}({known.code})。{known.remedy_zh}。 {known.en}; {known.remedy_en}."))
    by_reason: dict[str, int] = {}
    for row in (*slip.rows, *slip.flagged):
        for code in row.reason_codes:
            by_reason[code] = by_reason.get(code, 0) + 1
    lines += [(f"原因 {reason(code).zh}({code})", f"{count} 行 rows") for code, count in sorted(by_reason.items())]
    return lines


def _rows(slip: Slip, rows: Sequence[SlipRow]) -> list[tuple[str, ...]]:
    return [_line(row, width=len(slip.headings)) for row in sorted(rows, key=lambda row: row.line_no)]


def _line(row: SlipRow, *, width: int) -> tuple[str, ...]:
    known = [reason(code) for code in row.reason_codes]
    why = "\n".join(f"{one.zh} {one.en}({one.code})" for one in known)
    remedy = "\n".join(f"{one.remedy_zh} {one.remedy_en}" for one in known)
    suggestion = SUGGESTIONS[row.suggestion[0]].format(tail=row.suggestion[1]) if row.suggestion else ""
    cells = (*row.cells, *[""] * width)[: max(width, len(row.cells))]
    return (str(row.line_no), STATES[row.state_code], row.closed_on, why, remedy, suggestion, *cells)
