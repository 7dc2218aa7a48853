"""What a form says of a case that is no application of relief: a matter that was refused step by step, with its reasons."""

from __future__ import annotations

from mianshen.core.cases import SYSTEM, Event, Happening, state_of
from mianshen.core.codes import reason
from mianshen.core.forms import FormCode
from mianshen.core.means import MeansTest
from mianshen.core.money import show_yuan
from mianshen.core.process import Process
from mianshen.documents.form import FormTable, day_zh
from mianshen.stages.disclose import matters
from mianshen.stages.disclose.matters import Matter
from mianshen.stages.frame import Job
from mianshen.warehouse import cases, matching, means


def matters_of(job: Job, code: FormCode, number: str) -> list[Matter]:
    """The matters that the form is about, an application's first; none when there is nothing that it could say."""
    found = matters.matters_of(job, code, number)
    own = {FormCode.REFUSED: _refused, FormCode.APPROVAL_FORM: _approved}.get(code)
    return found if found or own is None else own(job, number)


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


def _approved(job: Job, number: str) -> list[Matter]:
    """Of a case that has come to the step which prints its form: every department's decision; of no amount."""
    with job.ledger.connect() as connection:
        known = [row for row in cases.cases_of(connection, [number]) if row["county_code"] == job.county_code]
        events = cases.events_of(connection, [number])[number]
        said = matching.matched(connection, [number]).get(number)
    if not known or known[0]["person_key"] is None or known[0]["process_code"] not in {one.code for one in job.pack.processes}:
        return []
    process, state = job.pack.process(known[0]["process_code"]), state_of(events)
    printing = [one for one in process.steps if FormCode.APPROVAL_FORM in one.forms]
    come = [one for one in printing if one.code in state.open or one.code in state.passed]
    if not come:
        return []
    deciders = {code for one in come for code in one.needs}
    decided = [one for one in events if one.happening is Happening.DECIDED and one.step_code in deciders]
    rows = tuple(
        (
            job.pack.department(one.department_code).name_zh,
            process.step(one.step_code).name_zh,
            outcome.name_zh if (outcome := process.step(one.step_code).outcome(one.outcome_code)) else one.outcome_code,
            "系统" if one.actor == SYSTEM else one.actor,
            day_zh(one.at.isoformat()),
        )
        for one in decided
    )
    items = known[0]["item_code"] or (said["item_codes"] if said else "")
    moment = max(one.at for one in decided).isoformat(timespec="seconds")
    facts = (
        ("事项", process.name_zh),
        ("病种", "、".join(job.pack.item_name(code) for code in items.split(",") if code) or "—"),
        ("镇街", known[0]["town"] or "—"),
        ("救治年度", str(known[0]["benefit_year"])),
    )
    table = FormTable("部门意见", ("部门", "环节", "意见", "审批人", "日期"), rows)
    return [Matter(known[0]["person_key"], number, moment, facts, {}, (table,))]


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
