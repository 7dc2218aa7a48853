"""A batch's bank files by profile, their control file, and the list of payments made by hand. Equal payments give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mianshen.core.bank import BankForm, BankProfile
from mianshen.core.digest import sha256_hex
from mianshen.core.money import format_yuan
from mianshen.documents.bank_lines import BankBatch, Pay
from mianshen.documents.bank_pain import bank_pain
from mianshen.documents.bank_sheet import bank_sheet
from mianshen.documents.bank_text import bank_text
from mianshen.documents.live_text import tamed

_MANUAL_HEADER = ("序号", "付款编号", "收款账号", "收款户名", "金额(元)", "原因")


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file's bytes and its control totals."""

    name: str
    """What it is called."""
    content: bytes
    """What is written."""
    count: int
    """Payments in it."""
    amount_fen: int
    """Their sum."""
    sha256: str
    """Hash of the whole file."""


def bank_files(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch, *, stem: str) -> tuple[BankFile, ...]:
    """The files that together hold every payment once, in order: one, or as many as the profile's `most_lines` asks for.

    None when there is no payment: no bank takes an empty file. A file alone is called `stem` and the form's ending; of several
    each has its number before the ending.
    """
    most = profile.most_lines or len(payments) or 1
    parts = [payments[start : start + most] for start in range(0, len(payments), most)]
    marks = [""] if len(parts) == 1 else [f"_{number:02d}" for number in range(1, len(parts) + 1)]
    return tuple(_file(profile, part, batch, stem=stem, mark=mark) for part, mark in zip(parts, marks, strict=True))


def _file(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch, *, stem: str, mark: str) -> BankFile:
    content = _content(profile, payments, batch, mark=mark)
    total = sum(one.amount_fen for one in payments)
    return BankFile(f"{stem}{mark}{profile.suffix}", content, len(payments), total, sha256_hex(content))


def _content(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch, *, mark: str) -> bytes:
    if profile.form in (BankForm.DELIMITED, BankForm.FIXED):
        return bank_text(profile, payments, batch)
    if profile.form is BankForm.SHEET:
        return bank_sheet(profile, payments, batch)
    if profile.form is BankForm.PAIN001:
        return bank_pain(profile, payments, batch, message_id=f"{batch.batch_id}{mark}")
    raise AssertionError(profile.form)


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


def _in_fours(account: str) -> str:
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def _quoted(cell: str) -> str:
    """The cell in quotes; a cell that a spreadsheet would run gets a leading apostrophe: this list is read by people."""
    return '"' + tamed(cell).replace('"', '""') + '"'
