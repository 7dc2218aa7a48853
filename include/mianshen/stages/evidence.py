"""evidence: everything about one case in one file that is checked without any database; that it was made stands in the chain.

The ledger is sealed first, so that every row in the file is held against a seal that the chain names.
"""

from __future__ import annotations

from mianshen.core.digest import sha256_hex
from mianshen.documents import outbox
from mianshen.stages.frame import Job
from mianshen.warehouse import audit, cases, evidence, seal
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import compute
from mianshen.warehouse.lake import show

PACKED = "evidence.packed"
"""Action of the audit row behind a package."""
RECORD = "out.calculation_record"


def pack_case(job: Job, case_id: str) -> bytes:
    """The case's package, made as the job's actor; its hash is added to the audit chain, behind the head that it states.

    MianshenError CASE_UNKNOWN when the county has no such case.
    """
    with job.ledger.connect() as connection:
        row = cases.case_of(connection, case_id, county_code=job.county_code)
    records = _records(job, row["person_key"])
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        away = job.home.root / "outbox"
        seal.seal(connection, folder=job.home.evidence, outbox=away, at=job.moment, actor=job.actor, put=outbox.replace)
        content = evidence.pack(
            connection,
            case_id,
            records=records,
            evidence=job.home.evidence,
            at=job.moment,
            actor=job.actor,
            county_code=job.county_code,
        )
        detail = {"package_sha256": sha256_hex(content)}
        audit.append(connection, [Entry(PACKED, case_id, detail)], at=job.moment, actor=job.actor)
    return content


def _records(job: Job, person_key: str | None) -> list[str]:
    """The person's calculation records of the newest assessment, as JSON lines in the order of the claims."""
    if person_key is None:
        return []
    with compute() as con:
        show(con, RECORD, job.lake.current(RECORD, county_code=job.county_code))
        query = """
            select cast(to_json(told) as varchar) from out.calculation_record as told
            where told.person_key = $person order by benefit_year, event_on, event_id, benefit_code
        """
        return [text for (text,) in con.execute(query, {"person": person_key}).fetchall()]
