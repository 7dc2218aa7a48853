"""家庭经济状况核对: whether a family's income lies within the county's line, exactly in fen; no rounding decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mianshen.core.money import divide_half_up

APPLICANT = "本人"
"""Relation of the person whose case it is."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A published living standard."""

    since: date
    """First day on which it holds."""
    fen: int
    """Per head and month."""
    article: str
    """Document and chapter."""
    status: str
    """official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class MeansRules:
    """What a county's means.yaml says."""

    process_code: str
    """The process whose cases are tested."""
    applied_at: str
    """Its step of the assisted application: nobody is applied for without the family's members."""
    checked_at: str
    """Its step in which another department tells incomes."""
    answered_as: str
    """The outcome of that step once the income of every member is told."""
    decided_at: str
    """Its step that decides."""
    agreed_as: str
    """The outcome that only a family within the line gets."""
    reason_code: str
    """The reason that only a family above it is refused for."""
    times: int
    """The line is so many times the standard."""
    months: int
    """Income is told for so many months before the application."""
    least_borne_fen: int
    """Care of at least so much borne makes the family poor through illness."""
    standards: tuple[Standard, ...]
    """By day, the first first."""
    article: str
    """Document and chapter."""
    status: str
    """official | quoted | inferred | illustrative."""

    def standard_on(self, day: date) -> Standard:
        """The standard of the day; of a day before the first, the first."""
        return next((one for one in reversed(self.standards) if one.since <= day), self.standards[0])


@dataclass(frozen=True, slots=True)
class MeansTest:
    """A family's income held against the line of the day on which it applied."""

    people: int
    """Members, the applicant included."""
    months: int
    """Months that the income is of."""
    income_fen: int
    """Of all members and months together."""
    borne_fen: int
    """Cost of care that the person bore, as the sign says that led to the visit."""
    times: int
    """The line is so many times the standard."""
    standard_fen: int
    """Per head and month, of the day of the application."""
    least_borne_fen: int
    """Care of at least so much makes poor through illness."""

    @property
    def line_fen(self) -> int:
        """Per head and month: exactly the line is within it."""
        return self.times * self.standard_fen

    @property
    def is_within_line(self) -> bool:
        """Whether the income is within the line; nothing is divided, so nothing is rounded."""
        return self.income_fen <= self.line_fen * self.people * self.months

    @property
    def is_poor_through_illness(self) -> bool:
        """Whether the care borne makes it so."""
        return self.borne_fen >= self.least_borne_fen

    @property
    def is_passed(self) -> bool:
        """Whether both hold."""
        return self.is_within_line and self.is_poor_through_illness

    @property
    def per_head_fen(self) -> int:
        """Income per head and month, half up to the fen: for readers, it decides nothing."""
        return divide_half_up(self.income_fen, self.people * self.months)


def judge_means(rules: MeansRules, incomes: Sequence[int], *, borne_fen: int, applied_on: date) -> MeansTest:
    """The test of a family whose members earned so much, in fen, in the months before the application; at least one member."""
    return MeansTest(
        people=len(incomes),
        months=rules.months,
        income_fen=sum(incomes),
        borne_fen=borne_fen,
        times=rules.times,
        standard_fen=rules.standard_on(applied_on).fen,
        least_borne_fen=rules.least_borne_fen,
    )
