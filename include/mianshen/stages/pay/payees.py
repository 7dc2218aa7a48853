"""Payees who are not the beneficiary: recorded by one person with the paper's hash, confirmed by another, ended with a reason.

Who they are, and their accounts, go into the vault at once; the ledger has keys only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.ids import is_uscc, read_certno
from mianshen.core.money import PPM, parse_fen
from mianshen.core.redaction import redact
from mianshen.core.shares import RelationKind
from mianshen.stages.frame import Job
from mianshen.stages.pay.till import Till
from mianshen.vault.records import Fact
from mianshen.warehouse import audit, payees
from mianshen.warehouse.audit import Entry

ORIGIN = "payee_relation"
"""Origin of what a form says of a payee."""
_WHERE = "payee form"


def add(job: Job, form: str, *, paper_sha256: str) -> str:
    """Record the relation of a form (JSON, docs/howto/payees.md) and its payee; returns its id. The same form stands once.

    MianshenError RELATION_INVALID names what is wrong in it, PERSON_UNKNOWN when nobody knows the beneficiary.
    """
    said = read_form(form)
    kind = _kind(said)
    till = Till(job)
    try:
        beneficiary, payee = _number(job, said, "beneficiary_certno"), _number(job, said, "payee_certno")
        keys = till.register.keys_of([beneficiary])
        if beneficiary not in keys:
            raise MianshenError("PERSON_UNKNOWN", found="beneficiary_certno", where=_WHERE)
        if payee == beneficiary:
            raise MianshenError("RELATION_INVALID", found="payee = beneficiary", where=_WHERE)
        row = _row(job, said, kind, paper_sha256)
        facts = [Fact("name", ORIGIN, text_in(said, "payee_name"), job.as_of.date().isoformat())]
        if said.get("payee_account"):
            facts.append(Fact("account", ORIGIN, text_in(said, "payee_account"), job.as_of.date().isoformat()))
        registered = till.register.record({payee: facts}, entropy=job.entropy).keys[payee]
    finally:
        till.vault.dispose()
    row |= {"person_key": keys[beneficiary], "payee_key": registered}
    row["relation_id"] = short_id("R", *(row[name] for name in sorted(row) if name not in ("recorded_at", "recorded_by")))
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        if payees.record(connection, row):
            detail = {name: row[name] for name in ("kind", "event_id", "advanced_fen", "share_ppm", "paper_sha256")}
            audit.append(connection, [Entry("payee.recorded", row["relation_id"], detail)], at=job.moment, actor=job.actor)
    return str(row["relation_id"])


def confirm(job: Job, relation_id: str) -> None:
    """The second act: from now on the payee is paid. MianshenError RELATION_UNKNOWN, MAKER_IS_CHECKER."""
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        payees.confirm(connection, relation_id, county_code=job.county_code, by=job.actor, at=job.moment)
        audit.append(connection, [Entry("payee.confirmed", relation_id, {})], at=job.moment, actor=job.actor)


def end(job: Job, relation_id: str, *, reason: str) -> None:
    """End a relation, or refuse to confirm it; what was paid by it stands. MianshenError RELATION_UNKNOWN, CASE_REASON."""
    if not reason.strip():
        raise MianshenError("CASE_REASON", found="reason = ?", where="payee_end")
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        values = {"county_code": job.county_code, "reason": redact(reason), "by": job.actor, "at": job.moment}
        payees.end(connection, relation_id, **values)
        audit.append(connection, [Entry("payee.ended", relation_id, {"reason": redact(reason)})], at=job.moment, actor=job.actor)


def watch(job: Job, accounts: Iterable[str], *, kind: str) -> int:
    """Watch these account numbers (`officer` or `flagged`); only their keyed digests are kept. Returns how many are new."""
    keys = _keys(job, accounts)
    rows = [
        {
            "watch_id": short_id("W", job.county_code, key, kind),
            "county_code": job.county_code,
            "account_key": key,
            "kind": kind,
            "recorded_by": job.actor,
            "recorded_at": job.moment,
        }
        for key in keys
    ]
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        count = payees.watch(connection, rows) if rows else 0
        if count:
            entry = Entry("accounts.watched", kind, {"accounts": count})
            audit.append(connection, [entry], at=job.moment, actor=job.actor)
    return count


def unwatch(job: Job, account: str, *, reason: str) -> int:
    """Watch an account no more, as another person than who put it; returns how many records ended."""
    (key,) = _keys(job, [account])
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        values = {"county_code": job.county_code, "reason": redact(reason), "by": job.actor, "at": job.moment}
        count = payees.unwatch(connection, key, **values)
        detail = {"accounts": count, "reason": redact(reason)}
        audit.append(connection, [Entry("accounts.unwatched", key, detail)], at=job.moment, actor=job.actor)
    return count


def _keys(job: Job, accounts: Iterable[str]) -> list[str]:
    till = Till(job)
    try:
        plain = {one.strip().replace(" ", "") for one in accounts}
        return sorted(till.register.digests("account", plain - {""}).values())
    finally:
        till.vault.dispose()


def read_form(form: str) -> Mapping[str, Any]:
    """What a form of JSON says; MianshenError RELATION_INVALID when it is none."""
    try:
        said = json.loads(form)
    except ValueError as cause:
        raise MianshenError("RELATION_INVALID", found="JSON ?", where=_WHERE) from cause
    if not isinstance(said, dict):
        raise MianshenError("RELATION_INVALID", found="JSON object ?", where=_WHERE)
    return said


def _kind(said: Mapping[str, Any]) -> RelationKind:
    try:
        return RelationKind(str(said.get("kind")))
    except ValueError as cause:
        raise MianshenError("RELATION_INVALID", found="kind = hospital, guardian, heir, institution ?", where=_WHERE) from cause


def text_in(said: Mapping[str, Any], name: str) -> str:
    """The text that a form says under a name; MianshenError RELATION_INVALID when it says none."""
    found = said.get(name)
    if not isinstance(found, str) or not found.strip():
        raise MianshenError("RELATION_INVALID", found=f"{name} = ?", where=_WHERE)
    return found.strip()


def _number(job: Job, said: Mapping[str, Any], name: str) -> str:
    """The canonical id number of a person, or an institution's credit code."""
    written = text_in(said, name).upper()
    if is_uscc(written):
        return written
    found = read_certno(written, today=job.as_of.date()).value
    if found is None:
        raise MianshenError("RELATION_INVALID", found=f"{name} = ?", where=_WHERE)
    return found


def _row(job: Job, said: Mapping[str, Any], kind: RelationKind, paper_sha256: str) -> dict[str, Any]:
    is_hospital, is_heir = kind is RelationKind.HOSPITAL, kind is RelationKind.HEIR
    return {
        "county_code": job.county_code,
        "kind": kind.value,
        "event_id": text_in(said, "event_id") if is_hospital else None,
        "advanced_fen": _fen(text_in(said, "advanced_yuan")) if is_hospital else None,
        "share_ppm": _share(text_in(said, "share_percent")) if is_heir else None,
        "paper_sha256": paper_sha256,
        "recorded_by": job.actor,
        "recorded_at": job.moment,
    }


def _fen(written: str) -> int:
    try:
        found = parse_fen(written)
    except ValueError:
        found = 0
    if found <= 0:
        raise MianshenError("RELATION_INVALID", found="advanced_yuan = ?", where=_WHERE)
    return found


def _share(written: str) -> int:
    """Parts per million of a share in per cent with at most two decimals, such as `33.33`."""
    try:
        found = parse_fen(written.removesuffix("%")) * (PPM // 10_000)
    except ValueError:
        found = 0
    if not 0 < found <= PPM:
        raise MianshenError("RELATION_INVALID", found="share_percent = ?", where=_WHERE)
    return found
