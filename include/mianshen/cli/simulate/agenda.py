"""What is still to happen in a simulated year: a heap by moment, in the order in which it was put down."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from mianshen.core.moves import Act


@dataclass(order=True, slots=True)
class Due:
    """Something that happens at a moment."""

    at: datetime
    """When."""
    number: int
    """Its place among all that was put."""
    act: Callable[[], None] | None = field(compare=False)
    """What is done; None where a case moves."""
    case: tuple[str, Act] | None = field(compare=False, default=None)
    """The case and the act that moves it."""


@dataclass(slots=True)
class Agenda:
    """What is still to happen."""

    _heap: list[Due] = field(default_factory=list)
    """By moment and number."""
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    """Numbers what is put down."""
    _once: set[tuple[datetime, str]] = field(default_factory=set)
    """Moment and name of what stands for all together."""

    @property
    def next_at(self) -> datetime | None:
        """The moment of what comes next; None when nothing is left."""
        return self._heap[0].at if self._heap else None

    def put(self, at: datetime, act: Callable[[], None] | None, case: tuple[str, Act] | None = None) -> None:
        """Put down what happens at a moment."""
        heapq.heappush(self._heap, Due(at, next(self._numbers), act, case))

    def put_once(self, at: datetime, act: Callable[[], None]) -> None:
        """Put down what is done once at a moment, however many wait for it."""
        if (at, act.__name__) not in self._once:
            self._once.add((at, act.__name__))
            self.put(at, act)

    def taken(self, at: datetime) -> Iterator[Due]:
        """Take what happens at the moment, what is put down meanwhile for the same moment too."""
        while self._heap and self._heap[0].at == at:
            yield heapq.heappop(self._heap)
