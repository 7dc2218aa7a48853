"""Rules for looking at claims: the national page, entries of the county's own page in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mianshen.core.clocks import TimeLimit
from mianshen.core.reviews import Opening, ReviewAction, ReviewCode, ReviewRule, Reviews, Timed
from mianshen.policy.parts import limit_of_page
from mianshen.policy.shapes import Row


def reviews_of(pages: Sequence[Row], *, sender: str) -> Reviews:
    """The rules of the pages, later pages first served; `sender` holds what names no department.

    POLICY_DAMAGED when a rule lacks what it goes by.
    """
    rows: dict[str, Row] = {}
    limits: dict[str, TimeLimit] = {}
    for page in pages:
        rows |= {one["code"]: one for one in page["reviews"]}
        limits |= {one["code"]: limit_of_page(one, starts_at="hold", ends_at="finding") for one in page["limits"]}
    return Reviews(tuple(_rule(one, sender, limits) for one in rows.values()), pages[-1]["resettlement"]["days"])


def _rule(row: Row, sender: str, limits: Mapping[str, TimeLimit]) -> ReviewRule:
    code = ReviewCode(row["code"])
    if code is ReviewCode.SETTLED_LATE and row["days"] is None:
        row.spot.refuse("SETTLED_LATE 缺少 days", "SETTLED_LATE lacks days")
    if code is ReviewCode.ACCIDENT_PENDING and not (row["med_types"] or row["dise_codes"]):
        row.spot.refuse("ACCIDENT_PENDING 缺少 med_types 或 dise_codes", "ACCIDENT_PENDING lacks med_types or dise_codes")
    if row["limit"] is not None and row["limit"] not in limits:
        row.at("limit").refuse(f"limits 中没有 {row['limit']}", f"limits has no {row['limit']}")
    return ReviewRule(
        code=code,
        action=ReviewAction(row["action"]),
        department_code=row["department"] or sender,
        limit=limits.get(row["limit"]),
        med_types=row["med_types"],
        dise_codes=row["dise_codes"],
        days=row["days"],
        before_go_live=Opening(row["before_go_live"]),
        clock_per=Timed(row["clock_per"]),
    )
