"""One edit of a sound policy page, and the complaint that it must raise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """One edit of a sound page, and the complaint that it must raise."""

    name: str
    page: str
    old: str
    new: str
    at: str
    """Text on the line that the message must name; empty is the first line."""
    found: str
    """Part of what the message must say."""
