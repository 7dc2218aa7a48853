"""The one opening of the vault for papers, and what the audit chain keeps of a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.errors import MianshenError
from mianshen.core.office import Office
from mianshen.stages.frame import Job
from mianshen.vault.keyring import keys_of
from mianshen.vault.lookups import Logged, LookupLog
from mianshen.vault.records import Fact, Person
from mianshen.vault.register import Register
from mianshen.vault.tables import create_supervision
from mianshen.warehouse import audit, lookup_anchors
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database

ACTION = "vault.disclosed"
"""Action of the audit row behind a paper."""


def look_up(job: Job, person_key: str, *, subject: str, purpose: str, recipient: str) -> Person:
    """Name and id number of one person for somebody who looks at a matter: logged by the vault, then in the audit chain.

    The matter's number is the subject of the audit row; neither row holds the name. LOOKUP_UNEXPLAINED without a purpose.
    """
    people = open_names(job, [person_key], fields=("name", "certno"), purpose=f"{subject}: {purpose}", recipient=recipient)
    with job.ledger.begin() as connection:
        audit.append(connection, [Entry(ACTION, subject, {"purpose": purpose, "persons": 1})], at=job.moment, actor=job.actor)
    return people[person_key]


def look_up_as_supervisor(job: Job, person_key: str, *, subject: str, purpose: str) -> Person:
    """Name and id number of one person for a supervisor, logged where the bureau cannot read it.

    The audit chain holds the digest of the look-up alone: not who looked, at whom or why. LOOKUP_UNEXPLAINED without a purpose.
    """
    _explained(purpose)
    watched = open_database(job.supervision_url, schema=VAULT)
    create_supervision(watched)
    try:
        log = LookupLog(watched, Office.SUPERVISOR)
        said = {"purpose": f"{subject}: {purpose}", "recipient": job.actor}
        return _opened(job, [person_key], fields=("name", "certno"), log=log, **said)[person_key]
    finally:
        watched.dispose()


def open_names(job: Job, payees: Sequence[str], *, fields: Sequence[str], purpose: str, recipient: str) -> dict[str, Person]:
    """The fields asked for of these persons: the one opening of the vault for papers.

    Logged by the vault and named in the audit chain before anything opens.
    """
    return _opened(job, payees, fields=fields, log=None, purpose=purpose, recipient=recipient)


def _opened(
    job: Job, payees: Sequence[str], *, fields: Sequence[str], log: LookupLog | None, purpose: str, recipient: str
) -> dict[str, Person]:
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        register = Register(vault, keys_of(job.home))
        said = {"purpose": purpose, "recipient": recipient, "actor": job.actor}
        return register.open_persons(payees, fields=fields, at=job.as_of, anchor=lambda one: _anchor(job, one), log=log, **said)
    finally:
        vault.dispose()


def _anchor(job: Job, logged: Logged) -> None:
    actor = job.actor if logged.office is Office.BUREAU else logged.office.value
    with job.ledger.begin() as connection:
        lookup_anchors.anchor(connection, logged.subject, logged.digest, at=job.moment, actor=actor)


def _explained(purpose: str) -> None:
    if not purpose.strip():
        raise MianshenError("LOOKUP_UNEXPLAINED", found="purpose", where="supervisor_lookup_log")


def keep_facts(job: Job, said: Mapping[str, Fact]) -> int:
    """Let the vault take in what these persons said, by person key; how many said something new."""
    if not said:
        return 0
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        return Register(vault, keys_of(job.home)).learn(said, entropy=job.entropy)
    finally:
        vault.dispose()
