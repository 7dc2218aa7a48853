"""What a form says of a case that is no application of relief: a matter that was refused step by step, with its reasons."""

from __future__ import annotations

from mianshen.core.cases import Event, Happening, state_of
from mianshen.core.codes import reason
from mianshen.core.forms import FormCode
from mianshen.core.means import MeansTest
from mianshen.core.money import show_yuan
from mianshen.core.process import Process
from mianshen.documents.form import FormTable, day_zh
from mianshen.stages.disclose import matters
from mianshen.stages.disclose.matters import Matter
from mianshen.stages.frame import Job
from mianshen.warehouse import cases, means


def matters_of(job: Job, code: FormCode, number: str) -> list[Matter]:
    """The matters that the form is about, an application's first; none when there is nothing that it could say."""
    found = matters.matters_of(job, code, number)
    return _refused(job, number) if code is FormCode.REFUSED and not found else found


def _refused(job: Job, number: str) -> list[Matter]:
    """Of a case in which a step stands refused: by whom, why and what the person can do."""
    with job.ledger.connect() as connection:
        known = [row for row in cases.cases_of(connection, [number]) if row["county_code"] == job.county_code]
        events = cases.events_of(connection, [number])[number]
        test = means.tests_of(connection, [number]).get(number)
    if not known or known[0]["person_key"] is None or known[0]["process_code"] not in {one.code for one in job.pack.processes}:
        return []
    process = job.pack.process(known[0]["process_code"])
    standing = _refusals(process, events)
    if not standing:
        return []
    rows = tuple(
        (
            job.pack.department(one.department_code).name_zh,
            process.step(one.step_code).name_zh,
            reason(one.reason_code).zh if one.reason_code else "—",
            reason(one.reason_code).remedy_zh if one.reason_code else "—",
        )
        for one in standing
    )
    moment = max(one.at for one in standing).isoformat(timespec="seconds")
    facts: tuple[tuple[str, str], ...] = (
        ("事项", process.name_zh),
        ("镇街", known[0]["town"] or "—"),
        ("决定日期", day_zh(moment)),
    )
    facts += () if test is None else (("家庭经济状况核对", _tested_zh(means.test_of(test))),)
    table = FormTable("不予通过的事项", ("决定部门", "环节", "理由", "您可以"), rows)
    return [Matter(known[0]["person_key"], number, moment, tuple(facts), {}, (table,))]


def _tested_zh(test: MeansTest) -> str:
    """What the check of the family's means found, with its line."""
    income = f"共同生活 {test.people} 人,此前 {test.months} 个月收入合计 {show_yuan(test.income_fen)} 元"
    income += f",人均月收入 {show_yuan(test.per_head_fen)} 元"
    line = f"申请之日低保标准 {show_yuan(test.standard_fen)} 元的 {test.times} 倍为 {show_yuan(test.line_fen)} 元"
    return f"{income};{line};因病支出 {show_yuan(test.borne_fen)} 元"


def _refusals(process: Process, events: list[Event]) -> list[Event]:
    """The decisions that stand and refuse, in the order in which they were made."""
    passed = state_of(events).passed
    return [
        one
        for one in events
        if one.happening is Happening.DECIDED
        and one.step_code in passed
        and (passed[one.step_code].at, passed[one.step_code].outcome_code) == (one.at, one.outcome_code)
        and (outcome := process.step(one.step_code).outcome(one.outcome_code)) is not None
        and outcome.refuses
    ]
