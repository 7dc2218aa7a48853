"""追回, recovery: what a person was paid beyond what is due to them now, and how it is settled. Pure; amounts are whole fen.

A person owes the bureau what stands paid to them above what all facts known now give. It is asked for in a case, unless the
county lets it go: a small difference, or a cause for which the pack forgives. Nobody owes anything for shares that moved
between departments, because a person's postings are netted first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mianshen.core.late_news import CAUSES, RAISING


class RecoveryWay(StrEnum):
    """What becomes of money that was paid too much."""

    CASE = "case"
    """It is asked for, in a case of the process."""
    SMALL = "small"
    """It is let go, because it is a small difference."""
    FORGIVEN = "forgiven"
    """It is let go, because of its cause."""


class RecoveryEntry(StrEnum):
    """How a part of a recovery was settled."""

    RECEIVED = "received"
    """The person paid it back."""
    FALLEN = "fallen"
    """Later facts gave it back to the person: the claim fell by so much."""
    OFFSET = "offset"
    """A later award was kept for it, where the pack allows that."""
    WRITTEN_OFF = "written_off"
    """Somebody decided not to ask for it any longer."""
    LET_GO = "let_go"
    """The pack lets it go."""


@dataclass(frozen=True, slots=True)
class RecoveryRules:
    """A county's rules for money that was paid too much."""

    process_code: str
    """The process whose cases ask for it."""
    small_difference_fen: int
    """Up to this sum nothing is asked for."""
    is_offset_allowed: bool
    """Whether later awards of the person may be kept for it."""
    forgiven_causes: tuple[str, ...]
    """Causes for which nothing is asked, such as the bureau's own mistake."""
    most_instalments: int
    """In how many parts a person may pay back at most."""
    article: str
    """Where it stands."""
    status: str
    """official | quoted | inferred | illustrative."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of an award that settles a recovery."""

    recovery_id: str
    """Which."""
    award_id: str
    """Of which award."""
    entry: RecoveryEntry
    """FALLEN or OFFSET."""
    amount_fen: int
    """How much of it, above 0."""


def weightiest(causes: Iterable[str]) -> str:
    """The cause that a paper names: the first that can take something away, in the order of CAUSES; of none, `unknown`."""
    found = set(causes)
    lowering = [one for one in CAUSES if one in found and one not in RAISING]
    return next(iter([*lowering, *(one for one in CAUSES if one in found), "unknown"]))


def way_of(amount_fen: int, cause: str, rules: RecoveryRules) -> RecoveryWay:
    """What becomes of a sum that was paid too much for this cause."""
    if cause in rules.forgiven_causes:
        return RecoveryWay.FORGIVEN
    return RecoveryWay.SMALL if amount_fen <= rules.small_difference_fen else RecoveryWay.CASE


def keep_for(
    owed: Sequence[tuple[str, int, frozenset[str]]], awards: Sequence[tuple[str, int, str]], *, is_offset_allowed: bool
) -> list[Kept]:
    """Which parts of a person's payable awards settle what they owe, in the order given, to the fen.

    `owed` are recoveries (id, what is open, the events that it is of), oldest first; `awards` are (id, fen, event). An award for
    an event of the recovery makes the claim fall; any other is kept only where that is allowed.
    """
    left = {award: fen for award, fen, _ in awards}
    found = []
    for recovery, fen, events in owed:
        for entry in (RecoveryEntry.FALLEN, RecoveryEntry.OFFSET):
            for award, _, event in awards:
                if (event in events) != (entry is RecoveryEntry.FALLEN) or not (event in events or is_offset_allowed):
                    continue
                part = min(fen, left[award])
                if part > 0:
                    found.append(Kept(recovery, award, entry, part))
                    left[award] -= part
                    fen -= part
    return found


def instalments(amount_fen: int, parts: int) -> list[int]:
    """The sum in so many equal parts of whole fen, the remainder in the last; every part is above 0."""
    if not 1 <= parts <= amount_fen:
        raise ValueError(f"{amount_fen} fen in {parts} parts")
    each = amount_fen // parts
    return [*[each] * (parts - 1), amount_fen - each * (parts - 1)]
