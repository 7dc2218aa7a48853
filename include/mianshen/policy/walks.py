"""Every course that a case of a process may take: which steps and ends are reached, and where a case would stand still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mianshen.core.process import Outcome, Process

MOST = 50_000
"""Situations that are looked at; a process with more is refused, because nobody could say that it has no hole."""

Situation = tuple[frozenset[str], frozenset[tuple[str, str]]]
"""Open steps, and decided steps with their outcome."""


@dataclass(slots=True)
class Reached:
    """What some course of outcomes reaches."""

    steps: set[str] = field(default_factory=set)
    """Steps that open."""
    ends: set[str] = field(default_factory=set)
    """Ends."""
    stuck: tuple[str, ...] | None = None
    """A shortest course, `step:outcome` each, after which a step waits for what can no longer come; None when there is none."""
    is_complete: bool = True
    """Whether every situation was looked at."""


def reachable(process: Process) -> Reached:
    """Everything that outcomes may lead to, in any order of the open steps; how often an outcome was chosen is not counted.

    A case stands still where nothing is open any more, and yet a step was named to follow that waits for another which nothing
    opens: the case would end as done without it.
    """
    first: Situation = (_opened(process, frozenset(), frozenset(), process.starts), frozenset())
    courses: dict[Situation, tuple[str, ...]] = {first: ()}
    found, waiting = Reached(steps=set(first[0])), [first]
    for situation in waiting:
        for label, outcome, after in _moves(process, situation):
            course = (*courses[situation], label)
            found.steps |= after[0]
            if outcome.ends is not None or not after[0]:
                found.ends.add(outcome.ends or process.done_code(after[1]))
                if outcome.ends is None and found.stuck is None and _waits(process, after):
                    found.stuck = course
            elif after not in courses:
                courses[after] = course
                waiting.append(after)
        if len(courses) > MOST:
            found.is_complete = False
            break
    return found


def _moves(process: Process, situation: Situation) -> Iterator[tuple[str, Outcome, Situation]]:
    """Every decision that may come next, and what stands after it; of outcomes that lead to the same, the first."""
    for code in sorted(situation[0]):
        leads = {(one.opens, one.again, one.ends, one.refuses): one for one in reversed(process.step(code).outcomes)}
        for outcome in leads.values():
            ended: Situation = (frozenset(), situation[1])
            after = ended if outcome.ends is not None else _after(process, situation, code, outcome)
            yield f"{code}:{outcome.code}", outcome, after


def _after(process: Process, situation: Situation, code: str, outcome: Outcome) -> Situation:
    now, passed = situation[0] - {code}, situation[1] | {(code, outcome.code)}
    if outcome.again:
        undone = process.after(frozenset(outcome.again))
        now, passed = now - undone, frozenset(one for one in passed if one[0] not in undone)
        now = _opened(process, now, passed, outcome.again)
    return _opened(process, now, passed, outcome.opens), passed


def _opened(process: Process, now: frozenset[str], passed: frozenset[tuple[str, str]], codes: tuple[str, ...]) -> frozenset[str]:
    decided = dict(passed)
    return now | {
        code
        for code in codes
        if code not in decided
        and all(one in decided and _leads(process, one, decided[one], code) for one in process.step(code).needs)
    }


def _leads(process: Process, code: str, outcome_code: str, to: str) -> bool:
    outcome = process.step(code).outcome(outcome_code)
    return outcome is not None and to in outcome.opens


def _waits(process: Process, situation: Situation) -> bool:
    """Whether a step that some decided outcome names was never opened."""
    decided = dict(situation[1])
    named = {
        to for code, outcome in situation[1] for one in process.step(code).outcomes if one.code == outcome for to in one.opens
    }
    return bool(named - decided.keys())
