"""What a simulated year must raise, written down as it was meant, and what was raised; the two are compared clock by clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """A miss that a watcher raised."""

    subject_id: str
    """What its clock runs on."""
    at: datetime
    """When it was raised."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Planted misses against raised ones."""

    planted: int
    """Misses that somebody meant."""
    raised: int
    """Alarms."""
    lost: tuple[str, ...]
    """Planted misses that no alarm told."""
    false: tuple[str, ...]
    """Alarms of clocks in which nobody meant to be late."""
    doubled: tuple[str, ...]
    """Clocks that were raised more than once."""
    mistimed: tuple[str, ...]
    """Clocks that were raised at another moment than the due one."""

    @property
    def is_right(self) -> bool:
        """Whether every planted miss was raised exactly once, at its due moment, and nothing else."""
        return not (self.lost or self.false or self.doubled or self.mistimed)


@dataclass(slots=True)
class Truth:
    """Misses that are meant, by subject of their clock."""

    meant: dict[str, datetime] = field(default_factory=dict)
    """When each must be raised: at its due moment, or when its clock opens after that because an earlier step was late."""
    alarms: list[Alarm] = field(default_factory=list)
    """What was raised, in order."""

    def plant(self, subject_id: str, due: datetime) -> None:
        """Somebody means to be late here."""
        self.meant[subject_id] = due

    def spare(self, subject_id: str, at: datetime) -> None:
        """The clock ended at the moment for another reason: not late when that was before it was due."""
        if subject_id in self.meant and at < self.meant[subject_id]:
            del self.meant[subject_id]

    def spare_all(self, case: str, at: datetime) -> None:
        """The case ended at the moment: whatever was meant in it and is not late by then will not be."""
        for subject_id in [one for one in self.meant if one.startswith(f"{case}|")]:
            self.spare(subject_id, at)

    def verdict(self) -> Verdict:
        """The comparison."""
        counts = Counter(one.subject_id for one in self.alarms)
        return Verdict(
            planted=len(self.meant),
            raised=len(self.alarms),
            lost=tuple(sorted(self.meant.keys() - counts.keys())),
            false=tuple(sorted(counts.keys() - self.meant.keys())),
            doubled=tuple(sorted(one for one, count in counts.items() if count > 1)),
            mistimed=tuple(sorted({one.subject_id for one in self.alarms if self.meant.get(one.subject_id, one.at) != one.at})),
        )
