"""What a department's reply does to the items of its batch: the acts that it asks for, or why it cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mianshen.core.cases import Happening
from mianshen.core.days import local
from mianshen.core.decisions import FIRST, Outcome, Reply, Ruling, Rulings
from mianshen.core.errors import MianshenError
from mianshen.core.moves import Act

Row = Mapping[str, Any]
"""An item with its decision's columns (None while it waits), holder_department, is_paused, is_turned and again_at."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who decides, when, and how."""

    by: str
    """Login, or the rule."""
    at: datetime
    """When, with zone."""
    how: str
    """rule | person | bulk."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An item with the act that decides it."""

    item_id: str
    """The item."""
    case_id: str
    """The application that it belongs to."""
    act: Act
    """The decision."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody wants to do with items that wait."""

    happening: Happening
    """DELEGATED, PAUSED or RESUMED."""
    by: str
    """Login."""
    department_code: str
    """For which department he acts."""
    at: datetime
    """When, with zone."""
    reason_code: str | None = None
    """Why; every pause needs one that the process lists."""
    to_department: str = ""
    """Of a delegation: who decides from now on."""


def turn_act(item: Row, turn: Turn) -> Act:
    """The act by which the item is turned."""
    return Act(
        turn.happening,
        item["department_code"],
        turn.by,
        turn.department_code,
        local(turn.at),
        reason_code=turn.reason_code,
        to_department=turn.to_department,
    )


def decided(item: Row, ruling: Ruling, signed: Signed) -> Decided:
    """The act by which the ruling decides the item."""
    act = Act(
        Happening.DECIDED,
        item["department_code"],
        signed.by,
        item["holder_department"],
        local(signed.at),
        outcome_code=ruling.outcome.value,
        reason_code=ruling.reason_code,
        how=signed.how,
    )
    return Decided(item["approval_item_id"], item["application_id"], act)


def waits_for(item: Row, department_code: str) -> bool:
    """Whether the department's person may answer about the item: he decides it, it is held there, time does not stand still."""
    return item["route"] == "person" and item["holder_department"] == department_code and not item["is_paused"]


def is_asked(item: Row, asks_for: str) -> bool:
    """Whether a form that asks for this lists the item; empty asks for all. What was opened again later is not on it."""
    if not asks_for or item["again_at"] is None:
        return True
    return asks_for != FIRST and bool(item["again_at"] <= asks_for)


def answered(items: Sequence[Row], rulings: Rulings, answer: Reply, *, holder: str, where: str) -> list[Decided]:
    """The decisions that the holder's reply makes; empty when the same reply stands already.

    MianshenError DECISION_INVALID names an item that the batch does not leave to the holder; DECISION_RECORDED one that was
    decided otherwise before, with who and when.
    """
    by_number = {item["item_no"]: item for item in items if waits_for(item, holder) and is_asked(item, answer.asks_for)}
    for number in sorted(rulings.named.keys() - by_number.keys()):
        raise MianshenError("DECISION_INVALID", found=f"{number}:{_why_not_theirs(items, number, answer)}", where=where)
    found = []
    is_known = False
    for number, item in sorted(by_number.items()):
        ruling = rulings.of(number)
        if ruling is None:
            continue
        row = decided(item, ruling, Signed(answer.decided_by, answer.decided_at, "person" if ruling.is_opened else "bulk"))
        is_known = is_known or _is_same(item, row, answer)
        if item["outcome"] is None:
            found.append(row)
        elif number in rulings.named and not _is_same(item, row, answer):
            raise _recorded(item, where)
    if by_number and not found and not is_known:
        raise _recorded(next(item for _, item in sorted(by_number.items()) if item["outcome"] is not None), where)
    return found


def _why_not_theirs(items: Sequence[Row], number: int, answer: Reply) -> str:
    item = next((one for one in items if one["item_no"] == number), None)
    if item is None:
        return "批次中没有 not in the batch"
    if item["route"] != "person":
        return "由规则审核 decided by rule"
    if not is_asked(item, answer.asks_for):
        return "重新打开的事项另有表单 what was opened again has a form of its own"
    return "已转办或已中止 delegated or paused"


def _is_same(item: Row, row: Decided, answer: Reply) -> bool:
    """Whether the decision stands already; a sheet that is sent again says the same whenever it comes."""
    said: tuple[str | None, ...] = (row.act.outcome_code, row.act.reason_code, row.act.actor)
    if said != (item["outcome"], item["reason_code"], item["decided_by"]):
        return False
    return answer.sheet_sha256 != "" or local(row.act.at).isoformat(timespec="seconds") == item["decided_at"]


def _recorded(item: Row, where: str) -> MianshenError:
    found = f"{item['item_no']}:{Outcome(item['outcome']).name_zh} {item['decided_by']} {item['decided_at']}"
    return MianshenError("DECISION_RECORDED", found=found, where=where)
