"""What happened when in a simulated year of relief, as those who did it remember; no clock is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Acts:
    """What happened when, as those who did it remember."""

    lists: dict[str, datetime] = field(default_factory=dict)
    """When each `list_code|month` came."""
    chains: list[datetime] = field(default_factory=list)
    """When the chain ran."""
    decided: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When a department answered what a batch left to it, by batch and department."""
    sent: dict[str, datetime] = field(default_factory=dict)
    """When each payment left: with its bank's file, or by a clerk's hand."""
    paid: dict[str, datetime] = field(default_factory=dict)
    """When each payment arrived."""
    looked: dict[str, datetime] = field(default_factory=dict)
    """When `review|settlement` was decided."""
    gone: dict[str, datetime] = field(default_factory=dict)
    """The run in which `review|settlement` stood no longer."""
