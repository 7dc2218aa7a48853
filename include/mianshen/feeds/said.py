"""What a delivery says of a person: names, phones and accounts as they are read. Never printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """What a delivery says of a person. Never printed."""

    kind: str
    """name | phone | account."""
    value: str
    """Normalised."""
    is_doubtful: bool
    """Whether it looks damaged."""


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """What a delivery says of one person. Never printed."""

    statements: tuple[Statement, ...]
    """The last of each kind, sound and doubtful apart."""
    names: frozenset[str]
    """Every sound name that the number carries within the delivery."""


def together(statements: list[Statement]) -> Said:
    """The last statement of each kind, and all sound names."""
    last = {f"{one.kind}|{one.is_doubtful}": one for one in statements}
    names = frozenset(one.value for one in statements if one.kind == "name" and not one.is_doubtful)
    return Said(tuple(last[slot] for slot in sorted(last)), names)
