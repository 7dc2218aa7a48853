"""Papers of the check of a family's means: the members' sheet, the request to the checking department, the answer in custody.

Names and numbers stand in these files and in the vault; the ledger has keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mianshen.core.days import Month, local
from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.means import APPLICANT, MeansRules
from mianshen.documents import family_sheet, means_sheet
from mianshen.documents.family_sheet import Member
from mianshen.documents.filled import open_sheet
from mianshen.documents.means_sheet import Asked
from mianshen.stages.disclose.lookups import open_names
from mianshen.stages.frame import Job
from mianshen.vault.custody import Custody
from mianshen.vault.keyring import keys_of
from mianshen.vault.records import Fact
from mianshen.vault.register import Register
from mianshen.warehouse import audit, cases, means
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database
from mianshen.warehouse.ledger import FAMILY_MEMBER

LISTED = "means.listed"
"""Action of the audit row behind a sheet that was given out; its subject is the sheet's hash."""
KEPT = "means.kept"
"""Action of the audit row behind a family that was written down, or an answer in custody."""

ORIGIN = "family_sheet"
"""Where the vault knows it from."""

Row = Mapping[str, Any]


def make_family_sheet(job: Job, case_id: str) -> bytes:
    """The members' sheet of a case that waits for its assisted application; MianshenError STEP_NOT_OPEN when it does not."""
    rules = rules_of(job)
    with job.ledger.connect() as connection:
        case = cases.case_of(connection, case_id, county_code=job.county_code)
        holders = {one["case_id"]: one["department_code"] for one in _open(job, connection, rules.applied_at)}
    holder, key = holders.get(case_id), case["person_key"]
    if holder is None or key is None:
        raise MianshenError("STEP_NOT_OPEN", found=rules.applied_at, where=f"case {case_id}")
    purpose = f"family of case {case_id}"
    named = open_names(job, [key], fields=("name", "certno"), purpose=purpose, recipient=holder)[key]
    applicant = Member(named.name or "", named.certno or "", APPLICANT)
    whose = job.pack.department(holder).name_zh
    content, mark = family_sheet.family_sheet(job.pack.county_name_zh, case_id, applicant, holder=whose, made_at=job.as_of)
    _audited(job, LISTED, mark, {"paper": "family_sheet", "persons": 1, "xlsx_sha256": sha256_hex(content)})
    return content


def take_family(job: Job, content: bytes, *, where: str) -> int:
    """Register the members whom the sheet names; how many. The same again changes nothing.

    MianshenError SHEET_FOREIGN, SHEET_CHANGED or SHEET_INVALID says what is wrong, MEANS_KNOWN that others were written down.
    """
    rules = rules_of(job)
    page = open_sheet(content, title=family_sheet.SHEET, where=where)
    case_id = page[family_sheet.CASE]
    with job.ledger.connect() as connection:
        if not audit.stands(connection, action=LISTED, subject=page[family_sheet.PAGE_HASH]):
            raise MianshenError("SHEET_FOREIGN", found=case_id[:40] or "?", where=where)
        waits = {one["case_id"] for one in _open(job, connection, rules.applied_at)}
        known = means.members_of(connection, [case_id]).get(case_id, [])
    members = family_sheet.members_of(page, made_at=local(job.as_of), where=where)
    keys = _registered(job, members, family_sheet.account_of(page, where=where))
    said = [(keys[one.certno], one.relation) for one in members]
    if known:
        if [(row["person_key"], row["relation"]) for row in known] != said:
            raise MianshenError("MEANS_KNOWN", found=case_id, where=where)
        return 0
    if case_id not in waits:
        raise MianshenError("STEP_NOT_OPEN", found=rules.applied_at, where=f"case {case_id}")
    place = {"recorded_by": job.actor, "recorded_at": job.moment, "sheet_sha256": page.content_sha256}
    rows = [
        {"case_id": case_id, "member_no": number, "person_key": key, "relation": relation, **place}
        for number, (key, relation) in enumerate(said, 1)
    ]
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        means.write(connection, FAMILY_MEMBER, rows)
        detail = {"fields": "family", "persons": len(rows), "sheet_sha256": page.content_sha256}
        audit.append(connection, [Entry(KEPT, case_id, detail)], at=job.moment, actor=job.actor)
    return len(rows)


def make_means_request(job: Job) -> bytes:
    """The request about every family that waits to be checked, for the department that checks; VISIT_NONE when none does."""
    rules = rules_of(job)
    with job.ledger.connect() as connection:
        waiting = _open(job, connection, rules.checked_at)
        families = means.members_of(connection, [one["case_id"] for one in waiting])
        events = cases.events_of(connection, families)
    if not waiting:
        raise MianshenError("VISIT_NONE", found=f"{rules.process_code} {rules.checked_at}", where=job.pack.name)
    holder = job.pack.department(waiting[0]["department_code"])
    people = [row["person_key"] for rows in families.values() for row in rows]
    key = f"{rules.process_code}|{rules.checked_at}"
    named = open_names(job, people, fields=("name", "certno"), purpose=f"means {key}", recipient=holder.code)
    asked = []
    for one in waiting:
        since, until = months_of(rules, events[one["case_id"]])
        for row in families.get(one["case_id"], ()):
            whom = named[row["person_key"]]
            place = (one["case_id"], one["round_no"], row["member_no"])
            asked.append(Asked(*place, whom.name or "", whom.certno or "", row["relation"], str(since), str(until)))
    title = f"{job.pack.county_name_zh} 家庭经济状况核对请求"
    content, mark = means_sheet.means_sheet(title, key, asked, holder=f"{holder.code} {holder.name_zh}", made_at=job.as_of)
    _audited(job, LISTED, mark, {"paper": "means_request", "persons": len(asked), "xlsx_sha256": sha256_hex(content)})
    return content


def keep_answer(job: Job, content: bytes) -> str:
    """Seal an answer that was taken into custody; returns its SHA-256. The same again changes nothing."""
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        name = Custody(job.home.custody, vault, keys_of(job.home)).land(content, at=job.moment, entropy=job.entropy)
    finally:
        vault.dispose()
    _audited(job, KEPT, name, {"paper": "means_answer", "bytes": len(content)})
    return name


def rules_of(job: Job) -> MeansRules:
    """The county's rules; MianshenError PROCESS_UNKNOWN where it checks nobody's means."""
    if job.pack.means is None:
        raise MianshenError("PROCESS_UNKNOWN", found="means.yaml", where=job.pack.name)
    return job.pack.means


def months_of(rules: MeansRules, events: Any) -> tuple[Month, Month]:
    """First and last month that the incomes are of: the months before that of the application."""
    applied = means.applied_at(rules, events)
    last = Month(applied.year, applied.month).shift(-1)
    return last.shift(1 - rules.months), last


def _open(job: Job, connection: Any, step: str) -> list[dict[str, Any]]:
    code = rules_of(job).process_code
    return [one for one in cases.waiting(connection, county_code=job.county_code, process_code=code) if one["step_code"] == step]


def _registered(job: Job, members: list[Member], account: str | None) -> Mapping[str, str]:
    """Person keys by id number; the vault takes in names and the applicant's account."""
    since = str(Month(job.as_of.year, job.as_of.month))
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        facts = {one.certno: [Fact("name", ORIGIN, one.name, since)] for one in members}
        facts[members[0].certno] += [] if account is None else [Fact("account", ORIGIN, account, since)]
        return Register(vault, keys_of(job.home)).record(facts, entropy=job.entropy).keys
    finally:
        vault.dispose()


def _audited(job: Job, action: str, subject: str, detail: dict[str, Any]) -> None:
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if not audit.stands(connection, action=action, subject=subject):
            audit.append(connection, [Entry(action, subject, detail)], at=job.moment, actor=job.actor)
