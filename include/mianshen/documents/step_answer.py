"""A step's sheet that came back: what it says of each case, or every fault with its cell and its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mianshen.core.process import Outcome, Step
from mianshen.documents.decision_sheet import page_hash
from mianshen.documents.filled import Faults, Page
from mianshen.documents.step_sheet import ALL, COUNT, FIRST_LINE, FIXED, FREE, KEY, PAGE_HASH, Places, places_of

_NUMBER = re.compile(r"[0-9A-Za-z\-]{4,32}")


@dataclass(frozen=True, slots=True)
class SaidOfCase:
    """What a line says."""

    line: int
    """Where it stands."""
    case_id: str
    """The case."""
    round_no: int
    """Which opening of the step."""
    outcome: Outcome
    """What is decided."""
    reason_code: str | None
    """Why, where the outcome asks."""
    number: str | None
    """The number that the step takes down, where the outcome needs papers."""
    is_own: bool
    """Whether the line says it itself; else the whole sheet does."""


def places(page: Page, step: Step) -> Places:
    """The columns of this sheet."""
    shown = 0
    while page[f"{places_of(step, shown).outcome}{FIRST_LINE - 1}"] not in ("", FREE[0]):
        shown += 1
    return places_of(step, shown)


def check_listed(page: Page, step: Step, *, where: str) -> None:
    """Nothing when the sheet lists what was given out; MianshenError SHEET_CHANGED when a line or a locked cell is another."""
    found = places(page, step)
    listed = [cells for _, cells in _lines(page, found)]
    faults = Faults()
    headings = [page[f"{column}{FIRST_LINE - 1}"] for column in (*found.fixed[: len(FIXED)], *found.free)]
    if headings != [*FIXED, *(FREE if found.number else FREE[:2])]:
        faults.add(f"A{FIRST_LINE - 1}", "表头被改动", "重新下载填写")
    if page[COUNT] != str(len(listed)) or page[PAGE_HASH] != page_hash(page[KEY], listed):
        faults.add(PAGE_HASH, f"锁定的内容、行数或次序与下载时不同(现有 {len(listed)} 行)", "不要增删、排序各行,重新下载填写")
    faults.refuse("SHEET_CHANGED", where)


def said_of(page: Page, step: Step, *, where: str) -> list[SaidOfCase]:
    """What the sheet says; MianshenError SHEET_INVALID names every cell that cannot be, or that nothing was filled in."""
    faults, found, cells_at = Faults(), [], places(page, step)
    known = {one.name_zh: one for one in step.outcomes}
    whole = _outcome(known, page[ALL], ALL, faults) if page[ALL] else None
    for line, cells in _lines(page, cells_at):
        own = page[f"{cells_at.outcome}{line}"]
        outcome = _outcome(known, own, f"{cells_at.outcome}{line}", faults) if own else whole
        if outcome is None:
            if not own and any(page[f"{column}{line}"] for column in cells_at.free):
                faults.add(f"{cells_at.outcome}{line}", "没有填写结论", f"选 {' / '.join(known)}")
            continue
        reason = _reason(page, f"{cells_at.reason}{line}", outcome, faults)
        number = _number(page, f"{cells_at.number}{line}", outcome, faults) if cells_at.number else None
        found.append(SaidOfCase(line, cells[1], int(cells[2]), outcome, reason, number, bool(own)))
    if not found and not faults.found:
        faults.add(f"{cells_at.outcome}{FIRST_LINE}", "没有填写任何结论", "填写办理过的各行,或填整批结论")
    faults.refuse("SHEET_INVALID", where)
    return found


def _outcome(known: dict[str, Outcome], said: str, cell: str, faults: Faults) -> Outcome | None:
    if said not in known:
        faults.add(cell, f"没有结论“{said[:20]}”", f"选 {' / '.join(known)}")
    return known.get(said)


def _reason(page: Page, cell: str, outcome: Outcome, faults: Faults) -> str | None:
    code = page[cell].split(" ")[0]
    if bool(code) != bool(outcome.reasons) or (code and code not in outcome.reasons):
        said = f"选 {', '.join(outcome.reasons)}" if outcome.reasons else "清空这一格"
        faults.add(cell, f"理由“{code[:20]}”与结论“{outcome.name_zh}”不配", said)
    return code or None


def _number(page: Page, cell: str, outcome: Outcome, faults: Faults) -> str | None:
    number = page[cell].replace(" ", "")
    if outcome.needs_papers and not _NUMBER.fullmatch(number):
        faults.add(cell, "编号未填,或不是 4 至 32 位字母、数字", "按面单填写编号")
    return number if outcome.needs_papers else None


def _lines(page: Page, found: Places) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Lines that hold anything, with their fixed columns."""
    for line in range(FIRST_LINE, page.last_line + 1):
        if any(page[f"{column}{line}"] for column in (*found.fixed, *found.free)):
            yield line, tuple(page[f"{column}{line}"] for column in found.fixed)
