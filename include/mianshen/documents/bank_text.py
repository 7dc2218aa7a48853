"""Bank files as text: fields between delimiters, or columns of fixed width counted in bytes of the encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.bank import AmountForm, BankColumn, BankForm, BankProfile
from mianshen.core.digest import sha256_hex
from mianshen.core.money import format_yuan
from mianshen.documents.bank_lines import BankBatch, Pay, cells_of


def bank_text(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch) -> bytes:
    """The file's bytes: head line, headings, one line a payment, closing line, as the profile asks for them."""
    words = frame_words(profile, payments, batch)
    body = _framed(profile, profile.head, words) if profile.head else b""
    if profile.has_header:
        body += _line(profile, profile.delimiter.join(column.heading for column in profile.columns).encode(profile.encoding))
    body += b"".join(_line(profile, _payment(profile, one, batch)) for one in payments)
    if profile.trailer:
        body += _framed(profile, profile.trailer, {**words, "digest": sha256_hex(body)})
    return body


def _payment(profile: BankProfile, one: Pay, batch: BankBatch) -> bytes:
    cells = cells_of(profile, one, batch)
    if profile.form is BankForm.DELIMITED:
        return profile.delimiter.join(cells).encode(profile.encoding)
    return b"".join(_padded(profile, column, cell) for column, cell in zip(profile.columns, cells, strict=True))


def _padded(profile: BankProfile, column: BankColumn, cell: str) -> bytes:
    written, width, pad = cell.encode(profile.encoding), column.width or 0, column.pad.encode()
    return written.rjust(width, pad) if column.is_right else written.ljust(width, pad)


def frame_words(profile: BankProfile, payments: Sequence[Pay], batch: BankBatch) -> dict[str, str]:
    """What head and closing line may say of a file of these payments; the digest is the closing line's own."""
    fen = sum(one.amount_fen for one in payments)
    return {
        "batch": batch.batch_id,
        "county": batch.county_code,
        "month": batch.month,
        "day": batch.made_at.date().isoformat(),
        "count": str(len(payments)),
        "amount": format_yuan(fen) if profile.amount_form is AmountForm.YUAN else str(fen),
    }


def _framed(profile: BankProfile, texts: Sequence[str], words: Mapping[str, str]) -> bytes:
    return _line(profile, profile.delimiter.join(text.format_map(words) for text in texts).encode(profile.encoding))


def _line(profile: BankProfile, written: bytes) -> bytes:
    return written + profile.line_end.encode(profile.encoding)
