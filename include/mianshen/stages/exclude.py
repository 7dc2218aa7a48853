"""exclude: after an audit a person is given nothing for some days (取消资格); the computation refuses what falls on them.

What was paid for such days is found too much by the next run, and goes the way of every correction.
"""

from __future__ import annotations

from datetime import date

from mianshen.core.exclusions import Exclusion, check_exclusion
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, exclusions
from mianshen.warehouse.audit import Entry


def add(job: Job, one: Exclusion) -> str:
    """Record the exclusion as the job's actor; returns its id. The same again changes nothing.

    MianshenError EXCLUSION_INVALID names what is missing, MAKER_IS_CHECKER when who decided would record it.
    """
    check_exclusion(one, recorded_by=job.actor, today=job.as_of.date())
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        key, is_new = exclusions.record(connection, one, county_code=job.county_code, by=job.actor, at=job.moment)
        if is_new:
            said = {"ground": one.ground, "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None}
            papers = {"document_no": one.document_no, "document_sha256": one.document_sha256, "decided_by": one.decided_by}
            audit.append(connection, [Entry("exclusion.recorded", key, {**said, **papers})], at=job.moment, actor=job.actor)
    return key


def lift(job: Job, key: str, *, ended_on: date, document_sha256: str, decided_by: str) -> None:
    """Give relief again from the day on, as the job's actor.

    MianshenError EXCLUSION_UNKNOWN when it does not stand, EXCLUSION_INVALID for a day before its first, MAKER_IS_CHECKER.
    """
    said = {"ended_on": ended_on.isoformat(), "document_sha256": document_sha256, "decided_by": decided_by}
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        row = {**said, "recorded_by": job.actor, "recorded_at": job.moment}
        exclusions.end(connection, key, row, county_code=job.county_code)
        audit.append(connection, [Entry("exclusion.lifted", key, said)], at=job.moment, actor=job.actor)
