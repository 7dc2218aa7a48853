"""Lists that name people because somebody has something to do for them: the last resort's, and January's closing notices.

The tables say who by key; here the vault is opened, logged, and the list lies in the outbox of the department that works with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.forms import PeopleList
from mianshen.core.money import show_yuan
from mianshen.documents import outbox
from mianshen.documents.approval_sheet import masked
from mianshen.documents.people_list import Listed, ListShape, people_book
from mianshen.stages.disclose.lookups import ACTION, open_names
from mianshen.stages.frame import Job
from mianshen.vault.records import Person
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.people_left import people_left

SHAPES: Mapping[PeopleList, ListShape] = {
    PeopleList.LAST_RESORT: ListShape(
        "{year}年度转兜底保障名单",
        "救助后仍有自付的人,由所列部门按自己的政策衔接救助;金额单位:元。",
        ("部门", "人次", "本年度救助", "仍由个人负担"),
        ("处理结果", "经办人", "日期"),
    ),
    PeopleList.CLOSING: ListShape(
        "{year}年度结案告知名单",
        "全年未超过起付线,次年1月结案;请逐人告知并由本人签收;金额单位:元。",
        ("人次", "合规自付", "告知内容"),
        ("本人签收", "告知人", "日期"),
    ),
}
"""What each list shows."""


@dataclass(frozen=True, slots=True)
class MadeList:
    """A list that lies in the outbox."""

    path: Path
    """The workbook."""
    people: int
    """How many people (人) it names."""


def make_people_list(job: Job, which: PeopleList, *, benefit_year: int) -> MadeList:
    """Make the list of a benefit year as a workbook; every call opens the vault and is logged there and in the audit chain.

    MianshenError PAPER_NOTHING when the newest assessment names nobody.
    """
    rows = people_left(job.lake, which, county_code=job.county_code, benefit_year=benefit_year)
    if not rows:
        raise MianshenError("PAPER_NOTHING", found=f"{which} {benefit_year}", where=f"out.{which}")
    subject = f"{which}|{benefit_year}"
    recipient = str(rows[0].get("department_code") or "towns")
    people = open_names(job, [row["person_key"] for row in rows], fields=("name", "certno"), purpose=subject, recipient=recipient)
    listed = [_listed(job, which, row, people[row["person_key"]]) for row in rows]
    content = people_book(SHAPES[which], listed, pack=job.pack, benefit_year=benefit_year, made=job.as_of)
    path = job.home.outbox(job.pack.name) / "lists" / recipient / f"{which}_{job.county_code}_{benefit_year}.xlsx"
    detail = {"paper": which.value, "department": recipient, "persons": len(rows), "xlsx_sha256": sha256_hex(content)}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        audit.append(connection, [Entry(ACTION, subject, detail)], at=job.moment, actor=job.actor)
        outbox.replace(path, content)
    return MadeList(path, len(rows))


def _listed(job: Job, which: PeopleList, row: Mapping[str, Any], person: Person) -> Listed:
    certno, town = person.certno or "", row["town"] or "—"
    if which is PeopleList.LAST_RESORT:
        department = job.pack.department(row["department_code"]).name_zh
        cells = (department, f"{row['visits']}", show_yuan(row["relief_fen"]), show_yuan(row["left_fen"]))
        return Listed(person.name or "", certno, town, cells)
    return Listed(person.name or "", masked(certno), town, (f"{row['visits']}", show_yuan(row["base_fen"]), row["notice_zh"]))
