"""医疗救助固定报表: the bureau's fixed form of a month and the year to date, as a workbook to print. It names nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mianshen.core.money import format_yuan
from mianshen.core.pack import Pack
from mianshen.core.portrait import PAYER_WORDS, RELIEF, ROW_NAMES
from mianshen.core.reviews import PAYER_NAMES
from mianshen.documents.workbook import Book

SHEETS = {"month": "当月", "year": "年初至当月"}
"""Sheets by scope, in print order."""
HEADINGS = ("类别", "支付方", "人数(人)", "人次", "金额(元)", "备注")
SMALL = "人数过少,不得对外"
"""Remark of a cell that must not leave the bureau."""
_CLOSES = "各类别行与扣减行相加等于合计行;金额按支付方相加等于总费用。人数、人次在各支付方之间会重复。"


def form_book(rows: Sequence[Mapping[str, Any]], *, stamp: Mapping[str, Any], pack: Pack, made: datetime) -> bytes:
    """The workbook's bytes from rows of out.bureau_form and the row of out.portrait_stamp; equal input gives equal bytes."""
    book = Book()
    for scope, title in SHEETS.items():
        wanted = [row for row in rows if row["scope"] == scope]
        period = wanted[0]["period"] if wanted else stamp["calendar_month"]
        above = [
            f"{pack.county_name_zh}医疗救助固定报表 {title} {period}",
            f"截至 {stamp['as_of']};运行 {stamp['run_id'][:12]};政策把握程度 {stamp['policy_status']}",
            *([stamp["banner_zh"]] if stamp["banner_zh"] else []),
            _CLOSES,
        ]
        book.sheet(title, above=above, headings=HEADINGS, rows=[_line(row, pack) for row in sorted(wanted, key=_place(pack))])
    return book.content(made=made)


def category_name(code: str, pack: Pack) -> str:
    """What people read of a category or of a row of the form."""
    known = {one.code: one.name_zh for one in pack.plan.categories} | {code: zh for code, (zh, _) in ROW_NAMES.items()}
    return known.get(code, code)


def payer_name(code: str, pack: Pack) -> str:
    """What people read of a payer: a fund, another payer, a department's relief, the person."""
    departments = {f"{RELIEF}{one.code.upper()}": f"{one.name_zh}救助" for one in pack.departments}
    others = {payer: name.split(" ")[0] for payer, name in PAYER_NAMES.items()}
    return (departments | others | {payer: zh for payer, (zh, _) in PAYER_WORDS.items()}).get(code, code)


def _line(row: Mapping[str, Any], pack: Pack) -> list[str]:
    names = [category_name(row["category_code"], pack), payer_name(row["payer_code"], pack)]
    counts = [str(row["people"]), str(row["visits"]), format_yuan(int(row["amount_fen"]))]
    return [*names, *counts, SMALL if row["is_small"] else ""]


def _place(pack: Pack) -> Any:
    order = [*(one.code for one in pack.plan.categories), *ROW_NAMES]

    def place(row: Mapping[str, Any]) -> tuple[int, int, str]:
        return order.index(row["category_code"]), int(row["place"]), str(row["payer_code"])

    return place
