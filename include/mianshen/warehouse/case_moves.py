"""Many cases at once: opened and moved in the caller's transaction, each act judged by itself, events and clocks written in sets.

Stages say what is wanted and keep the audit chain; nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mianshen.core.cases import Event, state_of
from mianshen.core.digest import canonical_json, sha256_hex
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act, moved, opening
from mianshen.core.pack import Pack
from mianshen.core.process import Process
from mianshen.warehouse import cases, experts, means
from mianshen.warehouse.case_clocks import Course, keep_clocks
from mianshen.warehouse.cases import Matter


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that could not be."""

    case_id: str
    """In which case."""
    error: MianshenError
    """Why."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of some acts."""

    news: Mapping[str, tuple[Event, ...]]
    """The events that were appended, by case."""
    stood: tuple[str, ...]
    """Cases in which the very act stood already, an entry an act."""
    refused: tuple[Refused, ...]
    """Acts that could not be; nothing of them was written."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A case that is wanted."""

    matter: Matter
    """What it is about."""
    starts: tuple[str, ...] | None = None
    """Those of the process's first steps that concern it; None is all of them."""


def open_cases(
    connection: Connection, pack: Pack, process: Process, wanted: Sequence[Opening], *, at: datetime, actor: str
) -> dict[str, tuple[Event, ...]]:
    """Open a case for each that does not stand yet; returns the events of the new ones, by case.

    MianshenError YEAR_BEFORE_LAW for a benefit year that the county's law does not reach back to.
    """
    early = [
        one.matter.benefit_year for one in wanted if pack.first_year is not None and one.matter.benefit_year < pack.first_year
    ]
    if early:
        raise MianshenError("YEAR_BEFORE_LAW", found=f"{min(early)} < {pack.first_year}", where=f"{pack.name} {process.code}")
    by_id = {cases.case_id(pack.county_code, process.code, one.matter): one for one in wanted}
    fresh = cases.write_cases(connection, pack.county_code, process.code, [one.matter for one in wanted], opened_at=at)
    news = {key: opening(process, at=at, actor=actor, starts=by_id[key].starts) for key in fresh}
    cases.append(connection, news, known=dict.fromkeys(news, 0))
    matters = {key: by_id[key].matter for key in news}
    courses = [Course(process, key, matters[key].benefit_year, matters[key].town, events) for key, events in news.items()]
    keep_clocks(connection, pack, courses)
    return news


def move(connection: Connection, pack: Pack, acts: Iterable[tuple[str, Act]]) -> Moved:
    """Do these acts in their cases, in order; a case may be moved several times.

    MianshenError CASE_UNKNOWN when the county has not all of the cases, PROCESS_UNKNOWN when the pack has not their process: then
    nothing is done.
    """
    wanted = list(acts)
    rows = {row["case_id"]: row for row in cases.cases_of(connection, (key for key, _ in wanted))}
    unknown = sorted({key for key, _ in wanted if key not in rows or rows[key]["county_code"] != pack.county_code})
    if unknown:
        raise MianshenError("CASE_UNKNOWN", found=", ".join(unknown[:3]), where="case")
    processes = {key: process_of(pack, row["process_code"]) for key, row in rows.items()}
    known = cases.events_of(connection, rows)
    counts = {key: len(events) for key, events in known.items()}
    drawn = experts.draws_of(connection, rows) if pack.experts else {}
    stood, refused = [], []
    for key, act in wanted:
        try:
            fresh = moved(
                processes[key],
                known[key],
                act,
                where=f"case {key}",
                benefit_year=rows[key]["benefit_year"],
                calendar=pack.calendar,
                drawn=experts.judging(drawn, _place(key, act, known[key])) if pack.experts else None,
            )
            if fresh:
                means.require(connection, pack, act, rows[key])
        except MianshenError as error:
            refused.append(Refused(key, error))
            continue
        known[key] += fresh
        if not fresh:
            stood.append(key)
    news = {key: tuple(events[counts[key] :]) for key, events in known.items() if len(events) > counts[key]}
    cases.append(connection, news, known=counts)
    courses = [Course(processes[key], key, rows[key]["benefit_year"], rows[key]["town"], known[key]) for key in news]
    keep_clocks(connection, pack, courses)
    return Moved(news, tuple(stood), tuple(refused))


def _place(key: str, act: Act, events: Sequence[Event]) -> experts.Place:
    return key, act.step_code, state_of(events).rounds[act.step_code]


def process_of(pack: Pack, code: str) -> Process:
    """The pack's process; MianshenError PROCESS_UNKNOWN when it has none with this code."""
    known = {one.code: one for one in pack.processes}
    if code not in known:
        raise MianshenError("PROCESS_UNKNOWN", found=code, where=f"{pack.name}/process.yaml")
    return known[code]


def digest_of(news: Mapping[str, Sequence[Event]]) -> dict[str, object]:
    """What the audit chain keeps of many events: how many cases and events, and the digest of every one."""
    lines = [
        [key, one.happening.value, one.step_code, one.round_no, one.outcome_code, one.reason_code or "", one.actor]
        for key, events in sorted(news.items())
        for one in events
    ]
    return {"cases": len(news), "events": len(lines), "content_sha256": sha256_hex(canonical_json(lines))}
