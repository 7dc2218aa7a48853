"""资金月报: the monthly statement of every fund and of what clinics hold of it, as a workbook to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mianshen.core.days import local
from mianshen.core.money import format_yuan
from mianshen.core.pack import Pack
from mianshen.documents.workbook import Book

COLUMNS = {
    "opening_fen": "期初",
    "receipt_fen": "到账",
    "transfer_fen": "资金间划转",
    "advance_fen": "预拨与补足",
    "service_fen": "服务补助",
    "used_fen": "汇总表核销",
    "settled_fen": "年度清算",
    "batch_fen": "付款用款",
    "returned_fen": "退回",
    "closing_fen": "期末",
}
"""Money columns in print order, in yuan."""


def statement_book(rows: Sequence[Mapping[str, Any]], *, pack: Pack, month: str, made: datetime) -> bytes:
    """The workbook's bytes: a sheet, a row a fund and clinic; equal input gives equal bytes."""
    names = {one.code: one.name_zh for one in pack.funds}
    lines = [
        [names.get(row["fund_code"], row["fund_code"]), row["holder"] or "—", *(format_yuan(int(row[name])) for name in COLUMNS)]
        for row in rows
    ]
    above = [f"{pack.county_name_zh}医疗救助资金月报 {month}", f"截至 {local(made):%Y-%m-%d %H:%M};单位:元"]
    book = Book()
    book.sheet("资金月报", above=above, headings=["资金", "机构", *COLUMNS.values()], rows=lines)
    return book.content(made=made)
