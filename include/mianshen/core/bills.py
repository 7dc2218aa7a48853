"""Bills that people claim at a window (零星报销): what the outcome of a case does to them."""

from __future__ import annotations

from enum import StrEnum


class Money(StrEnum):
    """What an outcome does to the bills that the case claims (零星报销)."""

    RELEASE = "release"
    """They are computed and paid from now on, like bills that came by themselves."""
    REFUSE = "refuse"
    """They never are."""
    PAID = "paid"
    """It can be chosen only when what they gave has left for the bank, or was handed over."""
