"""Small parts of a pack from their rows: time limits and the bank profile."""

from __future__ import annotations

from collections.abc import Mapping

from mianshen.core.clocks import Counting, TimeLimit
from mianshen.core.pack import BankProfile
from mianshen.policy.shapes import Row

_LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}


def time_limit_of(row: Row, documents: Mapping[str, Row]) -> TimeLimit:
    """The time limit of one entry; its article names the document's title first."""
    if row["amount"] < 1:
        row.at("amount").refuse("时限至少 1 天", "a time limit is at least 1 day")
    return TimeLimit(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        amount=row["amount"],
        counting=Counting(row["counting"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        article=f"{documents[row['source']]['title_zh']} {row['article']}",
        status=row["status"],
        warn_days=row["warn_days"],
        day_ends_at=row["day_ends_at"],
    )


def bank_of(row: Row) -> BankProfile:
    """The bank profile of one page. POLICY_DAMAGED when headings and columns differ or the codec cannot serve."""
    if row["header"] and len(row["header"]) != len(row["columns"]):
        row.at("header").refuse("表头与 columns 个数不同", "header and columns differ in number")
    try:
        "甲".encode(row["encoding"])
    except (LookupError, UnicodeEncodeError):
        row.at("encoding").refuse(f"编码 {row['encoding']} 不存在或写不出汉字", "the codec is unknown or has no Chinese")
    return BankProfile(
        code=row["code"],
        name_zh=row["name_zh"],
        encoding=row["encoding"],
        delimiter=row["delimiter"],
        line_end=_LINE_ENDS[row["line_end"]],
        columns=row["columns"],
        header=row["header"],
        has_trailer=row["has_trailer"],
    )
