"""What a visitor says of asking a person: how, whom, when, who went, and what came of it; judged before anything is recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mianshen.core.process import Step


class Way(StrEnum):
    """How the person was asked."""

    HOME = "home"
    PHONE = "phone"


class SpokeWith(StrEnum):
    """Who answered."""

    SELF = "self"
    FAMILY = "family"
    NOBODY = "nobody"


WAY_NAMES: Mapping[str, Way] = MappingProxyType({"上门": Way.HOME, "电话": Way.PHONE})
"""How each way is called on a sheet."""
SPOKE_NAMES: Mapping[str, SpokeWith] = MappingProxyType(
    {"本人": SpokeWith.SELF, "家属或监护人": SpokeWith.FAMILY, "无人": SpokeWith.NOBODY}
)
"""How each who answered is called on a sheet."""
LONGEST_NAME = 20
"""Characters of a visitor's name or number."""
_NUMBER = re.compile(r"\d{7}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One asking of a person."""

    outcome_code: str
    """What came of it, an outcome of the step."""
    way: Way
    """How."""
    spoke_with: SpokeWith
    """Whom."""
    visited_on: date
    """When."""
    visited_by: str
    """Who went: a name or a number of the staff, never of the person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a visit cannot be recorded."""

    part: str
    """Which field of `Visit`."""
    zh: str
    """What is wrong."""
    remedy_zh: str
    """What to do."""


def faults_of(step: Step, visit: Visit, *, opened_on: date, today: date) -> list[Fault]:
    """What is wrong with the visit; nothing when it may be recorded.

    Only the person or the family says yes or no; who met nobody has not been told anything. `opened_on` is the day on which the
    step opened.
    """
    found = []
    outcome = step.outcome(visit.outcome_code) if step.asks_person else None
    if outcome is None:
        known = " / ".join(one.name_zh for one in step.outcomes)
        found.append(Fault("outcome_code", f"没有结果“{visit.outcome_code[:20]}”", f"选 {known}"))
    elif outcome.is_reached and visit.spoke_with is SpokeWith.NOBODY:
        found.append(Fault("spoke_with", f"没有问到人,不能记“{outcome.name_zh}”", "问到本人或家属、监护人后再记,否则记未遇到"))
    elif not outcome.is_reached and visit.spoke_with is not SpokeWith.NOBODY:
        found.append(Fault("spoke_with", f"问到了人,不是“{outcome.name_zh}”", "按本人或家属的回答选结果;没有问到选无人"))
    if not opened_on <= visit.visited_on <= today:
        found.append(Fault("visited_on", f"走访日 {visit.visited_on} 不在 {opened_on} 至 {today} 之间", "填实际走访的日期"))
    if not visit.visited_by or len(visit.visited_by) > LONGEST_NAME or _NUMBER.search(visit.visited_by):
        found.append(Fault("visited_by", "走访人未填、过长或含长数字", f"填走访人姓名或工号,{LONGEST_NAME} 字以内"))
    return found
