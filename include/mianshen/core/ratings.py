"""好差评 and 12345: what people say of how a finished matter was served."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How it was said."""

    DEVICE = "好差评"
    """On the rating device of the window, or in the service's own pages."""
    HOTLINE = "12345"
    """By the city's hotline: thanks or a complaint."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Ratings of one item at one office."""

    office: str
    """Name of the office; of ratings of cases, the town."""
    item_code: str
    """The item."""
    channel: Channel
    """How they came."""
    good: int
    """Satisfied, or thanked."""
    bad: int
    """Not satisfied, or complained."""
