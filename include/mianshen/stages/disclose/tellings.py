"""告知: who was paid, refused, held or sent back is told once, by a file for the message gateway or on a list of letters.

Nothing is sent from here. Files lie hidden until the ledger says whom they tell, then they are put in their place: a run that
breaks off is finished by the next one, and the same again tells nobody. What is so no more is withdrawn. A refusal is told in
writing, whoever has a phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.forms import FormCode
from mianshen.core.messages import Told, parts_of
from mianshen.core.money import show_yuan
from mianshen.documents import outbox, pdf
from mianshen.documents.approval_sheet import masked
from mianshen.documents.form import FormPaper, day_zh, form_html
from mianshen.documents.message_file import Letter, Sms, letter_book, sms_book, sms_csv
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.disclose.matters import SILENT, Matter, matters_of
from mianshen.stages.disclose.papers import page_of
from mianshen.stages.frame import Job, StageReport
from mianshen.vault.records import Person
from mianshen.warehouse import audit, deaths, tellings
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.person_facts import towns_of

STAGE = "tell"
MADE, TAKEN_BACK = "telling.listed", "telling.withdrawn"
"""Actions of the audit rows behind a file, and behind what was withdrawn."""
PENDING = ".pending-"
"""How the name of a file begins that the ledger does not name yet."""
FORMS: Mapping[Told, FormCode] = {
    Told.PAID: FormCode.PAID,
    Told.REFUSED: FormCode.REFUSED,
    Told.HELD: FormCode.STOPPED,
    Told.RETURNED: FormCode.RETURNED,
}
"""The letter about each event."""
Row = Mapping[str, Any]


def tell(job: Job) -> StageReport:
    """Make the files of everybody whom there is something to tell; counts of messages, their parts, letters and withdrawals."""
    folder = job.home.outbox(job.pack.name) / "messages"
    _finish(job, folder)
    withdrawn = _withdraw(job)
    with job.ledger.connect() as connection:
        rows = tellings.to_tell(connection, county_code=job.county_code, silent=SILENT)
    dead = deaths.dead(job.lake, county_code=job.county_code) if rows else {}
    rows = [row for row in rows if row["person_key"] not in dead]
    counts = {"told": len(rows), "sms": 0, "sms_parts": 0, "letters": 0, "withdrawn": withdrawn}
    if not rows or job.pack.messages is None:
        return StageReport(STAGE, None, {**counts, "told": 0})
    named = sha256_hex(canonical_json([[row["person_key"], row["event_code"], row["subject_id"]] for row in rows]))[:12]
    stem = f"{job.county_code}_{job.as_of:%Y%m%d}_{named}"
    keys = [row["person_key"] for row in rows]
    people = open_names(job, keys, fields=("name", "certno", "phone"), purpose=f"telling {stem}", recipient="messages")
    sent = [(row, _sms(job, row, people[row["person_key"]].phone or "")) for row in rows if people[row["person_key"]].phone]
    written = [row for row in rows if row["event_code"] == Told.REFUSED or not people[row["person_key"]].phone]
    files = _files(job, stem, [one for _, one in sent], written, people)
    told = [_told(job, row, "sms", f"sms_{stem}.xlsx", one.parts) for row, one in sent]
    by_letter = [row for row in written if not people[row["person_key"]].phone]
    told += [_told(job, row, "letter", f"letters_{stem}.xlsx", 0) for row in by_letter]
    _put(job, folder, stem, files, told)
    counts |= {"sms": len(sent), "sms_parts": sum(one.parts for _, one in sent), "letters": len(written)}
    return StageReport(STAGE, None, counts)


def _files(job: Job, stem: str, sent: Sequence[Sms], written: Sequence[Row], people: Mapping[str, Person]) -> dict[str, bytes]:
    """Content by name of every file of this telling, letters as PDF too where the machine can print; none that would be empty."""
    files: dict[str, bytes] = {}
    if sent:
        files[f"sms_{stem}.xlsx"] = sms_book(sent, pack=job.pack, made=job.as_of)
        files[f"sms_{stem}.csv"] = sms_csv(sent)
    if written:
        towns = towns_of(job.lake, [row["person_key"] for row in written], county_code=job.county_code)
        letters = [_letter(row, people[row["person_key"]], towns.get(row["person_key"], "")) for row in written]
        files[f"letters_{stem}.xlsx"] = letter_book(letters, pack=job.pack, made=job.as_of)
        for told in Told:
            pages = _pages(job, told, [row for row in written if row["event_code"] == told], people)
            if pages:
                made_at = max(row["day"] for row in written)
                html = form_html(job.pack.form(FORMS[told]), pages, pack=job.pack, made_at=made_at)
                files[f"letters_{stem}_{told}.html"] = html.encode()
                files |= {f"letters_{stem}_{told}.pdf": pdf.print_pdf(html)} if pdf.can_print() else {}
    return files


def _pages(job: Job, told: Told, rows: Sequence[Row], people: Mapping[str, Person]) -> list[FormPaper]:
    """The letters about this event, a page a person."""
    matters: list[Matter] = []
    for number in dict.fromkeys(row["person_key"] if told is Told.HELD else row["subject_id"] for row in rows):
        matters += matters_of(job, FORMS[told], number)
    return [page_of(job, one, people[one.person_key]) for one in matters]


def _sms(job: Job, row: Row, phone: str) -> Sms:
    assert job.pack.messages is not None
    told = Told(row["event_code"])
    county, day = job.pack.county_name_zh, day_zh(row["day"])
    text = job.pack.messages.text(told, county=county, amount=show_yuan(row["amount_fen"]), day=day)
    return Sms(phone, text, parts_of(text), told, row["subject_id"])


def _letter(row: Row, person: Person, town: str) -> Letter:
    amount = show_yuan(row["amount_fen"])
    return Letter(person.name or "—", masked(person.certno or ""), town, Told(row["event_code"]), amount, row["subject_id"])


def _told(job: Job, row: Row, way: str, file_name: str, parts: int) -> dict[str, Any]:
    return {
        "county_code": job.county_code,
        **{name: row[name] for name in ("person_key", "event_code", "subject_id")},
        "act": tellings.TOLD,
        "way": way,
        "file_name": file_name,
        "told_by": job.actor,
        "told_at": job.moment,
        "parts": parts,
    }


def _put(job: Job, folder: Path, stem: str, files: Mapping[str, bytes], told: Sequence[Row]) -> None:
    """Hidden files first, then the ledger, then the files in their place."""
    for name, content in files.items():
        outbox.replace(folder / f"{PENDING}{name}", content)
    detail = {"told": len(told), "files": {name: sha256_hex(content) for name, content in files.items()}}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        tellings.write(connection, told)
        audit.append(connection, [Entry(MADE, stem, detail)], at=job.moment, actor=job.actor)
    for name in files:
        (folder / f"{PENDING}{name}").rename(folder / name)


def _finish(job: Job, folder: Path) -> None:
    """Put what a run left hidden in its place when the ledger says whom it tells, else take it away."""
    hidden = sorted(folder.glob(f"{PENDING}*")) if folder.is_dir() else []
    stems = {path: path.name.removeprefix(PENDING).split("_", 1)[1].split(".")[0] for path in hidden}
    with job.ledger.connect() as connection:
        known = [stem for stem in set(stems.values()) if audit.stands(connection, action=MADE, subject=_bare(stem))]
    for path, stem in stems.items():
        if stem in known:
            path.rename(folder / path.name.removeprefix(PENDING))
        else:
            path.unlink()


def _bare(stem: str) -> str:
    """The stem without the event that a letter's file is about."""
    return "_".join(stem.split("_")[:3])


def _withdraw(job: Job) -> int:
    """Take back what is so no more: money that came back after it was told as paid, holds that were lifted."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        rows = tellings.to_withdraw(connection, county_code=job.county_code)
        kept = ("county_code", "person_key", "event_code", "subject_id", "way", "file_name", "parts")
        said = {"act": tellings.WITHDRAWN, "told_by": job.actor, "told_at": job.moment}
        tellings.write(connection, [{**{name: row[name] for name in kept}, **said} for row in rows])
        if rows:
            detail = {"tellings": [row["telling_no"] for row in rows]}
            audit.append(connection, [Entry(TAKEN_BACK, job.county_code, detail)], at=job.moment, actor=job.actor)
    return len(rows)
