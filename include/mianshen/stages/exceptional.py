"""exceptional: what a meeting granted beyond the rules is recorded with its minutes and goes through approval and payment.

Who decided in the meeting does not record it, who records it does not approve it. No rule computes such an amount, no computation
takes it back.
"""

from __future__ import annotations

from mianshen.core.errors import MianshenError
from mianshen.core.exceptional import Grant, check_grant
from mianshen.stages.frame import Job
from mianshen.warehouse import approvals, audit, exceptionals
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import compute
from mianshen.warehouse.filing import receipt_prefix
from mianshen.warehouse.frozen import write_filing
from mianshen.warehouse.lake import show

_KNOWN_IN = ("out.assessment", "facts.person_month")


def add(job: Job, grant: Grant) -> str:
    """Record the grant as the job's actor; returns its id. The same again changes nothing.

    MianshenError EXCEPTIONAL_INVALID names what is missing, EXCEPTIONAL_RECORDED when the minutes stand with another amount,
    EXCEPTIONAL_PERSON when the county's data of the month know no such person, MAKER_IS_CHECKER when who decided would record it.
    """
    departments = frozenset(one.code for one in job.pack.award_process.steps)
    funds = frozenset(one.code for one in job.pack.funds)
    check_grant(grant, recorded_by=job.actor, departments=departments, funds=funds, today=job.as_of.date())
    if not _is_known(job, grant.person_key):
        raise MianshenError("EXCEPTIONAL_PERSON", found=grant.person_key, where=str(job.month))
    key = exceptionals.exceptional_id(job.county_code, grant)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        stands = exceptionals.standing(connection, key)
        if stands is not None:
            if (stands["amount_fen"], stands["document_sha256"]) != (grant.amount_fen, grant.document_sha256):
                found = f"{stands['minutes_no']} {stands['recorded_by']} {stands['recorded_at']}"
                raise MianshenError("EXCEPTIONAL_RECORDED", found=found, where="exceptional_award")
            return key
        prefix = receipt_prefix(job.county_code, job.moment)
        about = {
            "county_code": job.county_code,
            "month": str(job.month),
            "moment": job.moment,
            "policy_hash": job.pack.plan.policy_hash,
            "maker": job.actor,
        }
        filing = exceptionals.filed(
            grant,
            about,
            posting_no=exceptionals.next_posting_no(connection, grant),
            place=approvals.applications_by_person(connection, county_code=job.county_code)[grant.person_key] + 1,
            receipt=approvals.last_receipt(connection, prefix=prefix) + 1,
        )
        detail = {"amount_fen": grant.amount_fen, "minutes_no": grant.minutes_no, "document_sha256": grant.document_sha256}
        said = {**detail, "decided_by": grant.decided_by, "decided_on": grant.decided_on.isoformat()}
        first = Entry("exceptional.recorded", key, said)
        write_filing(connection, job.pack, filing, at=job.as_of, actor=job.actor, first=first)
        exceptionals.write(
            connection,
            grant,
            county_code=job.county_code,
            award_id=filing.postings[0]["award_id"],
            recorded_by=job.actor,
            recorded_at=job.moment,
        )
    return key


def _is_known(job: Job, person_key: str) -> bool:
    """Whether the county's data of the month know the person."""
    with compute() as con:
        for table in _KNOWN_IN:
            show(con, table, job.lake.current(table, county_code=job.county_code, month=str(job.month)))
            query = f"select 1 from {table} where person_key = $person limit 1"  # noqa: S608 - names of this module
            if con.execute(query, {"person": person_key}).fetchone() is not None:
                return True
    return False
