"""Spans of days: the first day is included, the end excluded, an open end is None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open days [since, until); `until` None means open. ValueError when until is not after since."""

    since: date
    """First day, included."""
    until: date | None = None
    """First day no longer included; None while it lasts."""

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"span ends {self.until} before it begins {self.since}")

    def holds(self, day: date) -> bool:
        """Whether the day lies in the span."""
        return self.since <= day and (self.until is None or day < self.until)


def coalesce(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days as few, sorted, disjoint spans; touching spans become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: one.since):
        last = merged[-1] if merged else None
        if last is None or (last.until is not None and last.until < span.since):
            merged.append(span)
        elif last.until is not None and (span.until is None or span.until > last.until):
            merged[-1] = Span(last.since, span.until)
    return tuple(merged)
