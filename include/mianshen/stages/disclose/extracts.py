"""A department's extract of its own listed people (限权开放): under its own keys, for a purpose that the audit chain keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mianshen.core.digest import sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.extract import KEY
from mianshen.documents import outbox
from mianshen.documents.extract_files import extract_files
from mianshen.policy.extracts import load_extracts
from mianshen.stages.frame import Job
from mianshen.vault.departments import department_keys
from mianshen.vault.keyring import keys_of
from mianshen.warehouse import audit
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.extracts import READ, department_rows

EXTRACTED = "extract.made"
"""Action of the audit row."""


@dataclass(frozen=True, slots=True)
class MadeExtract:
    """An extract that lies in the department's outbox."""

    folder: Path
    """Where its files lie."""
    people: int
    """How many people (人) it tells of."""


def make_extract(job: Job, department: str, *, purpose: str) -> MadeExtract:
    """Make the month's extract of a department's own people as xlsx, csv and parquet; every call is kept in the audit chain.

    No name is opened. MianshenError EXTRACT_UNEXPLAINED without a purpose, EXTRACT_UNKNOWN where the county's page does not
    name the department, PAPER_NOTHING before the month's record was made.
    """
    if not purpose.strip():
        raise MianshenError("EXTRACT_UNEXPLAINED", found=department, where="extract")
    granted = load_extracts(job.pack.name, departments={one.code for one in job.pack.departments})
    if department not in granted:
        raise MianshenError("EXTRACT_UNKNOWN", found=department, where=f"{job.pack.name}/extracts.yaml")
    source = job.lake.current_run_id(READ[0], county_code=job.county_code, month=str(job.month))
    if source is None:
        raise MianshenError("PAPER_NOTHING", found=f"{department} {job.month}", where=READ[0])
    rules, month = granted[department], str(job.month)
    rows = department_rows(job.lake, rules, job.pack.plan, county_code=job.county_code, month=job.month)
    keys = department_keys(keys_of(job.home), [row["person_key"] for row in rows], department=department)
    told = [{KEY: keys[row["person_key"]], **{name: row[name] for name in rules.columns}} for row in rows]
    told.sort(key=lambda row: str(row[KEY]))
    files = extract_files(told, columns=rules.columns, pack=job.pack, department=department, month=month, made=job.as_of)
    folder = job.home.outbox(job.pack.name) / "extracts" / department
    detail = {
        "purpose": purpose.strip(),
        "department": department,
        "persons": len(told),
        "source_run": source,
        **{f"{suffix}_sha256": sha256_hex(content) for suffix, content in files.items()},
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        audit.append(connection, [Entry(EXTRACTED, f"{department}|{month}", detail)], at=job.moment, actor=job.actor)
        for suffix, content in files.items():
            outbox.replace(folder / f"extract_{job.county_code}_{month}.{suffix}", content)
    return MadeExtract(folder, len(told))
