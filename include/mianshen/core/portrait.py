"""对象月档案: how diagnoses are grouped, where its flags draw their lines, and which published lines a burden is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FLAG_LINES = ("catastrophic_yuan", "long_stay_days", "frequent_visits", "poor_by_illness_yuan")
"""Lines of the flags; the national page has every one, a county's own page may state another."""
PUBLISHED_LINES = ("minimum_living_yuan", "income_yuan")
"""Yuan a month: the county's minimum living standard and its income line. Only a county's own page can state them."""
DIALYSIS = "DIALYSIS"
"""The disease group that the flag `is_dialysis` goes by."""
TOTAL, UNLISTED, REPEATED = "TOTAL", "NONE", "REPEATED"
"""Rows of the fixed form: everybody once, who is in no list, and what takes off who stands in several categories."""
ROW_NAMES: Mapping[str, tuple[str, str]] = {
    UNLISTED: ("不在册人员", "in no list"),
    REPEATED: ("扣减:同时属于几类者", "taken off: in several categories"),
    TOTAL: ("合计(每人每次只计一次)", "total, each counted once"),
}
"""What people read of them, in print order after the categories."""
RELIEF = "RELIEF_"
"""Begins the payer of what a department's relief pays; the department's code follows in upper case."""
PAYER_WORDS: Mapping[str, tuple[str, str]] = {
    "BASIC": ("基本医疗保险统筹", "basic insurance"),
    "SERIOUS_ILLNESS": ("居民大病保险", "serious illness insurance"),
    "WORKER_LARGE": ("职工大额", "worker large-cost fund"),
    "CIVIL_SERVANT": ("公务员补助", "civil servants' supplement"),
    "ENTERPRISE": ("企业补充保险", "enterprise supplement"),
    "DISABLED_SOLDIER": ("伤残军人基金", "disabled soldiers' fund"),
    "OTHER_FUND": ("其他基金", "other funds"),
    "HOSPITAL": ("医院负担", "the hospital"),
    "RELIEF_WINDOW": ("窗口已付医疗救助", "relief at the hospital window"),
    "PERSON": ("个人承担", "the person"),
    "UNSPLIT": ("未拆分", "not told apart"),
    TOTAL: ("总费用", "the whole cost"),
}
"""Payers and layers of the portrait beside other payers, tiers and departments."""


@dataclass(frozen=True, slots=True)
class DiseaseGroup:
    """A group of diagnoses."""

    code: str
    """Stable, upper case."""
    name_zh: str
    """What people read."""
    name_en: str
    """The same in English."""
    prefixes: tuple[str, ...]
    """Beginnings of diagnosis codes; of several that fit a code the longest counts."""
    status: str
    """official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number that a flag or a ratio goes by."""

    code: str
    """One of FLAG_LINES or PUBLISHED_LINES."""
    amount: int
    """Yuan, days or visits, as its code says."""
    source: str
    """The document it stands in."""
    article: str
    """Chapter and item."""
    status: str
    """official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class PortraitRules:
    """What the person-month record goes by on a day; it moves no money."""

    groups: tuple[DiseaseGroup, ...]
    """In the order of the page."""
    lines: Mapping[str, Line]
    """By code; a published line that the county's page does not state is absent."""

    @property
    def is_illustrative(self) -> bool:
        """Whether a line or a group is illustrative, so that what rests on it carries a banner."""
        return "illustrative" in self.statuses

    @property
    def statuses(self) -> frozenset[str]:
        """How sure the product is of the groups and lines, each status once."""
        return frozenset([one.status for one in self.groups] + [one.status for one in self.lines.values()])
