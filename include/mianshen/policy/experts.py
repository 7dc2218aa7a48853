"""The pool of experts from a county's experts.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mianshen.core.experts import Expert, ExpertPool
from mianshen.policy.shapes import Row


def pool_of(row: Row, *, documents: Mapping[str, Row], items: Collection[str]) -> ExpertPool:
    """The pool; POLICY_DAMAGED for an expert who stands twice, an unknown disease or document, and a draw that cannot be made."""
    seen: set[str] = set()
    for one in (row["draw"], *row["experts"]):
        if one["source"] not in documents:
            one.at("source").refuse(f"documents 中没有 {one['source']}", f"documents has no {one['source']}")
    for one in row["experts"]:
        if one["code"] in seen:
            one.at("code").refuse(f"专家 {one['code']} 写了两次", f"expert {one['code']} stands twice")
        seen.add(one["code"])
        for item in one["items"]:
            if item not in items:
                one.at("items").refuse(f"目录中没有 {item}", f"no list has {item}")
    if not 1 <= row["draw"]["experts"] <= len(seen):
        row["draw"].at("experts").refuse(f"专家库有 {len(seen)} 人", f"the pool has {len(seen)}")
    experts = tuple(Expert(one["code"], one["hospital"], tuple(one["items"])) for one in row["experts"])
    return ExpertPool(experts, row["draw"]["experts"])
