"""Hands of the people around a check of means: the town's sheet of members, the department's answer."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook
from tests.stages.money_county import certno_of

from mianshen.documents import family_sheet, means_sheet
from mianshen.stages import disclose, means
from mianshen.stages.frame import Job

CHILD, SPOUSE = ("甲子", certno_of(801), "子女"), ("甲妻", certno_of(802), "配偶")


def written(content: bytes, sheet: str, cells: dict[str, Any]) -> bytes:
    """The workbook with these cells filled in."""
    book = load_workbook(io.BytesIO(content))
    for cell, value in cells.items():
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def family(job: Job, case: str, *members: tuple[str, str, str], account: str = "") -> bytes:
    """The members' sheet of the case as the town sends it back."""
    cells = {family_sheet.ACCOUNT: account} | {
        f"{column}{family_sheet.FIRST_LINE + number}": value
        for number, member in enumerate(members, 1)
        for column, value in zip("BCD", member, strict=True)
    }
    return written(disclose.make_family_sheet(job, case), family_sheet.SHEET, cells)


def answer(job: Job, *incomes: Any) -> bytes:
    """The request as the checking department sends it back, the incomes in the order of its lines."""
    cells = {f"J{means_sheet.FIRST_LINE + number}": value for number, value in enumerate(incomes) if value is not None}
    return written(disclose.make_means_request(job), means_sheet.SHEET, cells)


def checked(job: Job, *incomes: Any) -> dict[str, int]:
    """The answer taken."""
    content = answer(job, *incomes)
    counts = means.take_answer(job, content, where="answer.xlsx").counts
    disclose.keep_answer(job, content)
    return counts
