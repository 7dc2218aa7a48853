"""Forms about one matter: printed on demand, every print kept in the audit chain, a reprint only with a reason.

A paper bears the moment of its matter, not of its print: what did not change is printed again byte by byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.forms import Form, FormCode
from mianshen.documents import outbox, pdf
from mianshen.documents.approval_sheet import masked
from mianshen.documents.form import FormPaper, day_zh, form_html
from mianshen.documents.glyphs import point_of
from mianshen.stages.disclose.case_matters import matters_of
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.disclose.matters import Matter
from mianshen.stages.frame import Job
from mianshen.vault.records import Person
from mianshen.warehouse import audit, cases, paper_facts
from mianshen.warehouse.audit import Entry


@dataclass(frozen=True, slots=True)
class Made:
    """A paper that lies in the outbox."""

    path: Path
    """The HTML; the PDF lies beside it where the machine can print."""
    papers: int
    """How many people's papers it holds."""
    missing: tuple[str, ...]
    """Code points that no font here has; they stand in the paper as such."""
    is_pdf: bool
    """Whether it was printed as PDF."""
    pages: int | None = None
    """Sheets of paper; None where it was not printed as PDF."""


def print_form(job: Job, code: FormCode, number: str, *, again: str | None = None) -> Made:
    """Print the form about this matter: a receipt, case or payment, a payment batch, or the county for everybody's stops.

    `again` is the reason for printing what was printed before. MianshenError FORM_UNKNOWN, PAPER_NOTHING, PAPER_REPRINTED.
    """
    form = form_of(job, code, process=_process_of(job, number))
    matters = matters_of(job, code, number)
    if not matters:
        raise MianshenError("PAPER_NOTHING", found=f"{form.name_zh} {number}", where="ledger")
    subject = f"{code}|{number}"
    with job.ledger.connect() as connection:
        was_printed = audit.stands(connection, action=paper_facts.PRINTED, subject=subject)
    if was_printed and not again:
        raise MianshenError("PAPER_REPRINTED", found=f"{form.name_zh} {number}", where="audit")
    keys = [one.person_key for one in matters]
    people = open_names(job, keys, fields=("name", "certno"), purpose=f"{code} {number}", recipient="the person")
    pages = [page_of(job, one, people[one.person_key]) for one in matters]
    html = form_html(form, pages, pack=job.pack, made_at=max(one.moment for one in matters))
    action = paper_facts.REPRINTED if was_printed else paper_facts.PRINTED
    detail = {"papers": len(pages), "html_sha256": sha256_hex(html.encode()), **({"reason": again} if was_printed else {})}
    stem = matters[0].number if len(matters) == 1 else number
    return put_paper(job, folder_of(job, form), stem, html, papers=len(pages), entry=Entry(action, subject, detail))


def form_of(job: Job, code: FormCode, *, process: str = "") -> Form:
    """The pack's form, the process's own where it has one; MianshenError FORM_UNKNOWN when it has none."""
    if code not in {one.code for one in job.pack.forms}:
        raise MianshenError("FORM_UNKNOWN", found=code.value, where=f"{job.pack.name}/forms.yaml")
    return job.pack.form(code, process=process)


def _process_of(job: Job, number: str) -> str:
    """What the case with this number goes through; empty for what is no case."""
    with job.ledger.connect() as connection:
        found = [row for row in cases.cases_of(connection, [number]) if row["county_code"] == job.county_code]
    return str(found[0]["process_code"]) if found else ""


def folder_of(job: Job, form: Form) -> Path:
    """Where the papers of a form lie."""
    return job.home.outbox(job.pack.name) / "papers" / form.code.value


def put_paper(job: Job, folder: Path, stem: str, html: str, *, papers: int, entry: Entry) -> Made:
    """Keep the print in the chain, then put the paper as HTML, and as PDF where the machine can."""
    made = pdf.printed(html) if pdf.can_print() else None
    pages = made.pages if made else None
    with job.ledger.begin() as connection:
        said = replace(entry, detail={**entry.detail, "pages": pages})
        audit.append(connection, [said], at=job.moment, actor=job.actor)
    path = folder / f"{stem}.html"
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        outbox.replace(path, html.encode())
        if made is not None:
            outbox.replace(path.with_suffix(".pdf"), made.content)
    points = tuple(point_of(one) for one in made.missing) if made else ()
    return Made(path, papers, points, is_pdf=made is not None, pages=pages)


def page_of(job: Job, matter: Matter, person: Person) -> FormPaper:
    """What the form says of this matter to this person."""
    named = (("姓名", person.name or "—"), ("身份证号", masked(person.certno or "")))
    common = {"county": job.pack.county_name_zh, "number": matter.number, "day": day_zh(matter.moment)}
    return FormPaper(matter.number, (*named, *matter.facts), {**common, **matter.words}, matter.tables)
