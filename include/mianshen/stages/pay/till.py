"""The job with the vault open beside it, and what is common to drafting and sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine

from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.stages.frame import Job
from mianshen.vault.keyring import keys_of
from mianshen.vault.records import Person
from mianshen.vault.register import Register
from mianshen.warehouse import lookup_anchors
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.connect import VAULT, open_database

Row = dict[str, Any]


@dataclass(frozen=True)
class Till:
    """The job with the vault open beside it."""

    job: Job
    """What is worked on."""

    @cached_property
    def vault(self) -> Engine:
        """The vault's database."""
        return open_database(self.job.vault_url, schema=VAULT)

    @cached_property
    def register(self) -> Register:
        """The register of persons."""
        return Register(self.vault, keys_of(self.job.home))

    def open(
        self, payees: Sequence[str], connection: Connection, *, fields: tuple[str, ...] = ("name", "account")
    ) -> dict[str, Person]:
        """These fields of the payees, names and accounts at least; logged by the vault, named in the ledger's transaction."""
        return self.register.open_persons(
            payees,
            fields=fields,
            purpose=f"payment {self.job.month}",
            recipient=f"bank {self.job.pack.bank.code}",
            actor=self.job.actor,
            at=self.job.as_of,
            anchor=lambda one: lookup_anchors.anchor(
                connection, one.subject, one.digest, at=self.job.moment, actor=self.job.actor
            ),
        )


def lookup_entry(batch_id: str, payment_ids: Sequence[str]) -> Entry:
    """The audit row of a look-up: how many persons, and a hash of the payments it was for."""
    asked = sha256_hex(canonical_json(sorted(payment_ids)))
    return Entry("vault.lookup", batch_id, {"fields": "account,name", "persons": len(payment_ids), "content_sha256": asked})
