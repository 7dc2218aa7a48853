"""这笔钱是什么: what each payment to a person, or for the person, is made of, and what was settled beside payments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from mianshen.core.late_news import CAUSES
from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack
from mianshen.core.shares import RELATIONS_ZH, RelationKind
from mianshen.core.window import Answer, answer
from mianshen.documents.batch_sheet import OTHER_ZH
from mianshen.documents.form import day_zh
from mianshen.warehouse.person_money import PersonMoney

Row = Mapping[str, Any]
STATES: Mapping[str, str] = {
    "drafted": "PAYMENT_PREPARED",
    "approved": "PAYMENT_PREPARED",
    "sent": "BANK_PENDING",
    "paid": "PAID",
    "returned": "RETURNED",
    "reissued": "PAYMENT_REISSUED",
    "manual": "PAID_BY_HAND",
}
"""What a payment's state is told as; a cancelled one never left and is not told."""


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called in a county's pack."""

    departments: Mapping[str, str]
    """Departments, Chinese."""
    benefits: Mapping[str, str]
    """Benefits, Chinese."""
    categories: Mapping[str, str]
    """Categories of person, Chinese."""
    clauses: Mapping[str, str]
    """Document and article of each clause."""
    funds: Mapping[str, str]
    """Funds, Chinese."""


def names_of(pack: Pack) -> Names:
    """The pack's names by code."""
    return Names(
        departments={one.code: one.name_zh for one in pack.departments},
        benefits={one.code: one.name_zh for one in pack.plan.benefits} | OTHER_ZH,
        categories={one.code: one.name_zh for one in pack.plan.categories},
        clauses={one.clause_id: f"《{one.document}》{one.article}" for one in pack.plan.clauses},
        funds={one.code: one.name_zh for one in pack.funds},
    )


def told_money(
    money: PersonMoney, records: Iterable[Row], *, person_key: str, pack: Pack, tails: Mapping[str, str]
) -> tuple[Answer, ...]:
    """Every payment and what was settled beside them, the newest first; `tails` are the ends of accounts by account_key.

    `records` are the calculation records behind the awards, each with its run.
    """
    names = names_of(pack)
    order = {one.code: place for place, one in enumerate(pack.plan.benefits)}
    known = {(row["run_id"], row["event_id"] or "", row["benefit_code"]): row for row in records}
    found = []
    for _, rows in groupby(money.lines, key=lambda row: row["payment_id"]):
        lines = list(rows)
        if lines[0]["state"] != "cancelled" and lines[0]["batch_state"] != "cancelled":
            lines.sort(key=lambda row: (row["event_id"], order.get(row["benefit_code"], len(order))))
            found.append(_payment(lines, known, person_key=person_key, names=names, tails=tails))
    found += [_recovery(row) for row in money.recoveries]
    found += [_suspended(row) for row in money.suspense if row["cleared_as"] is None]
    return tuple(found)


def _payment(
    lines: Sequence[Row], known: Mapping[tuple[str, str, str], Row], *, person_key: str, names: Names, tails: Mapping[str, str]
) -> Answer:
    first = lines[0]
    is_own = first["payee_key"] == person_key
    fen = sum(row["line_fen"] for row in lines)
    on = str(first["by_hand_on"] or first["sent_at"] or first["created_at"])[:10]
    code = STATES[first["state"]]
    where = tails.get(first["account_key"] or "", "—") if is_own else RELATIONS_ZH[RelationKind(first["relation_kind"])]
    zh = f"{day_zh(on)}付给{'本人' if is_own else where} {show_yuan(fen)} 元,是 {_parts(lines)}。"
    en = f"{show_yuan(fen)} yuan on {on} {'to the person' if is_own else 'to ' + str(first['relation_kind'])}."
    made = answer(code if is_own else "PAID_TO_ANOTHER", more_zh=zh, more_en=en, amount_fen=fen)
    records = [known[key] for row in lines if (key := _key(row)) in known and row["person_key"] == person_key]
    facts = [
        ("发放日期", day_zh(on)),
        ("收款账户" if is_own else "收款人", where),
        *([] if is_own else [("状态", answer(code).said_zh.rstrip("。"))]),
        *(_line(row, known.get(_key(row)), names, is_of_person=row["person_key"] == person_key) for row in lines),
        ("合计", f"{show_yuan(fen)} 元"),
        ("付款编号", first["payment_id"]),
    ]
    amounts = {fen, *(abs(row["line_fen"]) for row in lines), *_amounts_in(records)}
    return replace(
        made,
        subject=first["payment_id"],
        on=on,
        facts=tuple(facts),
        sentences=tuple(dict.fromkeys(row["sentence_zh"] for row in records if row["sentence_zh"])),
        amounts=frozenset(amounts),
    )


def _parts(lines: Sequence[Row]) -> str:
    """From how many bills and departments a payment is put together."""
    bills = {row["event_id"] or f"{row['benefit_year']}" for row in lines}
    departments = {row["department_code"] for row in lines}
    return f"{len(bills)} 笔费用、{len(departments)} 个部门的救助"


def _line(row: Row, record: Row | None, names: Names, *, is_of_person: bool) -> tuple[str, str]:
    """Label and value of one award in a payment: which bill, whose share, which clause, what the window had paid."""
    if not is_of_person:
        return "代他人领取", f"{RELATIONS_ZH[RelationKind(row['relation_kind'])]} · {show_yuan(row['line_fen'])} 元"
    bill = f"费用 {row['event_id']}" if row["event_id"] else f"{row['benefit_year']} 年度合计"
    on = f"({record['event_on']})" if record and record["event_on"] else ""
    parts = [
        names.departments.get(row["department_code"], row["department_code"]),
        names.benefits.get(row["benefit_code"], row["benefit_code"]),
        names.categories.get(row["category_code"], row["category_code"]),
        names.clauses.get(row["clause_id"], row["clause_id"]),
        names.funds.get(row["fund_code"], row["fund_code"]),
        f"{'核减 ' if row['line_fen'] < 0 else ''}{show_yuan(row['line_fen'])} 元",
    ]
    if record and record["window_fen"]:
        parts.append(f"应得 {show_yuan(record['entitled_fen'])} 元,医院窗口已付 {show_yuan(record['window_fen'])} 元,已扣除")
    return f"{bill}{on}", " · ".join(parts)


def _recovery(row: Row) -> Answer:
    code = "RECOVERY_OPEN" if row["open_fen"] else "RECOVERY_SETTLED"
    cause_zh, cause_en = CAUSES[row["cause"]]
    total, left = show_yuan(row["amount_fen"]), show_yuan(row["open_fen"])
    made = answer(
        code,
        more_zh=f"原因:{cause_zh};多付 {total} 元,未结清 {left} 元。",
        more_en=f"Cause: {cause_en}; {total} yuan, open {left} yuan.",
        amount_fen=row["open_fen"] or row["amount_fen"],
    )
    amounts = frozenset({row["amount_fen"], row["open_fen"], row["settled_fen"]} - {0})
    return replace(made, subject=row["recovery_id"], on=row["found_at"][:10], amounts=amounts)


def _suspended(row: Row) -> Answer:
    fen = row["amount_fen"]
    made = answer("IN_SUSPENSE", more_zh=f"{show_yuan(fen)} 元挂账。", more_en=f"{show_yuan(fen)} yuan.", amount_fen=fen)
    return replace(made, subject=row["suspense_id"], on=row["recorded_at"][:10])


def _key(row: Row) -> tuple[str, str, str]:
    return row["run_id"], row["event_id"] or "", row["benefit_code"]


def _amounts_in(records: Iterable[Row]) -> set[int]:
    columns = ("base_fen", "entitled_fen", "window_fen", "amount_fen")
    return {abs(row[name]) for row in records for name in columns if row[name]}
