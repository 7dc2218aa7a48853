"""打印清单: the form of everybody whose case waits in a printing step, a file a person, and the list of what was printed.

What was printed stands; it is printed again only by itself, with a reason. The list says of each how many pages, when, by whom,
and every reprint with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.core.days import local
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.documents import outbox
from mianshen.documents.workbook import Book
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.disclose.papers import form_of, print_form
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, cases, paper_facts
from mianshen.warehouse.audit import Entry

LISTED = "paper.listed"
"""Action of the audit row behind a print list."""
HEADINGS = ("序号", "编号", "姓名", "镇街", "页数", "打印时间", "打印人", "重打次数", "重打理由")
"""Columns of the list."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PrintedList:
    """What came of printing a step."""

    path: Path
    """The list; the forms lie beside it."""
    printed: int
    """Forms printed now."""
    papers: int
    """Forms on the list."""
    pages: int
    """Sheets of paper of all of them, without reprints."""


def print_step(job: Job, process_code: str, step_code: str, *, benefit_year: int) -> PrintedList:
    """Print what was not printed of the cases in the step, and list everything printed for the year.

    MianshenError PAPER_NOTHING when the step prints no approval form, or nobody of the year has come to it.
    """
    process = job.pack.process(process_code)
    form = form_of(job, FormCode.APPROVAL_FORM, process=process_code)
    if FormCode.APPROVAL_FORM not in process.step(step_code).forms:
        raise MianshenError("PAPER_NOTHING", found=f"{form.name_zh} {step_code}", where=job.pack.name)
    with job.ledger.connect() as connection:
        waiting = cases.waiting(connection, county_code=job.county_code, process_code=process_code)
        due = [one["case_id"] for one in waiting if (one["step_code"], one["benefit_year"]) == (step_code, benefit_year)]
        fresh = [one for one in due if not audit.stands(connection, action=paper_facts.PRINTED, subject=_subject(one))]
    for case in fresh:
        print_form(job, FormCode.APPROVAL_FORM, case)
    return _listed(job, process_code, benefit_year, title=form.name_zh, printed=len(fresh))


def _subject(case: str) -> str:
    return f"{FormCode.APPROVAL_FORM}|{case}"


def _listed(job: Job, process_code: str, benefit_year: int, *, title: str, printed: int) -> PrintedList:
    with job.ledger.connect() as connection:
        by_case: dict[str, list[Row]] = {}
        for row in paper_facts.prints(connection):
            if row["form"] == FormCode.APPROVAL_FORM:
                by_case.setdefault(row["number"], []).append(row)
        rows = [
            row
            for row in cases.cases_of(connection, by_case)
            if (row["county_code"], row["process_code"], row["benefit_year"]) == (job.county_code, process_code, benefit_year)
        ]
    if not rows:
        raise MianshenError("PAPER_NOTHING", found=f"{title} {benefit_year}", where=job.pack.name)
    keys = sorted({row["person_key"] for row in rows})
    holder = job.pack.process(process_code).lead_department
    named = open_names(job, keys, fields=("name",), purpose=f"print list {process_code} {benefit_year}", recipient=holder)
    lines = [_line(row, by_case[row["case_id"]], named[row["person_key"]].name or "—") for row in rows]
    pages = sum(by_case[row["case_id"]][0]["pages"] or 0 for row in rows)
    above = [
        f"{job.pack.county_name_zh} {title} 打印清单 {benefit_year} 年度",
        f"共 {len(rows)} 份 {pages} 页;截至 {local(job.as_of):%Y-%m-%d %H:%M}。",
    ]
    book = Book()
    numbered = [[str(number), *line] for number, line in enumerate(lines, 1)]
    book.sheet("打印清单", above=above, headings=list(HEADINGS), rows=numbered)
    content = book.content(made=job.as_of)
    path = (
        job.home.outbox(job.pack.name) / "papers" / FormCode.APPROVAL_FORM.value / f"printed_{process_code}_{benefit_year}.xlsx"
    )
    detail = {"paper": "print_list", "persons": len(rows), "pages": pages, "xlsx_sha256": sha256_hex(content)}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        audit.append(connection, [Entry(LISTED, path.stem, detail)], at=job.moment, actor=job.actor)
        outbox.replace(path, content)
    return PrintedList(path, printed, len(rows), pages)


def _line(row: Row, prints: Sequence[Row], name: str) -> list[str]:
    first, again = prints[0], prints[1:]
    reasons = "；".join(f"{one['at'][:10]} {one['reason']}" for one in again)
    place = [row["case_id"], name, row["town"] or "—", str(first["pages"] or "—")]
    return [*place, first["at"][:16].replace("T", " "), first["actor"], str(len(again)), reasons or "—"]
