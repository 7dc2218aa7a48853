"""One entry of the closed list of reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What the reason is said about."""

    FILE = "file"
    ROW = "row"
    FLAG = "flag"
    FIX = "fix"
    NOTE = "note"
    CLAIM = "claim"
    HOLD = "hold"
    ITEM = "item"
    PAYMENT = "payment"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code with its wording and its remedy, in Chinese and English."""

    code: str
    """Upper-case words joined by underscores; stable for ever."""
    level: Level
    """What it is said about."""
    zh: str
    """What is wrong, as a clerk would say it."""
    en: str
    """The same in English."""
    remedy_zh: str
    """What to do next, in Chinese."""
    remedy_en: str
    """What to do next, in English."""
