"""What is said of a delivered file and of each of its rows, before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileOutcome(StrEnum):
    """What becomes of a file."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    HOLD = "HOLD"
    DUPLICATE = "DUPLICATE"


class RowState(StrEnum):
    """What becomes of a row of an accepted file."""

    LOAD = "LOAD"
    """Taken as written."""
    FIX = "FIX"
    """Taken with a recorded normalisation."""
    FLAG = "FLAG"
    """The person is taken; a field is unusable, and no money goes to a flagged account."""
    QUAR = "QUAR"
    """Set aside with a reason."""
    IGNORE = "IGNORE"
    """No record: blank, total, signature, repeated heading, identical duplicate."""


@dataclass(frozen=True, slots=True, repr=False)
class RowVerdict:
    """One row in file order. Never printed: it names a person."""

    state: RowState
    """What becomes of it."""
    reason: str
    """A code of `core.codes`; empty for LOAD. Of a bank return: PAID, RETURNED, PENDING or why it is set aside."""
    identity: str
    """The canonical id number, of a bank return the payment's id; empty where none could be read."""
    name: str
    """The canonical name; empty where none could be read."""


@dataclass(frozen=True, slots=True, repr=False)
class FileVerdict:
    """One delivered file."""

    path: str
    """Relative to the folder that was judged, with forward slashes."""
    outcome: FileOutcome
    """What becomes of it."""
    reason: str
    """A code of `core.codes`; empty for ACCEPT."""
    rows: tuple[RowVerdict, ...]
    """Every row of an accepted file in file order; empty for any other outcome."""
