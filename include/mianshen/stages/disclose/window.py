"""窗口查询: a clerk looks somebody up, reads what there is to tell, sees the name in full, prints it; each is logged before.

Nothing is looked for before the ledger and the audit chain say who looks, by what and why; the vault logs each opening, that of
nobody too. What was typed stands in no log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.ids import read_certno
from mianshen.core.money import parse_fen
from mianshen.core.notices import masked_name
from mianshen.core.redaction import redact
from mianshen.core.window import MOST_FOUND, PURPOSE_NAMES, Answers, Purpose, Sought
from mianshen.documents.approval_sheet import masked
from mianshen.documents.batch_sheet import tail_of
from mianshen.documents.form import FormPaper, day_zh, form_html
from mianshen.documents.record_paper import record_facts, record_tables
from mianshen.feeds.words import read_name
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.disclose.papers import Made, folder_of, form_of, put_paper
from mianshen.stages.disclose.told import told
from mianshen.stages.frame import Job
from mianshen.vault import seeking
from mianshen.vault.keyring import keys_of
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.vault.sounds import NAME_SOUNDS_ALIKE
from mianshen.warehouse import audit, paper_facts, rechecks, window_queries
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database
from mianshen.warehouse.person_facts import towns_of
from mianshen.warehouse.person_money import paid_so
from mianshen.warehouse.rechecks import Recheck

ASKED = "window.asked"
"""Action of the audit row behind everything that is done at the window."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a clerk looks."""

    purpose: Purpose
    """Chosen from the list."""
    note: str = ""
    """What the clerk adds; no name, no number."""

    @property
    def text(self) -> str:
        """The purpose as logs keep it."""
        said = PURPOSE_NAMES[self.purpose][0]
        return f"{said}: {self.note}" if self.note else said


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A person as the window shows them. Never printed by accident: it has no repr."""

    person_key: str
    """Who."""
    name: str
    """Masked unless it was asked for in full."""
    certno: str
    """The same of the id number."""
    town: str
    """Town of the newest list; empty when none says it."""
    rule: str = ""
    """By which rule the person may be meant; empty when the search named the person."""


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What the window shows of one person. Never printed by accident: it has no repr."""

    found: Found
    """The person."""
    answers: Answers
    """What the person is told."""
    rechecks: Sequence[Recheck]
    """复核 that the person asked for, the newest first."""


@dataclass(frozen=True, slots=True, repr=False)
class PrintedRecord:
    """A record that was printed for a person. Never printed by accident: it has no repr."""

    made: Made
    """Where it lies."""
    html: str
    """What the clerk's browser prints."""


def search(job: Job, sought: Sought, typed: str, why: Why) -> list[Found]:
    """Whom the typed id number, name or amount may mean, masked, at most MOST_FOUND + 1 people; none is an answer too.

    Where nobody bears the typed name, those whom a list calls by one that reads alike, each with the rule: who is meant is for
    the clerk to find out, never chosen here.
    MianshenError SEARCH_UNCLEAR for what cannot be one, SEARCH_NOTE_PERSONAL, SEARCH_TOO_OFTEN; the first two log nothing.
    """
    wanted = _read(job, sought, typed)
    _check_note(why, typed)
    _log(job, window_queries.SEARCHED, why, subject="—", sought=sought)
    keys, rule = _here(job, _keys(job, sought, wanted)), ""
    if not keys and sought is Sought.NAME:
        keys, rule = _here(job, _sounding(job, wanted)), NAME_SOUNDS_ALIKE
    by = f"{sought} {rule}" if rule and keys else sought.value
    people = open_names(job, keys, fields=("name", "certno"), purpose=f"window {by}: {why.text}", recipient=job.actor)
    towns = towns_of(job.lake, keys, county_code=job.county_code)
    return [replace(_masked(people[key], towns.get(key, "")), rule=rule) for key in keys]


def nobody(job: Job) -> Answers:
    """What is told of somebody whom no data name: what is here, and what is not yet."""
    return told(job, "", tails={})


def open_answers(job: Job, person_key: str, why: Why, *, in_full: bool = False) -> Shown:
    """Everything that the person is told; name and number masked unless `in_full`, which is an act of its own in the logs.

    MianshenError SEARCH_NOTE_PERSONAL, PERSON_UNKNOWN.
    """
    _check_note(why, "")
    _log(job, window_queries.NAMED if in_full else window_queries.OPENED, why, subject=person_key)
    person = _opened(job, person_key, f"window {'name' if in_full else 'answer'}: {why.text}")
    town = towns_of(job.lake, [person_key], county_code=job.county_code).get(person_key, "")
    found = _masked(person, town)
    if in_full:
        found = replace(found, name=person.name or "—", certno=person.certno or "—")
    with job.ledger.connect() as connection:
        asked = rechecks.of_person(connection, job.pack, person_key)
    return Shown(found, told(job, person_key, tails=_tails(person)), asked)


def print_record(job: Job, person_key: str, why: Why) -> PrintedRecord:
    """The person's 核算依据单 as a paper for the person; each print is kept in the chain with its purpose and the clerk.

    MianshenError FORM_UNKNOWN, SEARCH_NOTE_PERSONAL, PERSON_UNKNOWN.
    """
    form = form_of(job, FormCode.RECORD)
    _check_note(why, "")
    _log(job, window_queries.PRINTED, why, subject=person_key)
    person = _opened(job, person_key, f"window record: {why.text}")
    answers = told(job, person_key, tails=_tails(person))
    named = (("姓名", person.name or "—"), ("身份证号", masked(person.certno or "")))
    words = {"county": job.pack.county_name_zh, "number": person_key[:8], "day": day_zh(job.moment), "clerk": job.actor}
    paper = FormPaper(words["number"], (*named, *record_facts(answers)), words, record_tables(answers))
    html = form_html(form, [paper], pack=job.pack, made_at=job.moment)
    subject = f"{FormCode.RECORD}|{person_key}"
    with job.ledger.connect() as connection:
        action = (
            paper_facts.REPRINTED
            if audit.stands(connection, action=paper_facts.PRINTED, subject=subject)
            else paper_facts.PRINTED
        )
    detail = {"papers": 1, "html_sha256": sha256_hex(html.encode()), "reason": why.text}
    made = put_paper(job, folder_of(job, form), person_key, html, papers=1, entry=Entry(action, subject, detail))
    return PrintedRecord(made, html)


def _read(job: Job, sought: Sought, typed: str) -> str:
    """What was typed, as the register knows it; an amount in fen as text."""
    if sought is Sought.CERTNO:
        value = read_certno(typed, today=job.as_of.date()).value
    elif sought is Sought.NAME:
        name = read_name(typed)
        value = name.value if len(name.value) > 1 and not name.is_doubtful else None
    else:
        value = _fen(typed)
    if not value:
        raise MianshenError("SEARCH_UNCLEAR", found=sought.value, where="window")
    return value


def _fen(typed: str) -> str | None:
    try:
        fen = parse_fen(typed)
    except ValueError:
        return None
    return f"{fen}" if fen > 0 else None


def _keys(job: Job, sought: Sought, wanted: str) -> Sequence[str]:
    if sought is Sought.AMOUNT:
        with job.ledger.connect() as connection:
            return paid_so(connection, int(wanted), county_code=job.county_code, most=MOST_FOUND + 1)
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        register = Register(vault, keys_of(job.home))
        if sought is Sought.CERTNO:
            return list(register.keys_of([wanted]).values())
        return seeking.bearing(register, wanted, most=MOST_FOUND + 1)
    finally:
        vault.dispose()


def _here(job: Job, keys: Sequence[str]) -> list[str]:
    return window_queries.known_here(job.lake, keys, county_code=job.county_code)[: MOST_FOUND + 1]


def _sounding(job: Job, name: str) -> Sequence[str]:
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        return seeking.sounding(Register(vault, keys_of(job.home)), name, most=MOST_FOUND + 1)
    finally:
        vault.dispose()


def _check_note(why: Why, typed: str) -> None:
    bare = "".join(typed.split())
    if redact(why.note) != why.note or (len(bare) > 1 and bare in "".join(why.note.split())):
        raise MianshenError("SEARCH_NOTE_PERSONAL", found="note", where="window")


def _log(job: Job, act: str, why: Why, *, subject: str, sought: Sought | None = None) -> None:
    """The ledger's row and the audit chain's, in one transaction, before anything is looked for."""
    detail = {"act": act, "purpose": why.text, **({"by": sought.value} if sought else {})}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        window_queries.record_query(
            connection, act, purpose=why.purpose, sought=sought, county_code=job.county_code, actor=job.actor, at=job.as_of
        )
        audit.append(connection, [Entry(ASKED, subject, detail)], at=job.moment, actor=job.actor)


def _opened(job: Job, person_key: str, purpose: str) -> Person:
    fields = ("name", "certno", "account")
    return open_names(job, [person_key], fields=fields, purpose=purpose, recipient=job.actor)[person_key]


def _masked(person: Person, town: str) -> Found:
    return Found(person.person_key, masked_name(person.name or "—"), masked(person.certno or ""), town)


def _tails(person: Person) -> Mapping[str, str]:
    return {one.account_key: tail_of(one.account) for one in person.accounts}
