"""How many full-time staff a service point needs by the people it serves, and which points have fewer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Boundary(StrEnum):
    """What is asked exactly at a bound that the text does not place."""

    STRICTER = "stricter"
    """As above it."""
    LOWER = "lower"
    """As below it."""


@dataclass(frozen=True, slots=True)
class StaffRule:
    """One line of the rule."""

    up_to_people: int | None
    """Its bound; None is open."""
    staff: int
    """Full-time staff at least."""


@dataclass(frozen=True, slots=True)
class StaffRules:
    """The rule of a county, smallest bound first; the last line is open."""

    rules: tuple[StaffRule, ...]
    """At least one."""
    boundary: Boundary
    """How people exactly at a bound are read."""
    article: str
    """Document and chapter."""
    department_code: str
    """Whose steps the points' staff decide."""

    def needed(self, people: int) -> int:
        """Full-time staff that a point of so many people needs at least."""
        for one in self.rules:
            bound = one.up_to_people
            if bound is None or people < bound or (people == bound and self.boundary is Boundary.LOWER):
                return one.staff
        raise ValueError("the last rule is open")


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """A point as it was counted."""

    name: str
    """Name of the town or street."""
    people: int
    """Whom it serves."""
    staff: int
    """Full-time staff that it has."""


def short_of(points: Iterable[ServicePoint], rules: StaffRules) -> dict[str, int]:
    """How many are missing, by point; 0 where there are enough."""
    return {one.name: max(0, rules.needed(one.people) - one.staff) for one in points}
