"""Between the ledger's rows and the judge: payments sent as batches, earlier results as what is known, a judgement as rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from mianshen.core.money import parse_fen
from mianshen.core.returns import BankOutcome
from mianshen.feeds.bank.judge import Judgement, Known
from mianshen.feeds.bank.sent import Sent, SentBatch
from mianshen.feeds.verdict import RowState

Row = Mapping[str, Any]
_CODE = re.compile(r"^[A-Z0-9]{1,8}$")


def batches_of(payments: Iterable[Row]) -> list[SentBatch]:
    """The batches; account_key stands in the place of the account, person_key in that of the name."""
    found: dict[str, dict[str, Sent]] = {}
    for row in payments:
        one = Sent(row["payment_id"], row["account_key"] or "", row["payee_key"], row["amount_fen"])
        found.setdefault(row["payment_batch_id"], {})[one.instruction] = one
    return [SentBatch(number, by_id) for number, by_id in found.items()]


def known_of(results: Iterable[Row]) -> Known:
    """What earlier returns settled, and the payments about which they contradicted each other."""
    known = Known()
    for row in results:
        known.accepted.add(row["file_sha256"])
        if row["state"] == RowState.LOAD and row["outcome"] != BankOutcome.PENDING:
            known.settled[row["payment_id"]] = BankOutcome(row["outcome"])
        if row["reason_code"] == "RESULT_CONTRADICTS" and row["payment_id"] is not None:
            known.disputed.add(row["payment_id"])
    return known


def rows_of(judged: Judgement, *, batch: SentBatch, file_sha256: str, at: str) -> list[dict[str, Any]]:
    """The judgement's lines as rows of `bank_result`; the payment is null where the batch has none of this number."""
    return [
        {
            "file_sha256": file_sha256,
            "line_no": one.line.line_no,
            "payment_batch_id": batch.number,
            "payment_id": one.line.instruction if one.line.instruction in batch.by_instruction else None,
            "outcome": one.line.outcome.value,
            "state": one.state.value,
            "reason_code": one.reason,
            "bank_code": _short(one.line.code),
            "received_at": at,
            "amount_fen": _fen(one.line.amount),
        }
        for one in judged.lines
    ]


def _fen(written: str | None) -> int | None:
    """The line's amount; None where it carries none that can be read."""
    try:
        return None if written is None else parse_fen(unicodedata.normalize("NFKC", written))
    except ValueError:
        return None


def _short(code: str) -> str:
    """The bank's codes; what is longer than a code is something else, an account in the wrong column perhaps, and is left out."""
    return "+".join(part for part in code.split("+") if _CODE.match(part))
