"""The file for the message gateway, and the list of those who are written to or visited instead. Every cell is text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mianshen.core.messages import TOLD_NAMES, Told
from mianshen.core.pack import Pack
from mianshen.documents.workbook import Book

_SENT = ("序号", "手机号", "短信内容", "条数", "事由", "编号")
_WRITTEN = ("序号", "姓名", "身份证号", "镇街", "事由", "金额(元)", "编号", "送达人", "日期")


@dataclass(frozen=True, slots=True, repr=False)
class Sms:
    """One message to one phone. Never printed by accident: it has no repr."""

    phone: str
    """Where it goes."""
    text: str
    """What it says."""
    parts: int
    """In how many pieces it goes."""
    told: Told
    """What it is about."""
    subject_id: str
    """Payment, receipt or hold."""


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """Somebody without a phone, for the post or the town. Never printed by accident: it has no repr."""

    name: str
    """In full."""
    certno: str
    """Masked."""
    town: str
    """Town; empty where none is known."""
    told: Told
    """What it is about."""
    amount_yuan: str
    """How much."""
    subject_id: str
    """Payment, receipt or hold."""


def sms_book(messages: Sequence[Sms], *, pack: Pack, made: datetime) -> bytes:
    """The messages as a workbook; equal input gives equal bytes."""
    parts = sum(one.parts for one in messages)
    above = [f"{pack.county_name_zh}短信发送清单", f"共 {len(messages)} 人次 {parts} 条;交短信平台发送,本系统不发送。"]
    book = Book()
    book.sheet("短信", above=above, headings=list(_SENT), rows=_rows(messages))
    return book.content(made=made)


def sms_csv(messages: Sequence[Sms]) -> bytes:
    """The same as comma-separated text in UTF-8 with a mark, every cell quoted."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_SENT)
    writer.writerows(_rows(messages))
    return written.getvalue().encode("utf-8-sig")


def letter_book(letters: Sequence[Letter], *, pack: Pack, made: datetime) -> bytes:
    """Who is written to or visited, by town; equal input gives equal bytes."""
    rows = [
        [f"{place}", one.name, one.certno, one.town or "—", TOLD_NAMES[one.told][0], one.amount_yuan, one.subject_id, "", ""]
        for place, one in enumerate(sorted(letters, key=lambda one: (one.town or "~", one.subject_id)), 1)
    ]
    above = [f"{pack.county_name_zh}信函与上门告知清单", f"共 {len(rows)} 人次;没有手机号,由镇街送达书面告知书。"]
    book = Book()
    book.sheet("信函", above=above, headings=list(_WRITTEN), rows=rows)
    return book.content(made=made)


def _rows(messages: Sequence[Sms]) -> list[list[str]]:
    return [
        [f"{place}", one.phone, one.text, f"{one.parts}", TOLD_NAMES[one.told][0], one.subject_id]
        for place, one in enumerate(messages, 1)
    ]
