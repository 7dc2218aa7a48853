"""Rules for looking at claims: the national page, entries of the county's own page in their place."""

from __future__ import annotations

from collections.abc import Sequence

from mianshen.core.clocks import Counting, TimeLimit
from mianshen.core.reviews import ReviewAction, ReviewCode, ReviewRule, Reviews
from mianshen.policy.shapes import Row


def reviews_of(pages: Sequence[Row], *, sender: str) -> Reviews:
    """The rules of the pages, later pages first served; `sender` holds what names no department.

    POLICY_DAMAGED when a rule lacks what it goes by.
    """
    rows: dict[str, Row] = {}
    for page in pages:
        rows |= {one["code"]: one for one in page["reviews"]}
    return Reviews(tuple(_rule(one, sender) for one in rows.values()), pages[-1]["resettlement"]["days"])


def _rule(row: Row, sender: str) -> ReviewRule:
    code = ReviewCode(row["code"])
    if code is ReviewCode.SETTLED_LATE and row["days"] is None:
        row.spot.refuse("SETTLED_LATE 缺少 days", "SETTLED_LATE lacks days")
    if code is ReviewCode.ACCIDENT_PENDING and not (row["med_types"] or row["dise_codes"]):
        row.spot.refuse("ACCIDENT_PENDING 缺少 med_types 或 dise_codes", "ACCIDENT_PENDING lacks med_types or dise_codes")
    return ReviewRule(
        code=code,
        action=ReviewAction(row["action"]),
        department_code=row["department"] or sender,
        limit=_limit(row) if row["limit"] else None,
        med_types=row["med_types"],
        dise_codes=row["dise_codes"],
        days=row["days"],
    )


def _limit(row: Row) -> TimeLimit:
    limit = row["limit"]
    if limit["amount"] < 1:
        limit.at("amount").refuse("时限至少 1 天", "a time limit is at least 1 day")
    return TimeLimit(
        code=limit["code"],
        name_zh=limit["name_zh"],
        name_en=limit["name_en"],
        amount=limit["amount"],
        counting=Counting(limit["counting"]),
        starts_at="hold",
        ends_at="finding",
        article=row["article"],
        status=row["status"],
        warn_days=limit["warn_days"],
        day_ends_at=limit["day_ends_at"],
    )
