"""The one opening of the vault for papers, and what the audit chain keeps of a paper."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.stages.frame import Job
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.warehouse import audit
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


def open_names(job: Job, payees: Sequence[str], *, fields: Sequence[str], purpose: str, recipient: str) -> dict[str, Person]:
    """The fields asked for of these persons: the one opening of the vault for papers; the vault logs it before anything opens."""
    vault = open_database(job.vault_url, schema=VAULT)
    try:
        register = Register(vault, open_keyring(job.home.keyring))
        return register.open_persons(payees, fields=fields, purpose=purpose, recipient=recipient, actor=job.actor, at=job.as_of)
    finally:
        vault.dispose()
