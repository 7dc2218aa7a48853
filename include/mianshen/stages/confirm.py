"""confirm: nobody who was confirmed before has to ask again: lists come in, everybody is matched, lists and rules decide.

What follows from what was delivered: a department's step is done once its lists are accepted; a match opens a case for who fits
the law of the year and one for who fits no more; what a list or a rule decides is decided; the next process takes up who is left
by one; whose own settlements show what a law is for is invited. The same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mianshen.core.cases import SYSTEM, Event, Happening
from mianshen.core.days import local
from mianshen.core.identity import MonthArithmetic, months_before
from mianshen.core.matching import Inviting, Matching
from mianshen.core.moves import Act
from mianshen.core.process import Outcome, Process, Step
from mianshen.policy.eligibility import Confirmation
from mianshen.policy.eligibility_pages import EligibilityPack, load_eligibility
from mianshen.policy.match import Judged, judge, reason_of, when_of
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, candidates, case_moves, cases, matching
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.case_moves import Opening
from mianshen.warehouse.cases import Matter

STAGE = "confirm"
CHANNEL, SEEN = "match", "settlements"
"""How a case came that a match opened, and one that the person's own settlements showed: nobody asked for it."""
FIT, LEFT = "fit", "left"
BY_RULE = "rule"
"""How a list or a rule decides."""

Row = Mapping[str, Any]


def run(job: Job) -> StageReport:
    """Take lists in, match, decide and follow up; counts of each. A county without such steps has nothing to do."""
    counts = {"lists": 0, "fit": 0, "left": 0, "decided": 0, "applied": 0, "followed": 0, "invited": 0}
    if any(one.confirmation_code for one in job.pack.processes):
        law = load_eligibility(job.pack.name, on=job.as_of.date())
        counts["lists"] = _take_lists(job)
        counts["fit"], counts["left"] = _match(job, law)
        counts["decided"] = _decide(job, law)
    counts["applied"] = _take_applications(job)
    counts["followed"] = _follow(job)
    counts["invited"] = sum(_invite(job, one, one.invites) for one in job.pack.processes if one.invites is not None)
    return StageReport(STAGE, None, counts)


def _take_lists(job: Job) -> int:
    """Papers that are lists come with their accepted delivery; a step that has them all is done. How many steps were."""
    done = 0
    for row, step in _waiting(job, lambda step: any(one.list_code for one in step.papers)):
        lists = {one.list_code: one.code for one in step.papers if one.list_code}
        month = _list_month(job, step, row)
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            came = matching.arrived(connection, county_code=job.county_code, month=month, lists=lists)
            acts = list(_list_acts(step, row, {lists[code]: moment for code, moment in came.items()}))
            done += sum(
                one.happening is Happening.DECIDED for one in _moved(job, connection, [(row["case_id"], one) for one in acts])
            )
    return done


def _list_acts(step: Step, row: Row, came: Mapping[str, str]) -> Iterator[Act]:
    """The papers that came, each at its moment, then the step's outcome if nothing is missing; late lists are late."""
    opened = datetime.fromisoformat(row["opened_at"])
    moments = {paper: max(datetime.fromisoformat(moment), opened) for paper, moment in came.items()}
    for paper, moment in sorted(moments.items(), key=lambda one: (one[1], one[0])):
        yield Act(Happening.PAPERS, step.code, SYSTEM, row["department_code"], moment, papers=(paper,))
    outcome = next((one for one in step.outcomes if one.needs_papers), None)
    if outcome is not None and moments and not step.missing(frozenset(moments)):
        at = max(moments.values())
        yield Act(Happening.DECIDED, step.code, SYSTEM, row["department_code"], at, outcome.code)


def _list_month(job: Job, step: Step, row: Row) -> str:
    """The month whose lists the step takes: that of the last day of its window, else that of its opening."""
    if step.window is None:
        return str(row["opened_at"])[:7]
    return step.window.closes.on(row["benefit_year"], job.pack.calendar).isoformat()[:7]


def _match(job: Job, law: EligibilityPack) -> tuple[int, int]:
    """Open a case for everybody who was confirmed in an earlier year; how many fit, and how many fit no more."""
    fit = left = 0
    for row, step in _begun(job, _waiting(job, lambda step: step.matches is not None)):
        found = step.matches
        if found is None:
            raise AssertionError("a step without a match was chosen")
        judged = list(_judged(job, law, law.confirmation(found.confirmation_code), year=row["benefit_year"]))
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            for verdict, code in ((FIT, found.fit), (LEFT, found.left)):
                mine = [one for one in judged if one.is_fit is (verdict == FIT)]
                _open_matched(job, connection, (found, verdict, code), mine, year=row["benefit_year"])
            act = Act(Happening.DECIDED, step.code, SYSTEM, row["department_code"], job.as_of, found.outcome_code, how=BY_RULE)
            _moved(job, connection, [(row["case_id"], act)])
        fit += sum(one.is_fit for one in judged)
        left += sum(not one.is_fit for one in judged)
    return fit, left


def _open_matched(
    job: Job, connection: Connection, what: tuple[Matching, str, str], judged: Sequence[Judged], *, year: int
) -> None:
    """Open the cases of one verdict and keep why."""
    found, verdict, code = what
    process = job.pack.process(code)
    matters = {
        cases.case_id(job.county_code, code, matter): (one, matter)
        for one in judged
        for matter in [Matter(one.person_key, year, person_key=one.person_key, channel=CHANNEL, town=one.known.town)]
    }
    wanted = [Opening(matter) for _, matter in matters.values()]
    news = case_moves.open_cases(connection, job.pack, process, wanted, at=job.as_of, actor=job.actor)
    rows = [
        {
            "case_id": key,
            "verdict": verdict,
            "confirmation_code": found.confirmation_code,
            "item_codes": ",".join(sorted(matters[key][0].decided)),
            "refusals": ",".join(matters[key][0].refusals),
            "left_lists": ",".join(f"{code}:{day}" for code, day in matters[key][0].known.left(job.as_of.date())),
            "matched_at": job.moment,
            "matched_by": job.actor,
        }
        for key in news
    ]
    matching.keep(connection, rows)
    _tell(job, connection, "cases.opened", news)


def _decide(job: Job, law: EligibilityPack) -> int:
    """Decide the steps that lists and rules decide, from the first day of their window on; how many decisions."""
    waiting = _begun(job, _waiting(job, lambda step: any(one.when for one in step.outcomes)))
    if not waiting:
        return 0
    with job.ledger.connect() as connection:
        rows = cases.cases_of(connection, {row["case_id"] for row, _ in waiting})
    persons = {row["case_id"]: row["person_key"] for row in rows}
    acts = []
    for process in job.pack.processes:
        mine = [(row, step) for row, step in waiting if row["process_code"] == process.code]
        if mine and process.confirmation_code is not None:
            acts += list(_acts(job, law, process, mine, persons))
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        return sum(one.happening is Happening.DECIDED for one in _moved(job, connection, _refusals_last(acts)))


def _acts(
    job: Job, law: EligibilityPack, process: Process, waiting: Sequence[tuple[Row, Step]], persons: Mapping[str, str | None]
) -> Iterator[tuple[str, Act, Outcome]]:
    of, today = law.confirmation(process.confirmation_code or ""), job.as_of.date()
    judged = {
        (one.person_key, year): one
        for year in sorted({row["benefit_year"] for row, _ in waiting})
        for one in _judged(job, law, of, year=year)
    }
    listers = {one.code: job.pack.in_charge(one.department_code, on=today) for one in job.pack.plan.categories}
    for row, step in waiting:
        one = judged.get((persons[row["case_id"]] or "", row["benefit_year"]))
        own = job.pack.in_charge(step.department_code, on=today)
        when = when_of(step, of, one, listers=listers, holder=own, on=today)
        outcome = next(two for two in step.outcomes if two.when is when)
        decided = (Happening.DECIDED, step.code, SYSTEM, row["department_code"], job.as_of, outcome.code)
        yield row["case_id"], Act(*decided, reason_code=reason_of(of, outcome, one), how=BY_RULE), outcome


def _refusals_last(acts: Sequence[tuple[str, Act, Outcome]]) -> list[tuple[str, Act]]:
    """In each case what agrees first, then one refusal, which ends it: every department that had decided is on record."""
    found = [(key, act) for key, act, outcome in acts if outcome.ends is None]
    ending = {key: act for key, act, outcome in reversed(acts) if outcome.ends is not None}
    return [*found, *ending.items()]


def _take_applications(job: Job) -> int:
    """Open a case for each person and item that came by a channel; by several channels it is one. How many."""
    opened = 0
    for process in job.pack.processes:
        by_list = {one.list_code: one.code for one in process.channels}
        rows = matching.applied(job.lake, county_code=job.county_code, lists=by_list) if by_list else []
        wanted = [
            Opening(
                Matter(
                    row["person_key"],
                    int(row["list_month"][:4]),
                    person_key=row["person_key"],
                    channel=by_list[row["list_code"]],
                    town=row["town"],
                    item_code=row["item_code"],
                )
            )
            for row in rows
        ]
        first = {(one.matter.subject, one.matter.benefit_year): one for one in reversed(wanted)}
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            news = case_moves.open_cases(connection, job.pack, process, list(first.values()), at=job.as_of, actor=job.actor)
            _tell(job, connection, "cases.opened", news)
        opened += len(news)
    return opened


def _follow(job: Job) -> int:
    """Open the next case of everybody whose case ended in a way that says so; how many."""
    opened = 0
    ends = ((process, end, end.followed_by) for process in job.pack.processes for end in process.ends if end.followed_by)
    for process, end, follower in ends:
        with job.ledger.begin() as connection:
            audit.lock_money(connection)
            which = {"process_code": process.code, "end_code": end.code, "followed_by": follower}
            rows = matching.ended_as(connection, county_code=job.county_code, **which)
            wanted, next_one = [Opening(cases.matter_of(row)) for row in rows], job.pack.process(follower)
            news = case_moves.open_cases(connection, job.pack, next_one, wanted, at=job.as_of, actor=job.actor)
            _tell(job, connection, "cases.opened", news)
            opened += len(news)
    return opened


def _invite(job: Job, process: Process, asked: Inviting) -> int:
    """Open a case for everybody whose own settlements show an item of the law, who neither has it nor asked; how many."""
    of, today = (
        load_eligibility(job.pack.name, on=job.as_of.date()).confirmation(asked.confirmation_code),
        local(job.as_of).date(),
    )
    months, level = of.evidence
    since = months_before(today, months, MonthArithmetic.CLAMP)
    bound = candidates.parameters_of(of.signs, of.covered, since_on=since, as_of=today, least_level=level)
    rows = candidates.invitable(job.lake, bound, county_code=job.county_code)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        matters = candidates.unasked(
            connection, rows, county_code=job.county_code, process_code=asked.process_code, year=today.year, channel=SEEN
        )
        wanted = [Opening(one) for one in matters]
        news = case_moves.open_cases(connection, job.pack, process, wanted, at=job.as_of, actor=job.actor)
        _tell(job, connection, "cases.opened", news)
    return len(news)


def _judged(job: Job, law: EligibilityPack, of: Confirmation, *, year: int) -> Iterator[Judged]:
    """Everybody who was confirmed earlier before the law of the year, as the lists stand now."""
    people = matching.known_people(
        job.lake,
        county_code=job.county_code,
        known_at=job.moment,
        items=of.earlier_items,
        categories=of.counting_categories,
    )
    return judge(of, people, benefit_year=year, on=job.as_of.date(), earlier_years=law.earlier_years)


def _waiting(job: Job, wanted: Callable[[Step], bool]) -> list[tuple[Row, Step]]:
    """Open steps of this kind, with their step."""
    with job.ledger.connect() as connection:
        rows = cases.waiting(connection, county_code=job.county_code)
    known = {one.code: one for one in job.pack.processes}
    found = [(row, known[row["process_code"]].step(row["step_code"])) for row in rows if row["process_code"] in known]
    return [(row, step) for row, step in found if wanted(step)]


def _begun(job: Job, waiting: Sequence[tuple[Row, Step]]) -> list[tuple[Row, Step]]:
    """Those whose window has begun."""
    today, calendar = local(job.as_of).date(), job.pack.calendar
    return [
        (row, step)
        for row, step in waiting
        if step.window is None or step.window.opens.on(row["benefit_year"], calendar) <= today
    ]


def _moved(job: Job, connection: Connection, acts: Sequence[tuple[str, Act]]) -> list[Event]:
    """The events of the acts, told to the audit chain; what stands still waits, any other act that cannot be stops everything."""
    if not acts:
        return []
    found = case_moves.move(connection, job.pack, acts)
    for one in found.refused:
        if one.error.code != "STEP_PAUSED":
            raise one.error
    _tell(job, connection, "cases.moved", found.news)
    return [event for events in found.news.values() for event in events]


def _tell(job: Job, connection: Connection, action: str, news: Mapping[str, Sequence[Event]]) -> None:
    """One row of the audit chain for everything that was written."""
    if news:
        audit.append(connection, [Entry(action, min(news), case_moves.digest_of(news))], at=job.moment, actor=job.actor)
