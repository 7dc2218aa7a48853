"""appoint: the county's relief officers are taken from the sheet that the leading group sends, whole or not at all."""

from __future__ import annotations

from mianshen.core.digest import sha256_hex
from mianshen.core.officers import check_officers
from mianshen.feeds.counts_file import officers_of
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, officers
from mianshen.warehouse.audit import Entry


def take(job: Job, content: bytes, *, where: str) -> int:
    """Let the sheet's officers count from now on, as the job's actor; returns how many. The same again changes nothing.

    MianshenError COUNTS_INVALID or OFFICERS_INVALID names what is wrong: then the list of before still counts.
    """
    found = officers_of(content, where=where)
    check_officers(found, departments={one.code for one in job.pack.departments}, towns=job.pack.towns, where=where)
    digest = sha256_hex(content)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        said = {"by": job.actor, "at": job.moment}
        if officers.replace(connection, found, county_code=job.county_code, sheet_sha256=digest, **said):
            entry = Entry("officers.appointed", digest, {"officers": len(found)})
            audit.append(connection, [entry], at=job.moment, actor=job.actor)
    return len(found)
