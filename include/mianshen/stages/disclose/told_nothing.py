"""为什么没有钱: for each item and bill of a person without money, or without money yet, what is so and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from mianshen.core.decisions import Outcome
from mianshen.core.money import show_yuan
from mianshen.core.window import Answer, answer
from mianshen.documents.form import day_zh
from mianshen.stages.disclose.told_money import Names
from mianshen.warehouse.person_facts import PersonFacts
from mianshen.warehouse.person_money import PersonMoney

Row = Mapping[str, Any]
_WAITING = "DEPARTMENT_WAITING"


def told_items(money: PersonMoney, names: Names) -> list[Answer]:
    """Of every item that waits, was refused or was sent back: which department, since when, until when."""
    due = {row["subject_id"]: row["due_on"] for row in money.clocks if row["time_limit_code"] == "approve_relief"}
    return [_item(row, due, names) for row in money.items if row["outcome"] != Outcome.AGREE]


def _item(row: Row, due: Mapping[str, str], names: Names) -> Answer:
    department = names.departments.get(row["department_code"], row["department_code"])
    total = show_yuan(row["amount_fen"])
    facts = (
        ("受理号", row["receipt_no"]),
        ("受理日期", day_zh(row["applied_at"])),
        ("部门", department),
        ("金额", f"{total} 元"),
    )
    if row["outcome"] is None:
        last = due.get(row["approval_batch_id"], "")
        until_zh = f",最晚 {day_zh(last)} 前办结" if last else ""
        made = answer(
            _WAITING,
            more_zh=f"{department}自 {day_zh(row['opened_at'])} 起审批 {total} 元{until_zh}。",
            more_en=f"{row['department_code']}: {total} yuan since {row['opened_at'][:10]}{f', due {last}' if last else ''}.",
            amount_fen=row["amount_fen"],
        )
        return replace(made, subject=row["receipt_no"], on=row["opened_at"][:10], due_on=last, facts=facts)
    is_refused = row["outcome"] == Outcome.REFUSE
    word_zh, word_en = ("不予救助", "refused") if is_refused else ("退回补正", "sent back for papers")
    made = answer(
        row["reason_code"],
        more_zh=f"{department}{day_zh(row['decided_at'])}{word_zh},涉及 {total} 元。",
        more_en=f"{row['department_code']} {word_en} {total} yuan on {row['decided_at'][:10]}.",
        amount_fen=row["amount_fen"],
    )
    return replace(made, subject=row["receipt_no"], on=row["decided_at"][:10], facts=facts)


def told_holds(money: PersonMoney) -> list[Answer]:
    """Why agreed money did not leave; that a department is waited for is told of its item."""
    return [
        replace(
            answer(
                row["reason_code"],
                more_zh=f"{show_yuan(row['amount_fen'])} 元自 {day_zh(row['since'])} 起未发放。",
                more_en=f"{show_yuan(row['amount_fen'])} yuan since {row['since'][:10]}.",
                amount_fen=row["amount_fen"],
            ),
            on=row["since"][:10],
        )
        for row in money.holds
        if row["reason_code"] != _WAITING
    ]


def told_unsent(money: PersonMoney) -> list[Answer]:
    """Agreed money that no payment carries and no hold explains: it goes with the next batch."""
    carried: dict[str, int] = {}
    for row in money.lines:
        if row["is_live"]:
            carried[row["award_id"]] = carried.get(row["award_id"], 0) + row["line_fen"]
    rest = [
        (row, row["amount_fen"] - carried.get(row["award_id"], 0))
        for row in money.postings
        if row["kind"] == "award" and row["fate"] == "effective"
    ]
    fen = sum(left for _, left in rest) + sum(row["amount_fen"] for row in money.recoveries)
    if fen <= 0 or money.holds or any(row["outcome"] is None for row in money.items):
        return []
    total = show_yuan(fen)
    return [answer("PAYMENT_NOT_MADE", more_zh=f"{total} 元随下一批次发放。", more_en=f"{total} yuan.", amount_fen=fen)]


def told_bills(facts: PersonFacts, money: PersonMoney, names: Names, *, go_live_on: date | None) -> list[Answer]:
    """Of every bill without relief, or whose relief waits: why, by which clause, and the smallest change that would help."""
    posted = {row["event_id"] for row in money.postings if row["kind"] == "award"}
    said: dict[str, list[Row]] = {}
    for row in facts.records:
        said.setdefault(row["event_id"] or "", []).append(row)
    due = {row["subject_id"].split("|")[1]: row["due_on"] for row in facts.reviews}
    found = []
    for bill in facts.care:
        code = _bill_code(bill, said.get(bill["event_id"], ()), is_posted=bill["event_id"] in posted, go_live_on=go_live_on)
        if code:
            last = due.get(bill["event_id"]) or due.get(bill["delivery_id"] or "", "")
            found.append(_bill(bill, said.get(bill["event_id"], ()), code, last, names))
    return found


def _bill_code(bill: Row, records: Sequence[Row], *, is_posted: bool, go_live_on: date | None) -> str:
    """Why the bill brought nothing, or not yet; empty for one whose money is told elsewhere."""
    if bill["state"] != "LIVE":
        return str(bill["reason_code"])
    late = next((row for row in records if row["is_held"] or row["outcome"] == "HELD"), None)
    if late is not None:
        return str(late["reason_code"] or "IDENTITY_PROVISIONAL")
    got = sum(row["amount_fen"] or 0 for row in records)
    if got and not is_posted:
        return "OPENING_COUNTED" if go_live_on is not None and bill["settled_on"] < go_live_on else "APPLICATION_DUE"
    if got or not records:
        return "" if records else "APPLICATION_DUE"
    return next(
        (str(row["reason_code"]) for row in records if row["reason_code"]), "MET_EARLIER" if is_posted else "BELOW_ONE_FEN"
    )


def _bill(bill: Row, records: Sequence[Row], code: str, due_on: str, names: Names) -> Answer:
    cost = bill["medfee_sumamt"]
    on = str(bill["settled_on"])
    cost_zh = "" if cost is None else f",总费用 {show_yuan(cost)} 元"
    last_zh = f"最晚 {day_zh(due_on)} 前有结论。" if due_on else ""
    made = answer(
        code,
        more_zh=f"{day_zh(on)}结算的费用 {bill['event_id']}{cost_zh}。{last_zh}",
        more_en=f"Bill {bill['event_id']} settled on {on}{'' if cost is None else f', {show_yuan(cost)} yuan'}.",
    )
    base = next((row["base_fen"] for row in records if row["base_fen"] is not None), None)
    window = sum(row["window_fen"] or 0 for row in records) or (bill["maf_pay"] or 0)
    facts = [("就诊", f"{bill['since']} — {bill['until_on']}"), ("数据来源", f"{bill['delivery_id']} 第 {bill['line_no']} 行")]
    facts += [("救助基数", f"{show_yuan(base)} 元")] if base is not None else []
    facts += [("医院窗口已付", f"{show_yuan(window)} 元")] if window else []
    facts += [("依据", names.clauses[row["clause_id"]]) for row in records[:1] if row["clause_id"] in names.clauses]
    sentences = [row[name] for row in records for name in ("sentence_zh", "change_zh") if row[name]]
    amounts = {one for one in (cost, base, window, bill["inscp_scp_amt"]) if one}
    return replace(
        made,
        subject=bill["event_id"],
        on=on,
        due_on=due_on,
        facts=tuple(facts),
        sentences=tuple(dict.fromkeys(sentences)),
        amounts=frozenset(amounts | {abs(row["amount_fen"]) for row in records if row["amount_fen"]}),
    )


def told_of(months: Iterable[tuple[str, str]], answers: Sequence[Answer]) -> list[Answer]:
    """The answers with what is known of the months beside those that rest on no list."""
    known = dict(months)
    return [
        replace(one, facts=(*one.facts, (f"{one.on[:7]} 名单", known[one.on[:7]])))
        if one.code == "NO_CATEGORY" and one.on[:7] in known
        else one
        for one in answers
    ]
