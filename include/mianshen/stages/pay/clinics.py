"""Primary clinics that are paid themselves: code, institution and account recorded by one person, confirmed by another.

Name, credit code and account go into the vault; the ledger has keys only. Nothing is paid to an account that nobody confirmed.
"""

from __future__ import annotations

import re

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.ids import is_uscc
from mianshen.stages.frame import Job
from mianshen.stages.pay.payees import read_form, text_in
from mianshen.stages.pay.till import Till
from mianshen.vault.records import Fact
from mianshen.warehouse import audit, clinics
from mianshen.warehouse.audit import Entry

ORIGIN = "clinic"
"""Origin of what a form says of a clinic."""
_CODE = re.compile(r"^[A-Za-z0-9_-]{2,32}$")
_WHERE = "clinic form"


def add(job: Job, form: str, *, paper_sha256: str) -> str:
    """Record the clinic of a form (JSON, docs/howto/funds.md); returns its record's id. The same form stands once.

    MianshenError RELATION_INVALID names what is wrong in it.
    """
    said = read_form(form)
    code, uscc = text_in(said, "clinic_code"), text_in(said, "uscc").upper()
    name, account = text_in(said, "name"), text_in(said, "account").replace(" ", "")
    if not _CODE.match(code):
        raise MianshenError("RELATION_INVALID", found="clinic_code = ?", where=_WHERE)
    if not is_uscc(uscc):
        raise MianshenError("RELATION_INVALID", found="uscc = ?", where=_WHERE)
    since = job.as_of.date().isoformat()
    facts = [Fact("name", ORIGIN, name, since), Fact("account", ORIGIN, account, since)]
    till = Till(job)
    try:
        payee = till.register.record({uscc: facts}, entropy=job.entropy).keys[uscc]
        key = till.register.digests("account", [account])[account]
    finally:
        till.vault.dispose()
    row = {
        "clinic_id": short_id("J", job.county_code, code, payee, key, paper_sha256),
        "county_code": job.county_code,
        "clinic_code": code,
        "payee_key": payee,
        "account_key": key,
        "paper_sha256": paper_sha256,
        "recorded_by": job.actor,
        "recorded_at": job.moment,
    }
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if clinics.record(connection, row):
            entry = Entry("clinic.recorded", str(row["clinic_id"]), {"clinic_code": code, "paper_sha256": paper_sha256})
            audit.append(connection, [entry], at=job.moment, actor=job.actor)
    return str(row["clinic_id"])


def confirm(job: Job, clinic_id: str) -> None:
    """The second act: from now on the clinic is paid. MianshenError RELATION_UNKNOWN, MAKER_IS_CHECKER."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        clinics.confirm(connection, clinic_id, county_code=job.county_code, by=job.actor, at=job.moment)
        audit.append(connection, [Entry("clinic.confirmed", clinic_id, {})], at=job.moment, actor=job.actor)
