"""Why a step of a case is late, so that the wrong office is not blamed: an earlier step, the drawn experts, the post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from mianshen.core.cases import Happening
from mianshen.core.process import TRACKING_NUMBER
from mianshen.warehouse.ledger import CASE_EVENT, EXPERT_DRAW

UPSTREAM = "UPSTREAM_LATE"
"""The step was reached when its last day was over."""
UNDECIDED = "DECISION_PENDING"
"""Its department did not act."""
EXPERT = "EXPERT_PENDING"
"""Experts were drawn and have not given their opinion."""
POST = "POST_PENDING"
"""The letter was handed to the post, with its tracking number, and nothing was recorded of it since."""
_CHUNK = 500


def causes_of_steps(connection: Connection, clocks: Sequence[Mapping[Any, Any]]) -> dict[str, str]:
    """The reason code of each delay by clock_id, for clocks that run on steps of cases and on spans over them."""
    late = {one["clock_id"]: _place(one["subject_id"]) for one in clocks}
    cases = sorted({case for case, _, _ in late.values()})
    drawn, decided, posted = _drawn(connection, cases), *_decided(connection, cases)
    found = {}
    for one in clocks:
        case, step, number = late[one["clock_id"]]
        waits_for_experts = _waits(drawn.get(case, set()), decided.get(case, set()), step=step, number=number)
        if one["started_at"] >= one["due_at"]:
            found[one["clock_id"]] = UPSTREAM
        elif waits_for_experts:
            found[one["clock_id"]] = EXPERT
        else:
            found[one["clock_id"]] = POST if case in posted else UNDECIDED
    return found


def _place(subject_id: str) -> tuple[str, str, int]:
    case, step, number = subject_id.split("|")
    return case, step, int(number)


def _waits(drawn: set[tuple[str, int]], decided: set[tuple[str, int]], *, step: str, number: int) -> bool:
    """Whether the step is the experts', or the span waits for one that is and was not decided."""
    return bool(drawn - decided) if ".." in step else (step, number) in drawn


def _drawn(connection: Connection, cases: Sequence[str]) -> dict[str, set[tuple[str, int]]]:
    """(step, round) for which experts were drawn, by case."""
    draw, found = EXPERT_DRAW.c, dict[str, set[tuple[str, int]]]()
    query = select(draw.case_id, draw.step_code, draw.round_no)
    for some in _parts(cases):
        for row in connection.execute(query.where(draw.case_id.in_(some))):
            found.setdefault(row.case_id, set()).add((row.step_code, row.round_no))
    return found


def _decided(connection: Connection, cases: Sequence[str]) -> tuple[dict[str, set[tuple[str, int]]], set[str]]:
    """(step, round) that were decided, by case; and the cases whose newest decision handed a letter to the post."""
    decided, last, tracked = dict[str, set[tuple[str, int]]](), dict[str, tuple[str, int]](), set[tuple[str, str, int]]()
    for row in _events(connection, cases):
        place = (row.step_code, row.round_no)
        if row.happening == Happening.PAPERS and TRACKING_NUMBER in row.papers.split(","):
            tracked.add((row.case_id, *place))
        elif row.happening == Happening.DECIDED:
            decided.setdefault(row.case_id, set()).add(place)
            last[row.case_id] = place
    return decided, {case for case, place in last.items() if (case, *place) in tracked}


def _events(connection: Connection, cases: Sequence[str]) -> Iterator[Any]:
    event = CASE_EVENT.c
    query = select(event.case_id, event.step_code, event.round_no, event.happening, event.papers)
    wanted = query.where(event.happening.in_((Happening.PAPERS.value, Happening.DECIDED.value)))
    for some in _parts(cases):
        yield from connection.execute(wanted.where(event.case_id.in_(some)).order_by(event.case_id, event.event_no))


def _parts(cases: Sequence[str]) -> Iterator[Sequence[str]]:
    return (cases[start : start + _CHUNK] for start in range(0, len(cases), _CHUNK))
