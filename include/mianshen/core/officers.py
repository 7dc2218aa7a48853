"""救助专员: who answers for relief in the leading group, in each department, town and village, and who is told of a matter.

Officers are told apart by their login; no name stands here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.errors import MianshenError


class Level(StrEnum):
    """Where an officer stands."""

    GROUP = "领导小组"
    DEPARTMENT = "部门"
    TOWN = "镇街"
    VILLAGE = "村社区"


ROLES = {
    Level.GROUP: ("组长", "副组长", "成员"),
    Level.DEPARTMENT: ("救助专员",),
    Level.TOWN: ("受理站负责人", "救助专员"),
    Level.VILLAGE: ("联络员",),
}
"""What an officer may be, by level."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One line of the routing table."""

    level: Level
    """Where."""
    place: str
    """Code of the department; name of the town; town and village with a slash between; of the group, the office that sends."""
    role: str
    """One of ROLES."""
    login: str
    """Login of the officer."""


def check_officers(officers: Sequence[Officer], *, departments: Collection[str], towns: Collection[str], where: str) -> None:
    """Nothing when the table holds together; MianshenError OFFICERS_INVALID names every line that does not.

    The group has one head and a deputy at least; departments and towns are those of the pack; nobody stands twice for a place.
    """
    twice = Counter(officers)
    known = {Level.DEPARTMENT: departments, Level.TOWN: towns}
    wrong = [
        f"{one.level.value} {one.place} {one.role}"
        for one in officers
        if one.role not in ROLES[one.level]
        or not one.login.isascii()
        or not one.login
        or twice[one] > 1
        or (one.level in known and one.place not in known[one.level])
        or (one.level is Level.VILLAGE and one.place.partition("/")[0] not in towns)
    ]
    roles = Counter(one.role for one in officers if one.level is Level.GROUP)
    if roles["组长"] != 1 or not roles["副组长"]:
        wrong.append(f"组长 {roles['组长']} 副组长 {roles['副组长']}")
    if wrong:
        raise MianshenError("OFFICERS_INVALID", found="; ".join(wrong), where=where)


def missing(officers: Sequence[Officer], *, departments: Sequence[str], towns: Sequence[str]) -> list[str]:
    """Departments and towns without an officer: whoever waits there is nobody's."""
    there = {(one.level, one.place) for one in officers}
    wanted = [(Level.DEPARTMENT, one) for one in departments] + [(Level.TOWN, one) for one in towns]
    return [f"{level.value} {place}" for level, place in wanted if (level, place) not in there]


def told_of(officers: Sequence[Officer], *, department: str, town: str | None) -> list[str]:
    """Logins of those who are told of a matter that the department holds: its own, and those of the town where one is named.

    Where neither has an officer the head of the leading group is told, so that nothing is nobody's.
    """
    own = {(Level.DEPARTMENT, department), (Level.TOWN, town)}
    found = sorted({one.login for one in officers if (one.level, one.place) in own})
    return found or sorted({one.login for one in officers if one.role == "组长"})
