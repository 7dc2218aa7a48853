"""The pages by which a county confirms people: eligibility.yaml and what stands beside it, experts.yaml and staffing.yaml.

Where policy.yaml stands beside them, county, documents and categories are written once, for both laws.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mianshen.core.experts import ExpertPool
from mianshen.core.staffing import StaffRules
from mianshen.policy import layout, layout_experts, layout_staffing
from mianshen.policy.binder import Binder
from mianshen.policy.experts import pool_of
from mianshen.policy.layout_eligibility import ELIGIBILITY
from mianshen.policy.shapes import Row
from mianshen.policy.staffing import staffing_of

PAGE = "eligibility.yaml"
"""Name of the page."""
RELIEF = "policy.yaml"
"""The page of a county that pays relief."""
SHARED = ("county", "documents", "categories")
"""What policy.yaml and categories.yaml say for both laws."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """What the pages say of whom the county confirms."""

    lists: Mapping[str, Mapping[str, str]]
    """Names of the items, by list and code."""
    confirmations: tuple[str, ...]
    """Codes of what people are confirmed for."""
    unexpressed: Sequence[Row]
    """Rules of the documents that the page does not carry."""
    first_year: int | None
    """First benefit year of the law; None where it says nothing."""
    experts: ExpertPool | None
    """Who is drawn where experts decide."""

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """Code and name of every item, once."""
        return tuple({code: name for names in self.lists.values() for code, name in names.items()}.items())


NOBODY = Confirming({}, (), (), None, None)
"""A county that confirms nobody."""


def eligibility_page(binder: Binder) -> Row:
    """The page with county, documents and categories; MianshenError POLICY_DAMAGED where they stand twice, or nowhere."""
    page = binder.read(ELIGIBILITY, PAGE)
    if not binder.has(RELIEF):
        for key in SHARED:
            if not page.has(key):
                page.spot.refuse(f"页面缺少 {key}", f"the page lacks {key}")
        return page
    for key in SHARED:
        if page.has(key):
            page.at(key).refuse(f"{key} 与 {RELIEF} 共用，不在这里再写", f"{key} is that of {RELIEF}: it does not stand here")
    policy, categories = binder.read(layout.POLICY, RELIEF), binder.read(layout.CATEGORIES, "categories.yaml")
    return page.overlaid(policy, ("county", "documents")).overlaid(categories, ("categories",))


def confirming_of(binder: Binder) -> Confirming:
    """What the county's pages say of it; NOBODY where it has none. MianshenError POLICY_DAMAGED at the first fault."""
    if not binder.has(PAGE):
        return NOBODY
    page = eligibility_page(binder)
    lists = {one["list"]: {item["code"]: item["name_zh"] for item in one["items"]} for one in page["items"]}
    return Confirming(
        lists=lists,
        confirmations=tuple(one["code"] for one in page["confirmations"]),
        unexpressed=tuple(page["cannot_express"]),
        first_year=page["begins"]["year"] if page["begins"] is not None else None,
        experts=_experts(binder, page, items={code for names in lists.values() for code in names}),
    )


def staffing_rules(binder: Binder, *, documents: Mapping[str, Row], departments: Collection[str]) -> StaffRules | None:
    """The rule of staffing.yaml, where the county has one."""
    if not binder.has("staffing.yaml"):
        return None
    row = binder.read(layout_staffing.STAFFING, "staffing.yaml")["staffing"]
    return staffing_of(row, documents=documents, departments=departments)


def _experts(binder: Binder, page: Row, *, items: set[str]) -> ExpertPool | None:
    """The pool of experts.yaml, where the county has one."""
    if not binder.has("experts.yaml"):
        return None
    return pool_of(binder.read(layout_experts.EXPERTS, "experts.yaml"), documents=page["documents"], items=items)
