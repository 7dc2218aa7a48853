"""Checks before paying: each payee gets the first account that passes them all, or the reason why his money waits.

docs/reference/payment-checks.md lists them with their remedies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from mianshen.documents.bank_lines import BankBatch, Pay, refusal
from mianshen.stages.frame import Job
from mianshen.stages.pay.till import Till
from mianshen.vault.accounts import shared_accounts
from mianshen.vault.records import Account, Person
from mianshen.warehouse import bank_loop, clinics, payees
from mianshen.warehouse.payment_draft import Payee

WATCHED = {"officer": "ACCOUNT_OF_OFFICER", "flagged": "ACCOUNT_FLAGGED"}
"""The reason for each kind of watched account."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of accounts in the whole county."""

    shared: Mapping[str, AbstractSet[str]]
    """Persons by account_key of accounts that several have."""
    refused: AbstractSet[str]
    """account_keys from which money came back."""
    watched: Mapping[str, str]
    """Kind by account_key of watched accounts."""
    clinics: Mapping[str, AbstractSet[str]]
    """By clinic: the account_keys that two people found to be its own."""
    stands_for: Mapping[str, AbstractSet[str]]
    """By payee: the persons for whom he stands by a confirmed relation."""


def checked(till: Till, connection: Connection, due: Sequence[Payee]) -> list[Payee]:
    """The payees, each with an account or with `held_for`; the vault logs that they were opened."""
    if not due:
        return []
    job = till.job
    people = till.open([one.payee_key for one in due], connection)
    stands_for: dict[str, set[str]] = {}
    for relations in payees.standing(connection, county_code=job.county_code).values():
        for one in relations:
            stands_for.setdefault(one.payee_key, set()).add(one.person_key)
    known = Known(
        shared_accounts(till.vault),
        bank_loop.refused_accounts(connection, county_code=job.county_code),
        payees.watched(connection, county_code=job.county_code),
        clinics.accounts(connection, county_code=job.county_code),
        stands_for,
    )
    return [_with_account(job, one, people[one.payee_key], known) for one in due]


def _with_account(job: Job, payee: Payee, person: Person, known: Known) -> Payee:
    """The payee with the first account that passes every check; else with the check that the best of them failed."""
    if not person.name:
        return replace(payee, held_for="PAYEE_UNKNOWN")
    faults = [_fault(payee.payee_key, one, known) for one in person.accounts]
    for account, fault in zip(person.accounts, faults, strict=True):
        if not fault:
            written = Pay(1, "", account.account, person.name, payee.amount_fen)
            return replace(payee, account_key=account.account_key, by_hand_for=_refused(job, written) or "")
    return replace(payee, held_for=max(faults, key=_NEAREST.index) if faults else "ACCOUNT_MISSING")


_NEAREST = ("ACCOUNT_FLAGGED", "ACCOUNT_OF_OFFICER", "ACCOUNT_RETURNED", "ACCOUNT_SHARED", "ACCOUNT_UNCONFIRMED")
"""Faults of an account, the one that is nearest to being cured last: it is the one that is said."""


def _fault(payee_key: str, account: Account, known: Known) -> str:
    """Why nothing is paid to the account now; empty when it passes. One that a ward shares with who stands for him passes."""
    if account.is_flagged:
        return "ACCOUNT_FLAGGED"
    if account.account_key in known.watched:
        return WATCHED[known.watched[account.account_key]]
    if account.account_key in known.refused:
        return "ACCOUNT_RETURNED"
    if account.account_key not in known.clinics.get(payee_key, {account.account_key}):
        return "ACCOUNT_UNCONFIRMED"
    family = {payee_key, *known.stands_for.get(payee_key, ())}
    return "" if known.shared.get(account.account_key, frozenset()) <= family else "ACCOUNT_SHARED"


def _refused(job: Job, one: Pay) -> str | None:
    """Why the file of the pack's bank cannot carry the payment, before there is a batch."""
    facts = BankBatch("", job.county_code, str(job.month), job.as_of, f"医疗救助{job.month}")
    return refusal(job.pack.bank, one, facts)
