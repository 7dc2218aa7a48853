"""Small parts of a pack from their rows: time limits."""

from __future__ import annotations

from collections.abc import Mapping

from mianshen.core.clocks import Counting, TimeLimit
from mianshen.policy.shapes import Row


def time_limit_of(row: Row, documents: Mapping[str, Row]) -> TimeLimit:
    """The time limit of one entry; its article names the document's title first."""
    if row["amount"] < 0 or (row["amount"] == 0 and row["counting"] != Counting.WORKDAYS):
        row.at("amount").refuse(
            "时限至少 1 天;当日办结写 0 个工作日", "a time limit is at least 1 day; at once is 0 working days"
        )
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


def limit_of_page(row: Row, *, starts_at: str, ends_at: str) -> TimeLimit:
    """The time limit of one entry of a national page, which says itself when it starts and ends."""
    if row["amount"] < 1:
        row.at("amount").refuse("时限至少 1 天", "a time limit is at least 1 day")
    return TimeLimit(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        amount=row["amount"],
        counting=Counting(row["counting"]),
        starts_at=starts_at,
        ends_at=ends_at,
        article=row["article"],
        status=row["status"],
        warn_days=row["warn_days"],
        day_ends_at=row["day_ends_at"],
    )
