"""One payment as the fields of a bank file's line, and why a bank file cannot carry it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mianshen.core.bank import AmountForm, BankColumn, BankField, BankForm, BankProfile
from mianshen.core.money import format_yuan

SELF = "本人"
"""What the payee is to the beneficiary when they are one person."""
LONGEST: Mapping[BankField, int] = {BankField.NAME: 140, BankField.ACCOUNT: 34, BankField.PAYMENT_ID: 35}
"""Most characters of these fields in pain.001.001.09 (Max140Text, Max34Text, Max35Text)."""
_UNSAFE = frozenset(("Co", "Cc", "Cs", "Cn", "Zl", "Zp"))
"""Private use, controls, halves of characters, characters that nobody assigned, ends of lines."""
_BARE = (BankForm.DELIMITED, BankForm.FIXED)


@dataclass(frozen=True, slots=True, repr=False)
class Pay:
    """One payment, opened for the file. Never printed: it has no repr."""

    sequence_no: int
    """Its place in the batch, from 1."""
    payment_id: str
    """Its id; the bank's answer names it."""
    account: str
    """Plain account number; empty when none can be used."""
    name: str
    """The payee's name."""
    amount_fen: int
    """What is paid, in fen."""
    certno: str = ""
    """The payee's id number; empty unless the bank's file has a column for it."""
    beneficiary: str = ""
    """Whose relief it is; empty when he is the payee."""
    relation_zh: str = ""
    """What the payee is to him, as recorded; empty when he is the payee."""


@dataclass(frozen=True, slots=True)
class BankBatch:
    """What a bank file says of its batch."""

    batch_id: str
    """The payment batch."""
    county_code: str
    """Six digits."""
    month: str
    """Such as 2026-10."""
    made_at: datetime
    """When it was drafted, with zone: every date in the file is this one."""
    purpose: str
    """What the payee reads on his statement."""


def fields_of(profile: BankProfile, one: Pay, batch: BankBatch) -> dict[BankField, str]:
    """The payment's fields as the bank reads them."""
    yuan = profile.amount_form is AmountForm.YUAN
    return {
        BankField.SEQUENCE: str(one.sequence_no),
        BankField.PAYMENT_ID: one.payment_id,
        BankField.ACCOUNT: one.account,
        BankField.NAME: one.name,
        BankField.CERTNO: one.certno,
        BankField.AMOUNT: format_yuan(one.amount_fen) if yuan else str(one.amount_fen),
        BankField.PURPOSE: batch.purpose,
        BankField.BATCH: batch.batch_id,
        BankField.MONTH: batch.month,
        BankField.BENEFICIARY: one.beneficiary or one.name,
        BankField.RELATION: one.relation_zh or SELF,
    }


def cells_of(profile: BankProfile, one: Pay, batch: BankBatch) -> list[str]:
    """The line's cells by column, not yet padded."""
    fields = fields_of(profile, one, batch)
    return [_cell(column, fields) for column in profile.columns]


def refusal(profile: BankProfile, one: Pay, batch: BankBatch) -> str | None:
    """The reason code for which the bank's file cannot carry the payment unchanged; None when it can.

    RELATION_MISSING, ACCOUNT_MISSING, PAYEE_UNKNOWN, AMOUNT_ABOVE_LIMIT, NAME_NOT_ENCODABLE, NAME_TOO_LONG, FIELD_NOT_CARRIED.
    """
    if one.beneficiary not in ("", one.name) and not one.relation_zh:
        return "RELATION_MISSING"
    if not one.account or not one.name:
        return "PAYEE_UNKNOWN" if not one.name else "ACCOUNT_MISSING"
    if profile.most_fen is not None and one.amount_fen > profile.most_fen:
        return "AMOUNT_ABOVE_LIMIT"
    if not is_carried(profile, one.name):
        return "NAME_NOT_ENCODABLE"
    if profile.form is BankForm.PAIN001:
        return _refused_by_pain(one)
    return _refused_by_columns(profile, cells_of(profile, one, batch))


def is_carried(profile: BankProfile, text: str) -> bool:
    """Whether the file can carry the text unchanged: encodable, no private-use character, nothing that ends a field."""
    if any(unicodedata.category(character) in _UNSAFE for character in text):
        return False
    if profile.form in _BARE and (profile.delimiter in text or '"' in text):
        return False
    if profile.form is BankForm.FIXED and text != text.strip():
        return False
    try:
        return text.encode(profile.encoding).decode(profile.encoding) == text
    except UnicodeEncodeError:
        return False


def _refused_by_pain(one: Pay) -> str | None:
    if len(one.name) > LONGEST[BankField.NAME]:
        return "NAME_TOO_LONG"
    written = {BankField.ACCOUNT: one.account, BankField.PAYMENT_ID: one.payment_id}
    fits = all(len(text) <= LONGEST[field] and text.isascii() and text.isprintable() for field, text in written.items())
    return None if fits else "FIELD_NOT_CARRIED"


def _refused_by_columns(profile: BankProfile, cells: list[str]) -> str | None:
    for column, cell in zip(profile.columns, cells, strict=True):
        if not is_carried(profile, cell) or (column.field is BankField.CODE and not cell):
            return "FIELD_NOT_CARRIED"
        if column.width is not None and len(cell.encode(profile.encoding)) > column.width:
            return "NAME_TOO_LONG" if column.field is BankField.NAME else "FIELD_NOT_CARRIED"
    return None


def _cell(column: BankColumn, fields: Mapping[BankField, str]) -> str:
    if column.field is BankField.ALWAYS:
        return column.text
    if column.table is not None:
        return column.table.code_of(fields[column.table.of])
    return fields[column.field]
