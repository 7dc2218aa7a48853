"""The one opening of the vault for papers, and what the audit chain keeps of a paper."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.stages.frame import Job
from mianshen.vault.keyring import open_keyring
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.warehouse.connect import open_database

ACTION = "vault.disclosed"
"""Action of the audit row behind a paper."""


def open_names(job: Job, payees: Sequence[str], *, fields: Sequence[str], purpose: str, recipient: str) -> dict[str, Person]:
    """The fields asked for of these persons: the one opening of the vault for papers; the vault logs it before anything opens."""
    vault = open_database(job.vault_url)
    try:
        register = Register(vault, open_keyring(job.home.keyring))
        return register.open_persons(payees, fields=fields, purpose=purpose, recipient=recipient, actor=job.actor, at=job.as_of)
    finally:
        vault.dispose()
