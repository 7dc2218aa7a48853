"""What a form says of its matter, before anybody is named: read from the ledger by form, one `Matter` a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mianshen.core.cases import Happening, state_of
from mianshen.core.codes import reason
from mianshen.core.decisions import Outcome
from mianshen.core.digest import short_id
from mianshen.core.errors import MianshenError
from mianshen.core.exceptional import BENEFIT, NAME_ZH
from mianshen.core.forms import FormCode
from mianshen.core.late_news import CAUSES
from mianshen.core.money import show_yuan
from mianshen.documents.batch_sheet import sheet_lines
from mianshen.documents.form import FormTable, day_zh, days_zh
from mianshen.stages.frame import Job
from mianshen.warehouse import cases, paper_facts, payments, recoveries

SILENT = frozenset({"DEPARTMENT_WAITING", "NET_NOT_POSITIVE", "PAYEE_DEAD"})
"""Holds of which nobody is written to: nothing for the person to do, or nobody to read it."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a form says of one person's matter."""

    person_key: str
    """Whose."""
    number: str
    """Receipt, case or payment."""
    moment: str
    """ISO moment of the matter itself: prints of any day bear the same date."""
    facts: tuple[tuple[str, str], ...]
    """Label and value, behind name and id number."""
    words: Mapping[str, str]
    """What is filled into the sentences, beside county, number and day."""
    tables: tuple[FormTable, ...]
    """What was decided, paid or is missing."""


def matters_of(job: Job, code: FormCode, number: str) -> list[Matter]:
    """The matters that the form is about; none when there is nothing that it could say."""
    reader = READERS.get(code)
    return reader(job, number) if reader else []


def _approval_form(job: Job, number: str) -> list[Matter]:
    application, items, lines = _application(job, number)
    if application is None:
        return []
    total = sum(row["amount_fen"] for row in lines)
    return [
        Matter(
            person_key=application["person_key"],
            number=application["receipt_no"],
            moment=application["applied_at"],
            facts=(*_person_facts(job, items), ("核定金额(元)", show_yuan(total))),
            words={"amount": show_yuan(total)},
            tables=(
                FormTable("核定明细", ("部门", "待遇", "对象类别", "笔数", "金额(元)", "依据"), _award_rows(job, lines)),
                FormTable("部门意见", ("部门", "金额(元)", "意见", "理由", "审批人", "时间"), _decision_rows(job, items)),
            ),
        )
    ]


def _acceptance(job: Job, number: str) -> list[Matter]:
    application, items, _ = _application(job, number)
    if application is None:
        return _accepted_case(job, number)
    rows = tuple((job.pack.department(row["department_code"]).name_zh, f"{row['events']}", "待审批") for row in items)
    table = FormTable("办理部门", ("部门", "笔数", "环节"), rows)
    moment = application["applied_at"]
    facts = (*_person_facts(job, items), ("受理时间", _minute(moment)))
    return [Matter(application["person_key"], application["receipt_no"], moment, facts, {}, (table,))]


def _accepted_case(job: Job, number: str) -> list[Matter]:
    with job.ledger.connect() as connection:
        known = [row for row in cases.cases_of(connection, [number]) if row["county_code"] == job.county_code]
        events = cases.events_of(connection, [number])[number]
    if not known or known[0]["person_key"] is None:
        return []
    row = known[0]
    process = job.pack.process(row["process_code"])
    names = {one.code: one.name_zh for step in process.steps for one in step.papers}
    came = [(one.at, code) for one in events if one.happening is Happening.PAPERS for code in one.papers]
    rows = tuple((names.get(code, code), _minute(at.isoformat())) for at, code in came)
    table = FormTable("已收材料", ("材料", "收到时间"), rows)
    facts: tuple[tuple[str, str], ...] = (("事项", process.name_zh), ("受理时间", _minute(row["opened_at"])))
    if process.whole_limit is not None:
        facts = (*facts, ("办理时限", job.pack.time_limit(process.whole_limit).name_zh))
    return [Matter(row["person_key"], number, row["opened_at"], facts, {}, (table,) if rows else ())]


def _missing_papers(job: Job, number: str) -> list[Matter]:
    """Every required paper that is missing in the steps open or waiting for papers: all of them, in the order of the page."""
    with job.ledger.connect() as connection:
        known = [row for row in cases.cases_of(connection, [number]) if row["county_code"] == job.county_code]
        events = cases.events_of(connection, [number])[number]
    if not known or known[0]["person_key"] is None:
        return []
    process, state = job.pack.process(known[0]["process_code"]), state_of(events)
    steps = process.waiting_for_papers(state.open)
    missing = [(step, paper) for step in steps for paper in step.missing(frozenset(state.papers[step.code]))]
    if not missing:
        return []
    told = next((one.at for one in reversed(events) if one.happening is not Happening.CANCELLED), job.as_of).isoformat()
    rows = tuple((f"{place}", paper.name_zh, step.name_zh) for place, (step, paper) in enumerate(missing, 1))
    step_zh = "、".join(dict.fromkeys(step.name_zh for step, _ in missing))
    facts = (("事项", process.name_zh), ("缺少材料", f"{len(rows)} 份"))
    table = FormTable("须补正的材料", ("序号", "材料", "环节"), rows)
    return [Matter(known[0]["person_key"], number, told, facts, {"step": step_zh}, (table,))]


def _paid(job: Job, number: str) -> list[Matter]:
    return _payments(job, number, state="paid")


def _returned(job: Job, number: str) -> list[Matter]:
    """Of payments that the bank gave back; whom to call stands in the pack's page of messages."""
    phone = job.pack.messages.phone if job.pack.messages is not None else "—"
    found = _payments(job, number, state="returned")
    return [replace(one, words={**one.words, "phone": phone}) for one in found]


def _payments(job: Job, number: str, *, state: str) -> list[Matter]:
    with job.ledger.connect() as connection:
        rows = paper_facts.payments_so(connection, number, county_code=job.county_code, state=state)
        lines = [
            line for batch in {row["payment_batch_id"]: None for row in rows} for line in payments.lines_of(connection, batch)
        ]
    found = []
    for row in rows:
        own = sheet_lines([line for line in lines if line["payment_id"] == row["payment_id"]], pack=job.pack)
        told = tuple((one.department_zh, one.benefit_zh, f"{one.events}", show_yuan(one.amount_fen), one.article) for one in own)
        total = show_yuan(row["amount_fen"])
        facts = (("发放金额(元)", total), ("发放日期", day_zh(row["sent_at"])))
        table = FormTable("金额构成", ("部门", "待遇", "笔数", "金额(元)", "依据"), told)
        words = {"amount": total, "batch": row["payment_batch_id"]}
        found.append(Matter(row["payee_key"], row["payment_id"], row["sent_at"], facts, words, (table,)))
    return found


def _refused(job: Job, number: str) -> list[Matter]:
    application, items, _ = _application(job, number)
    refused = [row for row in items if row["outcome"] == Outcome.REFUSE]
    if application is None or not refused:
        return []
    rows = tuple(
        (
            job.pack.department(row["department_code"]).name_zh,
            show_yuan(row["amount_fen"]),
            reason(row["reason_code"]).zh,
            reason(row["reason_code"]).remedy_zh,
        )
        for row in refused
    )
    table = FormTable("不予救助的事项", ("决定部门", "涉及金额(元)", "理由", "您可以"), rows)
    moment = max(row["decided_at"] for row in refused)
    facts = (*_person_facts(job, items), ("决定日期", day_zh(moment)))
    return [Matter(application["person_key"], application["receipt_no"], moment, facts, {}, (table,))]


def _stopped(job: Job, number: str) -> list[Matter]:
    """Of one person, or of everybody when the number is the county's code: money that was agreed and stays."""
    with job.ledger.connect() as connection:
        holds = payments.standing_holds(connection, county_code=job.county_code)
    found = []
    for payee in sorted({row["payee_key"] for row in holds if number in (row["payee_key"], job.county_code)}):
        own = [row for row in holds if row["payee_key"] == payee and row["reason_code"] not in SILENT and row["amount_fen"] > 0]
        if not own:
            continue
        rows = tuple((reason(row["reason_code"]).zh, reason(row["reason_code"]).remedy_zh, day_zh(row["since"])) for row in own)
        total, since = show_yuan(max(row["amount_fen"] for row in own)), max(row["since"] for row in own)
        table = FormTable("暂停原因", ("原因", "怎样解决", "起始日期"), rows)
        found.append(Matter(payee, short_id("H", payee, since), since, (("暂停金额(元)", total),), {"amount": total}, (table,)))
    return found


def _recovery(job: Job, number: str) -> list[Matter]:
    """Of one recovery that is asked for, by its number or its case: what was paid, what is due, and why, event by event."""
    with job.ledger.connect() as connection:
        known = recoveries.of_county(connection, county_code=job.county_code)
        row = next((one for one in known if number in (one["recovery_id"], one["case_id"]) and one["case_id"]), None)
        lines = [] if row is None else recoveries.lines_of(connection, row["recovery_id"])
        parts = [] if row is None else recoveries.parts_of(connection, row["recovery_id"])
    if row is None:
        return []
    benefits = {one.code: one.name_zh for one in job.pack.plan.benefits}
    departments = {one.code: one.name_zh for one in job.pack.departments}
    told = tuple(
        (
            line["event_id"] or f"{line['benefit_year']} 年度合计",
            benefits.get(str(line["benefit_code"]), str(line["benefit_code"])),
            departments.get(str(line["department_code"]), str(line["department_code"])),
            show_yuan(line["amount_fen"]),
        )
        for line in lines
    )
    total = show_yuan(row["amount_fen"])
    facts = (
        ("多付原因", CAUSES[row["cause"]][0]),
        ("应退金额(元)", total),
        ("已结清(元)", show_yuan(row["settled_fen"])),
        ("查明日期", day_zh(row["found_at"])),
    )
    tables = [FormTable("金额构成(负数为核减)", ("结算编号", "待遇", "部门", "金额(元)"), told)]
    if parts:
        due = tuple((f"{one['part_no']}", day_zh(one["due_on"]), show_yuan(one["amount_fen"])) for one in parts)
        tables.append(FormTable("分期退回", ("期次", "到期日", "金额(元)"), due))
    words = {"amount": total, **_repaying(job)}
    return [Matter(row["person_key"], row["recovery_id"], row["found_at"], facts, words, tuple(tables))]


def _repaying(job: Job) -> dict[str, str]:
    """Within how many `days`, and at which `department`, money is given back: of the step that the letter's step opens."""
    rules = job.pack.recovery
    if rules is None:
        raise MianshenError("PAPER_NOTHING", found="recovery.yaml", where=job.pack.name)
    process = job.pack.process(rules.process_code)
    steps = {one.code: one for one in process.steps}
    opened = [code for one in process.steps if FormCode.RECOVERY in one.forms for said in one.outcomes for code in said.opens]
    repay = steps[opened[0]]
    return {
        "days": days_zh(job.pack.time_limit(repay.limit_code or "")),
        "department": job.pack.department(repay.department_code).name_zh,
    }


READERS: Mapping[FormCode, Callable[[Job, str], list[Matter]]] = {
    FormCode.APPROVAL_FORM: _approval_form,
    FormCode.ACCEPTANCE: _acceptance,
    FormCode.MISSING_PAPERS: _missing_papers,
    FormCode.PAID: _paid,
    FormCode.RETURNED: _returned,
    FormCode.REFUSED: _refused,
    FormCode.STOPPED: _stopped,
    FormCode.RECOVERY: _recovery,
}
"""How each form finds what it says."""


def _application(job: Job, number: str) -> tuple[Row | None, list[dict[str, Any]], list[dict[str, Any]]]:
    with job.ledger.connect() as connection:
        application = paper_facts.application_of(connection, number, county_code=job.county_code)
        if application is None:
            return None, [], []
        key = application["application_id"]
        return application, paper_facts.decided_items(connection, key), paper_facts.posted(connection, key)


def _person_facts(job: Job, items: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    names = {one.code: one.name_zh for one in job.pack.plan.categories}
    categories = "、".join(dict.fromkeys(names.get(str(row["category_code"]), str(row["category_code"])) for row in items))
    towns = "、".join(dict.fromkeys(row["town"] for row in items if row["town"])) or "—"
    return (("对象类别", categories), ("镇街", towns))


def _award_rows(job: Job, lines: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    names = {one.code: one.name_zh for one in job.pack.plan.categories}
    benefits = {one.code: one.name_zh for one in job.pack.plan.benefits} | {BENEFIT: NAME_ZH}
    articles = {one.clause_id: f"{one.document} {one.article}" for one in job.pack.plan.clauses}
    return tuple(
        (
            job.pack.department(row["department_code"]).name_zh,
            benefits.get(str(row["benefit_code"]), str(row["benefit_code"])),
            names.get(str(row["category_code"]), str(row["category_code"])),
            f"{row['events']}",
            show_yuan(row["amount_fen"]),
            articles.get(str(row["clause_id"]), str(row["clause_id"])),
        )
        for row in lines
    )


def _decision_rows(job: Job, items: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            job.pack.department(row["department_code"]).name_zh,
            show_yuan(row["amount_fen"]),
            Outcome(row["outcome"]).name_zh if row["outcome"] else "待审批",
            reason(row["reason_code"]).zh if row["reason_code"] else "",
            row["decided_by"] or "",
            _minute(row["decided_at"]) if row["decided_at"] else "",
        )
        for row in items
    )


def _minute(moment: str) -> str:
    return f"{day_zh(moment)} {moment[11:16]}"
