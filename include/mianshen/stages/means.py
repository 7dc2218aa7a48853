"""means: what a department told of families' incomes is taken, whole or not at all; each family that is told whole is tested.

The test holds exact sums against the living standard of the day of the application; the case goes on with it, and no decision may
say otherwise. What is told twice stands once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mianshen.core.cases import Happening
from mianshen.core.errors import MianshenError
from mianshen.core.means import MeansRules, judge_means
from mianshen.core.moves import Act
from mianshen.documents.filled import Faults, open_sheet
from mianshen.documents.means_sheet import KEY, PAGE_HASH, SHEET, Told, told_of
from mianshen.stages.frame import Job, StageReport
from mianshen.warehouse import audit, case_moves, cases, means
from mianshen.warehouse.audit import Entry
from mianshen.warehouse.ledger import MEANS_ANSWER, MEANS_TEST

STAGE = "means"
LISTED = "means.listed"
"""Action of the audit row behind a request that was given out."""
TAKEN = "means.answered"
"""Action of the audit row behind an answer."""

Row = Mapping[str, Any]


def take_answer(job: Job, content: bytes, *, where: str) -> StageReport:
    """Record the incomes, test each family that is told whole and move its case on, as the job's actor.

    MianshenError SHEET_UNREADABLE, SHEET_FOREIGN, SHEET_CHANGED or SHEET_INVALID says what is wrong, with every cell;
    PROCESS_UNKNOWN where the county checks nobody's means. The same again changes nothing.
    """
    rules = job.pack.means
    if rules is None:
        raise MianshenError("PROCESS_UNKNOWN", found="means.yaml", where=job.pack.name)
    page = open_sheet(content, title=SHEET, where=where)
    with job.ledger.begin() as connection:
        audit.lock_money(connection)
        is_ours = page[KEY] == f"{rules.process_code}|{rules.checked_at}"
        if not is_ours or not audit.stands(connection, action=LISTED, subject=page[PAGE_HASH]):
            raise MianshenError("SHEET_FOREIGN", found=page[KEY][:40] or "?", where=where)
        lines = told_of(page, where=where)
        waiting = _waiting(job, connection, rules)
        fresh = _fresh(connection, lines, waiting, where)
        place = {"recorded_by": job.actor, "recorded_at": job.moment, "sheet_sha256": page.content_sha256}
        rows = [
            {"case_id": one.case_id, "round_no": one.round_no, "member_no": one.member_no, "income_fen": one.income_fen, **place}
            for one in fresh
        ]
        means.write(connection, MEANS_ANSWER, rows)
        done = _tested(job, connection, rules, {one.case_id: waiting[one.case_id] for one in fresh})
        if rows:
            detail = {"members": len(rows), "families": len(done), "sheet_sha256": page.content_sha256}
            audit.append(connection, [Entry(TAKEN, page[PAGE_HASH], detail)], at=job.moment, actor=job.actor)
    counts = {"recorded": len(fresh), "stood": len(lines) - len(fresh), "tested": len(done), "within": sum(done.values())}
    return StageReport(STAGE, None, counts)


def _waiting(job: Job, connection: Connection, rules: MeansRules) -> dict[str, Row]:
    rows = cases.waiting(connection, county_code=job.county_code, process_code=rules.process_code)
    return {row["case_id"]: row for row in rows if row["step_code"] == rules.checked_at}


def _fresh(connection: Connection, lines: Sequence[Told], waiting: Mapping[str, Row], where: str) -> list[Told]:
    """Lines that say something new; MianshenError SHEET_INVALID for what stands differently or waits no more."""
    known, faults, found = means.answers_of(connection, [one.case_id for one in lines]), Faults(), []
    for one in lines:
        before = known.get((one.case_id, one.round_no, one.member_no))
        if before is not None:
            if before["income_fen"] != one.income_fen:
                faults.add(f"J{one.line}", f"已由 {before['recorded_by']} 登记为别的数", "以先登记的为准")
            continue
        if one.case_id not in waiting or waiting[one.case_id]["round_no"] != one.round_no:
            faults.add(f"B{one.line}", "这一次已不在待核对", "重新下载核对请求填写")
            continue
        found.append(one)
    faults.refuse("SHEET_INVALID", where)
    return found


def _tested(job: Job, connection: Connection, rules: MeansRules, waiting: Mapping[str, Row]) -> dict[str, bool]:
    """Test the families of these cases of whom every income is told, and move them on; whether each passed."""
    families = means.members_of(connection, waiting)
    answers, borne = means.answers_of(connection, waiting), means.borne_of(connection, waiting)
    events = cases.events_of(connection, waiting)
    rows, acts, found = [], [], {}
    for case, row in sorted(waiting.items()):
        told = [answers.get((case, row["round_no"], one["member_no"])) for one in families[case]]
        incomes = [one["income_fen"] for one in told if one is not None]
        if len(incomes) < len(told):
            continue
        applied_on = means.applied_at(rules, events[case]).date()
        test = judge_means(rules, incomes, borne_fen=borne.get(case, 0), applied_on=applied_on)
        found[case] = test.is_passed
        said = {"article": rules.standard_on(applied_on).article, "applied_on": applied_on.isoformat(), "tested_at": job.moment}
        rows.append({"case_id": case, "round_no": row["round_no"], **means.columns_of(test), **said})
        decided = (Happening.DECIDED, rules.checked_at, job.actor, row["department_code"], job.as_of, rules.answered_as)
        acts.append((case, Act(*decided)))
    means.write(connection, MEANS_TEST, rows)
    moved = case_moves.move(connection, job.pack, acts) if acts else None
    for one in moved.refused if moved else ():
        raise one.error
    if moved and moved.news:
        entry = Entry("cases.moved", min(moved.news), case_moves.digest_of(moved.news))
        audit.append(connection, [entry], at=job.moment, actor=job.actor)
    return found
