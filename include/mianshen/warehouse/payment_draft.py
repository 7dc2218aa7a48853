"""A payment batch before it is written: postings netted per person, ids and totals that follow from them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mianshen.core.digest import canonical_json, sha256_hex, short_id

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Payee:
    """What one payee is paid, and what became of his account."""

    payee_key: str
    """Who is paid."""
    postings: tuple[Row, ...]
    """Shares of payable postings, over all departments and over all people whose relief he receives."""
    account_key: str | None = None
    """Digest of the account that is paid to."""
    by_hand_for: str = ""
    """Reason code when the bank file cannot carry the payment; empty when it can."""
    held_for: str = ""
    """Reason code when nothing is paid to him now; empty when he is paid."""

    @property
    def is_by_hand(self) -> bool:
        """Whether a clerk pays it."""
        return bool(self.by_hand_for)

    @property
    def amount_fen(self) -> int:
        """What he is paid: departments and reversals netted."""
        return sum(one["amount_fen"] for one in self.postings)

    @property
    def people(self) -> tuple[str, ...]:
        """Whose relief it is, by key."""
        return tuple(sorted({one["person_key"] for one in self.postings}))

    def of_person(self, person_key: str) -> int:
        """What of it is this person's."""
        return sum(one["amount_fen"] for one in self.postings if one["person_key"] == person_key)


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows of a new batch."""

    batch_id: str
    """Its id, from its content."""
    batch: Row
    """Columns of payment_batch that follow from the content."""
    payments: list[Row]
    """Rows of payment, by sequence number."""
    lines: list[Row]
    """Rows of payment_line."""


def netted(shares: Sequence[Row]) -> list[Payee]:
    """Shares netted by payee and person: what one person owes back is never taken from another's relief."""
    ordered = sorted(shares, key=lambda row: (row["payee_key"], row["person_key"]))
    return [
        Payee(payee, tuple(own)) for (payee, _), own in groupby(ordered, key=lambda row: (row["payee_key"], row["person_key"]))
    ]


def joined(nets: Sequence[Payee]) -> list[Payee]:
    """One payment a payee: his own relief and that of all for whom he stands."""
    ordered = sorted(nets, key=lambda one: one.payee_key)
    found = []
    for payee, own in groupby(ordered, key=lambda one: one.payee_key):
        found.append(Payee(payee, tuple(row for one in own for row in one.postings)))
    return found


def make_draft(payees: Sequence[Payee], *, county_code: str, bank_profile: str) -> Draft:
    """The batch that pays these payees, in their order; equal payees give equal ids."""
    content = sha256_hex(canonical_json([_frozen(one) for one in payees]))
    batch_id = short_id("D", county_code, content)
    by_hand = [one for one in payees if one.is_by_hand]
    batch = {
        "payment_batch_id": batch_id,
        "county_code": county_code,
        "bank_profile": bank_profile,
        "payments": len(payees),
        "amount_fen": sum(one.amount_fen for one in payees),
        "manual_payments": len(by_hand),
        "manual_fen": sum(one.amount_fen for one in by_hand),
        "content_sha256": content,
        "state": "drafted",
    }
    payments = [_payment(batch_id, number, one) for number, one in enumerate(payees, 1)]
    lines = [line for row, one in zip(payments, payees, strict=True) for line in _lines(row["payment_id"], one)]
    return Draft(batch_id, batch, payments, lines)


def _frozen(one: Payee) -> list[Any]:
    """What makes the batch this one and no other; a posting that was carried before says how often."""
    postings = [
        [row["award_id"], row["amount_fen"], *([row["tries"]] if row["tries"] else []), *filter(None, [row["relation_id"]])]
        for row in one.postings
    ]
    return [one.payee_key, one.account_key, one.is_by_hand, postings]


def _payment(batch_id: str, number: int, one: Payee) -> Row:
    return {
        "payment_id": short_id("P", batch_id, one.payee_key),
        "payment_batch_id": batch_id,
        "sequence_no": number,
        "payee_key": one.payee_key,
        "account_key": one.account_key,
        "amount_fen": one.amount_fen,
        "state": "manual" if one.is_by_hand else "drafted",
        "reason_code": one.by_hand_for or None,
    }


def _lines(payment_id: str, one: Payee) -> list[Row]:
    return [
        {
            "payment_line_id": short_id("L", payment_id, row["award_id"]),
            "payment_id": payment_id,
            "award_id": row["award_id"],
            "payee_key": one.payee_key,
            "fund_code": row["fund_code"],
            "department_code": row["department_code"],
            "amount_fen": row["amount_fen"],
            "is_live": True,
            "relation_id": row["relation_id"],
        }
        for row in one.postings
    ]
