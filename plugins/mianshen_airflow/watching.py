"""One look at the clock store, the same for a sensor that pokes and for a trigger that waits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mianshen.core.days import local
from mianshen_airflow import defaults

if TYPE_CHECKING:
    from mianshen.warehouse.clock_watch import Look, Watch


class Ending(StrEnum):
    """How a watch stands."""

    OPEN = "open"
    ARRIVED = "arrived"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class WatchNote:
    """A watch as it travels in a run's conf and in a trigger's arguments: text only."""

    county_code: str
    """Whose clocks."""
    time_limit_code: str
    """The limit at work."""
    started_at: str
    """When the clocks opened, ISO."""
    due_at: str
    """The first moment at which they are late, ISO."""
    subject_id: str
    """`list_code|month` of a list; empty for a group."""

    @property
    def due(self) -> datetime:
        """The due moment; MianshenError MOMENT_WITHOUT_ZONE when it has no zone."""
        return local(datetime.fromisoformat(self.due_at), where="watch.due_at")

    @property
    def run_id(self) -> str:
        """The id of the run that watches: the same watch is never started twice."""
        if self.subject_id:
            return "~".join((self.time_limit_code, *self.subject_id.split("|")))
        return f"{self.time_limit_code}~{datetime.fromisoformat(self.started_at):%Y%m%dT%H%M%S}"

    def as_run(self) -> dict[str, Any]:
        """What starts the run that watches."""
        return {"trigger_run_id": self.run_id, "conf": asdict(self)}


def notes_of(watches: tuple[Watch, ...]) -> list[WatchNote]:
    """The watches as notes."""
    return [WatchNote(**asdict(one)) for one in watches]


def look(note: WatchNote) -> Ending:
    """How the watch stands now: arrived when all closed in time; missed when one closed, or is still open, at the due moment."""
    from mianshen.warehouse.clock_watch import Watch, standing

    with defaults.ledger(defaults.home()).connect() as connection:
        still_open, late = standing(connection, Watch(**asdict(note)))
    if late or (still_open and defaults.now() >= note.due):
        return Ending.MISSED
    return Ending.OPEN if still_open else Ending.ARRIVED


def look_at_all(pack: str) -> Look:
    """Record every miss of the county that stands now, and say when to look again."""
    from mianshen.warehouse.clock_watch import look
    from mianshen_airflow.cards import card_of

    with defaults.ledger(defaults.home()).begin() as connection:
        return look(connection, card_of(pack).county_code, as_of=defaults.now())


def is_computed_before(note: WatchNote) -> bool:
    """Whether the county's newest assessment was made before the due moment, so that the miss may change amounts."""
    from mianshen.warehouse.progress import newest_run_moment

    with defaults.ledger(defaults.home()).connect() as connection:
        newest = newest_run_moment(connection, note.county_code, stage="assess")
    return newest is not None and newest < note.due


def record(county_code: str) -> int:
    """Record every miss of the county that stands now; returns how many were new."""
    from mianshen.warehouse.clock_watch import record_misses

    with defaults.ledger(defaults.home()).begin() as connection:
        return len(record_misses(connection, county_code, as_of=defaults.now()))
