"""Public notices (公示): made for every case that waits in a step which publishes, a notice a town, day and step.

The days run from the moment of the notice, never from before it; the case machine passes the step when they are over. Whoever
objects re-opens the case; when it comes back to the step it stands on a new notice, with new days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mianshen.core.clocks import due
from mianshen.core.days import local
from mianshen.core.digest import sha256_hex, short_id
from mianshen.core.forms import FormCode
from mianshen.core.ids import birth_date
from mianshen.core.money import show_yuan
from mianshen.core.notices import is_only_counted, masked_name, shown_categories
from mianshen.core.process import Process, Step
from mianshen.documents.form import day_zh, days_zh
from mianshen.documents.notice import NoticeLine, notice_html
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.disclose.papers import Made, folder_of, form_of, put_paper
from mianshen.stages.frame import Job
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.warehouse import audit, cases, notices
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Posted:
    """What one notice is about."""

    process: Process
    """The procedure."""
    step: Step
    """Its step that publishes."""
    place: str
    """Town; empty where none is known."""
    rows: tuple[Row, ...]
    """Open steps of cases, by case, each with its person."""
    at: str
    """ISO moment from which its days run."""


def publish(job: Job) -> list[Made]:
    """Make a notice for every case that waits in a publishing step and stands on none; the same again makes none."""
    return [_put(job, one) for one in list(_due(job))]


def _due(job: Job) -> Iterator[Posted]:
    with job.ledger.connect() as connection:
        known = notices.published(connection)
        for process, step in _publishing(job):
            waiting = cases.waiting(connection, county_code=job.county_code, process_code=process.code)
            fresh = [one for one in waiting if one["step_code"] == step.code and (one["case_id"], one["round_no"]) not in known]
            whose = {one["case_id"]: one for one in cases.cases_of(connection, [one["case_id"] for one in fresh])}
            rows = [{**whose[one["case_id"]], **one} for one in fresh if whose[one["case_id"]]["person_key"]]
            rows.sort(key=lambda one: (one["town"] or "", one["case_id"]))
            for town, own in groupby(rows, key=lambda one: one["town"] or ""):
                yield Posted(process, step, town, tuple(own), job.moment)


def _publishing(job: Job) -> Iterator[tuple[Process, Step]]:
    for process in job.pack.processes:
        yield from ((process, step) for step in process.steps if FormCode.PUBLIC_NOTICE in step.forms)


def _put(job: Job, posted: Posted) -> Made:
    form = form_of(job, FormCode.PUBLIC_NOTICE)
    named = [[row["case_id"], row["round_no"]] for row in posted.rows]
    notice_id = short_id("N", job.county_code, posted.process.code, posted.step.code, posted.place, *(str(one) for one in named))
    lines, counted = _lines(job, posted, notice_id)
    limit = job.pack.time_limit(posted.step.limit_code or "")
    until = due(limit, start=job.as_of, calendar=job.pack.calendar)
    words = {
        "county": job.pack.county_name_zh,
        "place": posted.place or job.pack.county_name_zh,
        "department": job.pack.department(posted.step.department_code).name_zh,
        "day": day_zh(posted.at),
        "first_day": day_zh(posted.at),
        "last_day": day_zh(until.on.isoformat()),
        "days": days_zh(limit),
    }
    html = notice_html(form, lines, counted=counted, words=words, pack=job.pack, notice_id=notice_id, made_at=posted.at)
    detail = {
        "listed": len(lines),
        "counted": counted,
        "last_day": until.on.isoformat(),
        "cases": named,
        "html_sha256": sha256_hex(html.encode()),
    }
    entry = Entry(notices.PUBLISHED, notice_id, detail)
    return put_paper(job, folder_of(job, form), notice_id, html, papers=len(named), entry=entry)


def _lines(job: Job, posted: Posted, notice_id: str) -> tuple[list[NoticeLine], int]:
    keys = [row["person_key"] for row in posted.rows]
    people = open_names(job, keys, fields=("name", "certno"), purpose=f"public notice {notice_id}", recipient="the public")
    with job.ledger.connect() as connection:
        asked = notices.asked_for(connection, [one for row in posted.rows for one in (row["case_id"], row["subject_id"])])
    said = notices.said_of(job.lake, keys, county_code=job.county_code)
    ill = notices.diagnoses_of(job.lake, keys, county_code=job.county_code)
    names = {one.code: one.name_zh for one in job.pack.plan.categories}
    lists = {one.list_code: one.name_zh for one in job.pack.contracts}
    lines, counted = [], 0
    for row in posted.rows:
        nothing: tuple[int, frozenset[str]] = (0, frozenset())
        person, (fen, codes) = people[row["person_key"]], asked.get(row["case_id"], asked.get(row["subject_id"], nothing))
        known = {*codes, *said.get(row["person_key"], ())}
        words = [*known, *(names.get(one, "") for one in known), *(lists.get(one, "") for one in known)]
        words += [] if row["item_code"] is None else [job.pack.item_name(row["item_code"])]
        if is_only_counted(
            born=birth_date(person.certno) if person.certno else None,
            on=local(job.as_of).date(),
            said=(*words, row["subject_id"], posted.process.code, posted.process.name_zh),
            diagnoses=ill.get(row["person_key"], ()),
        ):
            counted += 1
            continue
        categories = shown_categories(names.get(one, one) for one in codes)
        lines.append(NoticeLine(masked_name(person.name or ""), row["town"] or "—", categories, show_yuan(fen) if fen else "—"))
    return lines, counted


def take_objection(job: Job, case: str, content: bytes) -> str:
    """Seal what somebody wrote against a case that stands on a notice; returns its SHA-256, which the audit chain keeps.

    Who objected stands in the sealed letter alone. MianshenError CASE_UNKNOWN for another county's case.
    """
    with job.ledger.connect() as connection:
        cases.case_of(connection, case, county_code=job.county_code)
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        custody = Custody(job.home.custody, vault, keys_of(job.home))
        name = custody.land(content, at=job.moment, entropy=job.entropy)
    finally:
        vault.dispose()
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if not audit.stands(connection, action=notices.OBJECTED, subject=f"{case}|{name}"):
            detail = {"bytes": len(content), "content_sha256": name}
            audit.append(connection, [Entry(notices.OBJECTED, f"{case}|{name}", detail)], at=job.moment, actor=job.actor)
    return name
