"""handle: cases of a county's processes are opened and moved; what happens is appended, clocks follow, the audit chain keeps it.

Acts are judged one by one and written together: a bulk act of thousands of cases is one transaction and one audit row, and an act
that cannot be leaves its case alone and is told with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.case_clocks import clocks_of, due_of
from mianshen.core.cases import SYSTEM, Event, Happening, state_of
from mianshen.core.days import local
from mianshen.core.digest import canonical_json, sha256_hex, short_id
from mianshen.core.errors import MianshenError
from mianshen.core.forms import FormCode
from mianshen.core.moves import Act
from mianshen.core.process import Decider
from mianshen.core.ratings import Channel
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, bills, case_moves, cases, notices, ratings, rechecks
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_clocks import limit_of
from mianshen.warehouse.case_moves import Opening, Refused, process_of
from mianshen.warehouse.cases import Matter
from mianshen.warehouse.person_facts import towns_of

STAGE = "handle"
COUNTY = "county"
"""Subject of a case that is nobody's own."""
WINDOW = "window"
"""Channel of what is asked for at the window."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of some acts."""

    done: tuple[str, ...]
    """Cases in which something new happened."""
    stood: tuple[str, ...]
    """Cases in which the very act stood already."""
    refused: tuple[Refused, ...]
    """Acts that could not be; their cases are as they were."""


def open_cases(job: Job, process_code: str, matters: Sequence[Matter]) -> list[str]:
    """Open a case for each matter that has none in the process and benefit year; returns the ids of the new ones.

    MianshenError PROCESS_UNKNOWN when the pack has no such process.
    """
    process = process_of(job.pack, process_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        wanted = [Opening(one) for one in matters]
        news = case_moves.open_cases(connection, job.pack, process, wanted, at=job.as_of, actor=job.actor)
        if news:
            _tell(job, connection, "cases.opened", news)
    return list(news)


def ask_recheck(job: Job, person_key: str) -> tuple[str, bool]:
    """Open a recheck for the person who asks at the window: the case's id, and whether it is new; one that is open is left.

    MianshenError PROCESS_UNKNOWN where the county has no process for rechecks.
    """
    process = job.pack.recheck_process
    if process is None:
        raise MianshenError("PROCESS_UNKNOWN", found="concerns: rechecks", where=job.pack.name)
    town = towns_of(job.lake, [person_key], county_code=job.county_code).get(person_key)
    year = local(job.as_of).year
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        known = rechecks.of_person(connection, job.pack, person_key)
        standing = next((one.case_id for one in known if one.is_open), None)
        if standing is not None:
            return standing, False
        subject = short_id("Q", job.county_code, person_key, year, sum(one.benefit_year == year for one in known) + 1)
        matter = Matter(subject, year, person_key=person_key, channel=WINDOW, town=town)
        news = case_moves.open_cases(connection, job.pack, process, [Opening(matter)], at=job.as_of, actor=job.actor)
        _tell(job, connection, "cases.opened", news)
    return min(news), True


def act(job: Job, case_id: str, wanted: Act) -> Handled:
    """Do one act in one case; MianshenError says why it cannot be, CASE_UNKNOWN when there is no such case."""
    handled = act_on_many(job, {case_id: wanted})
    if handled.refused:
        raise handled.refused[0].error
    return handled


def act_on_many(job: Job, acts: Mapping[str, Act]) -> Handled:
    """Do an act in each of these cases, in one transaction; each is judged by itself.

    MianshenError CASE_UNKNOWN when one of the cases is not there: then nothing is done.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        barred = bills.judge(connection, job.pack, acts)
        kept = {one.case_id for one in barred}
        found = case_moves.move(connection, job.pack, [one for one in acts.items() if one[0] not in kept])
        if found.news:
            _tell(job, connection, "cases.moved", found.news)
            bills.follow(connection, job.pack, found.news, at=job.moment)
    return Handled(tuple(found.news), found.stood, (*barred, *found.refused))


def attach(job: Job, case_id: str, event_ids: Sequence[str]) -> int:
    """Lay bills claimed at a window to the case, as the job's actor; returns how many are new. The same again changes nothing.

    MianshenError CASE_UNKNOWN; BILL_NOT_TAKEN when the case claims none or was decided; BILL_TAKEN for a bill of another case.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        fresh = bills.attach(connection, job.pack, case_id, event_ids, at=job.moment, actor=job.actor)
        if fresh:
            said = {"bills": fresh, "content_sha256": sha256_hex(canonical_json(sorted(event_ids)))}
            audit.append(connection, [Entry("case.bills", case_id, said)], at=job.moment, actor=job.actor)
    return fresh


def rate(job: Job, case_id: str, channel: Channel, *, is_good: bool) -> bool:
    """Keep what was said of the finished case, as the job's actor; False when the very same was kept before.

    MianshenError CASE_UNKNOWN, RATING_NOT_TAKEN.
    """
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        is_new = ratings.record(connection, job.pack, case_id, channel, is_good=is_good, by=job.actor, at=job.moment)
        if is_new:
            said = {"channel": channel.value, "is_good": is_good}
            audit.append(connection, [Entry("case.rated", case_id, said)], at=job.moment, actor=job.actor)
    return is_new


def objecting(job: Job, case_id: str) -> tuple[str, str]:
    """The open step of the case that publishes a notice, and its outcome that sends the case back.

    MianshenError CASE_UNKNOWN, or STEP_NOT_OPEN when the case stands on no notice.
    """
    with job.ledger.connect() as connection:
        row = cases.case_of(connection, case_id, county_code=job.county_code)
        state = state_of(cases.events_of(connection, [case_id])[case_id])
    process = process_of(job.pack, row["process_code"])
    for step in (process.step(code) for code in state.open):
        back = next((one for one in step.outcomes if one.again), None)
        if FormCode.PUBLIC_NOTICE in step.forms and back is not None:
            return step.code, back.code
    raise MianshenError("STEP_NOT_OPEN", found=FormCode.PUBLIC_NOTICE.value, where=f"case {case_id}")


def run(job: Job) -> StageReport:
    """Open the county's own cases of the year whose days have come; pass every step that time decides and whose period is over.

    Open steps of a department that ended go to its successor. The others wait. A second run does nothing.
    """
    opened, passed, inherited = _begin_yearly(job), 0, 0
    while heirs := _inherited(job):
        inherited += len(act_on_many(job, heirs).done)
    while acts := _over(job):
        handled = act_on_many(job, acts)
        for one in handled.refused:
            raise one.error
        passed += len(handled.done)
    with job.ledger.connect() as connection:
        left = cases.waiting(connection, county_code=job.county_code)
    return StageReport(STAGE, None, {"waiting": len(left), "passed_by_time": passed, "opened": opened, "inherited": inherited})


def _begin_yearly(job: Job) -> int:
    """Open the case of each process that is the county's own and begins in a yearly window, within that window; how many."""
    today, opened = local(job.as_of).date(), 0
    for process in (one for one in job.pack.processes if one.is_of_county):
        windows = process.first_windows
        years = {today.year, today.year + 1} if process.only_year is None else {process.only_year}
        for year in sorted(years) if windows else ():
            if job.pack.first_year is not None and year < job.pack.first_year:
                continue
            first = min(one.opens.on(year, job.pack.calendar) for one in windows)
            last = max(one.closes.on(year, job.pack.calendar) for one in windows)
            if first <= today <= last:
                opened += len(open_cases(job, process.code, [Matter(COUNTY, year)]))
    return opened


def _inherited(job: Job) -> dict[str, Act]:
    """One act a case that hands an open step of a department which ended to its successor."""
    with job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=job.county_code)
    known, today, found = {one.code for one in job.pack.departments}, local(job.as_of).date(), {}
    for row in rows:
        holder = row["department_code"]
        heir = job.pack.in_charge(holder, on=today) if holder in known else holder
        if heir != holder:
            step = row["step_code"]
            found[row["case_id"]] = Act(Happening.DELEGATED, step, SYSTEM, holder, job.as_of, to_department=heir)
    return found


def _over(job: Job) -> dict[str, Act]:
    """One act a case in which time decides an open step and its period is over."""
    with job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=job.county_code)
        timed = [row for row in rows if process_of(job.pack, row["process_code"]).step(row["step_code"]).decider is Decider.TIME]
        known = cases.events_of(connection, [row["case_id"] for row in timed])
        posted = notices.published(connection)
    found = {}
    for row in timed:
        on_notice = posted.get((row["case_id"], row["round_no"]))
        wanted = _passing(job, row, known[row["case_id"]], published_at=on_notice.at if on_notice else None)
        if wanted is not None:
            found[row["case_id"]] = wanted
    return found


def _passing(job: Job, row: Mapping[str, Any], events: Sequence[Event], *, published_at: str | None) -> Act | None:
    """The act that passes the step at its due moment; None while its period runs or stands still.

    A step that publishes runs from the moment of its notice: without one nothing passes, however many days went by.
    """
    process = process_of(job.pack, row["process_code"])
    step = process.step(row["step_code"])
    clock = next(one for one in reversed(clocks_of(process, events)) if one.code == step.code)
    limit = limit_of(job.pack, process, clock)
    if FormCode.PUBLIC_NOTICE in step.forms:
        if published_at is None:
            return None
        clock.started_at = max(clock.started_at, datetime.fromisoformat(published_at))
    until = due_of(clock, process, limit=limit, year=row["benefit_year"], calendar=job.pack.calendar)
    if until is None or job.as_of < until.at:
        return None
    return Act(Happening.DECIDED, step.code, SYSTEM, step.department_code, until.at, outcome_code=step.outcomes[0].code)


def _tell(job: Job, connection: Connection, action: str, news: Mapping[str, Sequence[Event]]) -> None:
    """One row of the audit chain for everything that was written: how many cases, and the digest of every event."""
    audit.append(connection, [Entry(action, min(news), case_moves.digest_of(news))], at=job.moment, actor=job.actor)
