"""What the summary says of the lists: who came, left and changed in the month, and what a person should look at. Counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.core.codes import reason
from mianshen.documents.columns import in_columns

Row = Mapping[str, Any]
CHANGES = (("ADDED", "新增 added"), ("LEFT", "退出 left"), ("CHANGED", "变更 changed"))
"""Kinds of change in the order in which they are shown."""
FIELDS = {
    "category_code": "类别 category",
    "valid_from": "起始日 start",
    "town": "镇街 town",
    "household_key": "户编号 household",
    "account_key": "账号 account",
    "phone_key": "电话 phone",
    "gend": "性别 sex",
}
"""What the fields of a change are called."""


def difference_lines(rows: Sequence[Row], *, month: str, names: Mapping[str, str]) -> list[str]:
    """One line a list: people added, gone and changed in the month against the list before, with reasons and fields."""
    own = [row for row in rows if row["list_month"] == month]
    codes = sorted({row["list_code"] for row in own})
    cells = [("名单 list", *(said for _, said in CHANGES))] if own else []
    for code in codes:
        mine = [row for row in own if row["list_code"] == code]
        cells.append((names.get(code, code), *(_told(mine, change) for change, _ in CHANGES)))
    return in_columns(cells, right=())


def _told(rows: Sequence[Row], change: str) -> str:
    mine = [row for row in rows if row["change_code"] == change]
    if not mine:
        return "0"
    if change == "CHANGED":
        return "、".join(f"{FIELDS[row['field_name']]} {row['people']}" for row in mine)
    return "、".join(f"{_short(row['reason_code'])} {row['people']}" for row in mine)


def _short(code: str) -> str:
    """The part of the reason after its first word, which the heading has said."""
    return reason(code).zh.split(":", 1)[-1]


def alarm_lines(rows: Sequence[Row], *, names: Mapping[str, str]) -> list[str]:
    """One line an alarm, the newest month first."""
    found = sorted(rows, key=lambda row: (row["list_code"], row["reason_code"], row["town"]))
    found.sort(key=lambda row: row["list_month"], reverse=True)
    return [_alarm(row, names) for row in found]


def _alarm(row: Row, names: Mapping[str, str]) -> str:
    known = reason(row["reason_code"])
    share = f" / {row['of_people']}" if row["of_people"] is not None else ""
    town = f"{row['town']}," if row["town"] else ""
    listed = names.get(row["list_code"], row["list_code"])
    return f"预警 look:{listed} {row['list_month']},{town}{known.zh} {row['people']}{share} 人 ({known.code}):{known.remedy_zh}"


def slip_lines(rows: Sequence[Row], *, names: Mapping[str, str]) -> list[str]:
    """One line a department: its return slips that are not closed, and what became of the rows of all of them."""
    lines = []
    for code in sorted({row["department_code"] for row in rows}):
        mine = [row for row in rows if row["department_code"] == code]
        waiting = sum(row["closed_at"] is None for row in mine)
        states = (("rows_open", "未改 open"), ("rows_corrected", "已改正 corrected"), ("rows_removed", "已删除 removed"))
        counts = "、".join(f"{said} {sum(row[name] for row in mine)} 行" for name, said in states)
        lines.append(f"退回单 return slips:{names.get(code, code)} {len(mine)} 单,未结清 open {waiting} 单;{counts}")
    return lines
