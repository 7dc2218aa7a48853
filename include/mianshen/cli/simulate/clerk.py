"""The people of a simulated county: when somebody acts in a step, and what comes of it. Equal seeds choose alike.

Most act in time, some at the last minute of the last day; a few, the planted ones, too late or never. What a clerk means to do
is written down before anybody looks: that is what the alarms are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from mianshen.core.bills import Money
from mianshen.core.clocks import WorkingCalendar
from mianshen.core.days import ZONE
from mianshen.core.process import Outcome, Step

OFFICE = (time(9), time(17))
"""When people act."""
LATE, NEVER, LAST_MINUTE = 0.04, 0.005, 0.05
"""Shares of timed steps: decided late, never decided, decided in the last minute of the last day."""
PAUSED, OTHERWISE, OBJECTED = 0.08, 0.12, 0.04
"""Shares of steps: paused, ended otherwise than by the first outcome; of notices: objected to."""
SOONEST = timedelta(seconds=1)
"""Nobody acts in the moment in which a step opens: the very same act again would be no act."""
EXACTLY = 0.2
"""Share of the late who act at the due moment itself, which is late already."""
LATEST_WORKDAYS = 12
"""How many working days after its due day a planted step is decided at most."""
UNTIMED_WORKDAYS = 4
"""Within how many working days a step without a clock is decided."""


class Manner(StrEnum):
    """How somebody means to act."""

    IN_TIME = "in_time"
    LAST_MINUTE = "last_minute"
    LATE = "late"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody means to do in a step."""

    at: datetime | None
    """When; None is never."""
    outcome: Outcome
    """What comes of it."""
    reason_code: str | None
    """Why, where the outcome asks."""
    manner: Manner
    """How."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Between which moments a step is decided."""

    opened: datetime
    """When it opened, or its window does."""
    due: datetime | None
    """The first moment at which it, or a span that it is in, is late; None without a clock."""


def draw_of(*words: object) -> Random:
    """What is drawn for these words; equal words draw alike, in whatever order things happen."""
    return Random(" ".join(str(one) for one in words))  # noqa: S311 - nothing is kept secret by it


def intent(step: Step, moments: Moments, *, used: Sequence[str], calendar: WorkingCalendar, draw: Random) -> Intent:
    """What the holder of the step means to do; outcomes that were `used` up are not chosen."""
    outcome = _outcome(step, used, draw)
    reason = draw.choice(outcome.reasons) if outcome.reasons else None
    manner, at = moment_of(moments, calendar=calendar, draw=draw)
    return Intent(None if at is None else max(at, moments.opened + SOONEST), outcome, reason, manner)


def moment_of(moments: Moments, *, calendar: WorkingCalendar, draw: Random) -> tuple[Manner, datetime | None]:
    """How and when somebody acts who is to act between these moments; None is never."""
    manner = _manner(draw) if moments.due is not None else Manner.IN_TIME
    return manner, _moment(manner, moments, calendar, draw)


def objection(step: Step, *, begins: datetime, until: datetime, draw: Random) -> Intent | None:
    """What somebody says against a step that time decides, before its period is over; None mostly."""
    others = [one for one in step.outcomes[1:] if one.again]
    if not others or draw.random() >= OBJECTED:
        return None
    at = min(begins + timedelta(days=draw.randint(0, 3), hours=1), until - timedelta(minutes=1))
    return Intent(at, others[0], draw.choice(others[0].reasons) if others[0].reasons else None, Manner.IN_TIME)


def pause_days(step: Step, draw: Random) -> int | None:
    """For how many days the step stands still; None when it does not."""
    return draw.randint(1, 30) if step.pauses and draw.random() < PAUSED else None


def _manner(draw: Random) -> Manner:
    chosen = draw.random()
    for manner, share in ((Manner.NEVER, NEVER), (Manner.LATE, LATE), (Manner.LAST_MINUTE, LAST_MINUTE)):
        if chosen < share:
            return manner
        chosen -= share
    return Manner.IN_TIME


def _outcome(step: Step, used: Sequence[str], draw: Random) -> Outcome:
    """The first outcome mostly; of the others none that was chosen as often as it may be.

    No feed tells a bill of a simulated case: nothing is awarded for it, so nobody calls it paid.
    """
    able = [one for one in step.outcomes if one.money is not Money.PAID]
    free = [one for one in able if one.most is None or used.count(one.code) < one.most]
    return draw.choice(free[1:]) if len(free) > 1 and draw.random() < OTHERWISE else free[0]


def _moment(manner: Manner, moments: Moments, calendar: WorkingCalendar, draw: Random) -> datetime | None:
    if manner is Manner.NEVER:
        return None
    if moments.due is None:
        return office_moment(moments.opened, draw.randint(0, UNTIMED_WORKDAYS), calendar, draw)
    if manner is Manner.LATE:
        over = max(moments.due, moments.opened)
        return over if draw.random() < EXACTLY else office_moment(over, draw.randint(0, LATEST_WORKDAYS), calendar, draw)
    last = moments.due - timedelta(minutes=1)
    if manner is Manner.LAST_MINUTE or last <= moments.opened:
        return last
    wanted = office_moment(moments.opened, draw.randint(0, 3), calendar, draw)
    return min(wanted, last)


def office_moment(after: datetime, workdays: int, calendar: WorkingCalendar, draw: Random) -> datetime:
    """A moment of office hours, so many working days after the moment and not before it."""
    day = calendar.roll(after.date())
    for _ in range(workdays):
        day = calendar.roll(day + timedelta(days=1))
    drawn = _at(day, draw)
    return drawn if drawn >= after else _at(calendar.roll(day + timedelta(days=1)), draw)


def _at(day: date, draw: Random) -> datetime:
    """A full hour of the day: what is done in the same hour is one act of the office."""
    return datetime.combine(day, time(draw.randint(OFFICE[0].hour, OFFICE[1].hour)), tzinfo=ZONE)
