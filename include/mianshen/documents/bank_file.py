"""The bank's batch file by profile, its control file, and the list of payments made by hand. Equal payments give equal bytes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mianshen.core.digest import sha256_hex
from mianshen.core.money import format_yuan
from mianshen.core.pack import BankProfile

TRAILER = "合计"
"""First field of the closing line."""
_MANUAL_HEADER = ("序号", "付款编号", "收款账号", "收款户名", "金额(元)", "原因")


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


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file's bytes and its control totals."""

    content: bytes
    """What is written."""
    count: int
    """Payments in it."""
    amount_fen: int
    """Their sum."""
    sha256: str
    """Hash of the whole file."""


def carries(profile: BankProfile, name: str) -> bool:
    """Whether the bank's file can carry the name unchanged: encodable, no private-use character, nothing that ends a field."""
    if any(unicodedata.category(character) in ("Co", "Cc", "Cs", "Cn") for character in name):
        return False
    if profile.delimiter in name or '"' in name:
        return False
    try:
        return name.encode(profile.encoding).decode(profile.encoding) == name
    except UnicodeEncodeError:
        return False


def bank_file(profile: BankProfile, payments: Sequence[Pay], *, purpose: str) -> BankFile:
    """The batch file: header, one line a payment, and a trailer with count, total in yuan and the SHA-256 of the lines above."""
    lines = [profile.delimiter.join(profile.header)] if profile.header else []
    lines += [profile.delimiter.join(_field(column, one, purpose) for column in profile.columns) for one in payments]
    body = "".join(f"{line}{profile.line_end}" for line in lines).encode(profile.encoding)
    total = sum(one.amount_fen for one in payments)
    if profile.has_trailer:
        trailer = (TRAILER, str(len(payments)), format_yuan(total), sha256_hex(body))
        body += f"{profile.delimiter.join(trailer)}{profile.line_end}".encode(profile.encoding)
    return BankFile(body, len(payments), total, sha256_hex(body))


def manual_list(payments: Sequence[tuple[Pay, str]]) -> bytes:
    """The list of payments made by hand with the reason of each, UTF-8 with a byte-order mark for office programs.

    Accounts stand in groups of four, as on a card: a spreadsheet would round a bare number of more than 15 digits.
    """
    rows = [",".join(_MANUAL_HEADER)]
    rows += [
        ",".join(
            _quoted(cell)
            for cell in (str(one.sequence_no), one.payment_id, _in_fours(one.account), one.name, format_yuan(one.amount_fen), why)
        )
        for one, why in payments
    ]
    return "".join(f"{row}\r\n" for row in rows).encode("utf-8-sig")


def control_file(totals: Mapping[str, Any]) -> bytes:
    """The control file beside a batch file: counts, fen, hashes; names nobody."""
    return (json.dumps(dict(totals), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _field(column: str, one: Pay, purpose: str) -> str:
    fields = {
        "sequence": str(one.sequence_no),
        "payment_id": one.payment_id,
        "account": one.account,
        "name": one.name,
        "amount": format_yuan(one.amount_fen),
        "purpose": purpose,
    }
    return fields[column]


def _in_fours(account: str) -> str:
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def _quoted(cell: str) -> str:
    """The cell in quotes; a cell that a spreadsheet would run gets a leading apostrophe: this list is read by people."""
    safe = f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "＝") else cell
    return '"' + safe.replace('"', '""') + '"'
