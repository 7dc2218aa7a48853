"""The summary that a run ends with, for people: Chinese first, English beside it. It names nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mianshen.core.codes import REASONS
from mianshen.core.money import show_yuan
from mianshen.core.pack import Pack
from mianshen.documents.award_day_lines import award_day_lines
from mianshen.documents.columns import in_columns
from mianshen.documents.review_lines import payer_lines, review_lines
from mianshen.documents.roster_lines import alarm_lines, difference_lines, slip_lines

Figures = Mapping[str, Any]
BANNER = (
    "【示例标准】本县区政策含示例数值,不作为发放依据。",
    "[ILLUSTRATIVE] Amounts of this county's policy are illustrative: not a basis for payment.",
)
"""Stands on every report of a county with illustrative numbers."""
_SCOPES = {"month": "当月 month", "year": "本年 year"}
_ROW_STATES = {
    "rows_load": "原样 LOAD",
    "rows_fix": "规范化 FIX",
    "rows_flag": "提示 FLAG",
    "rows_quarantined": "搁置 QUAR",
    "rows_ignored": "略过 IGNORE",
}
_STEPS = {
    "1_fetched": "抓取 fetched",
    "2_eligible": "符合 eligible",
    "3_at_window": "窗口已付 at window",
    "4_payable": "应付 payable",
    "5_held": "暂缓 held",
    "6_nothing_due": "无应付 nothing due",
}


def summary_text(figures: Figures, *, pack: Pack) -> str:
    """The summary as text; equal figures give equal text."""
    names = _Names(pack)
    title = f"{pack.county_name_zh}医疗救助“免申即享” {figures['month']} 运行小结"
    lines = [title, f"Medical relief without applying, {pack.county_name_en}, {figures['month']}, as of {figures['as_of']}"]
    lines += list(BANNER) if pack.plan.is_illustrative else []
    lines += [f"* {note.zh}\n  {note.en}" for note in pack.notes]
    for heading, section in _SECTIONS:
        body = section(figures, names)
        lines += ["", heading, *(body or ["  无 none"])]
    return "\n".join(lines) + "\n"


class _Names:
    """Chinese names behind the pack's codes."""

    def __init__(self, pack: Pack) -> None:
        self.departments = {one.code: one.name_zh for one in pack.departments}
        self.categories = {one.code: one.name_zh for one in pack.plan.categories} | {"ALL": "在册合计 all", "NONE": "不在册 none"}
        self.tiers = {one.code: one.name_zh for one in pack.plan.tiers}
        self.benefits = {one.code: one.name_zh for one in pack.plan.benefits}
        self.funds = {one.code: one.name_zh for one in pack.funds}
        self.lists = {one.list_code: one.name_zh for one in pack.contracts}
        self.limits = {one.code: f"{one.name_zh} {one.name_en}" for one in pack.time_limits}

    def department(self, code: str) -> str:
        return self.departments.get(code, code)

    def why(self, code: str | None) -> str:
        known = REASONS.get(code or "")
        return f"{known.zh} ({known.code})" if known else (code or "—")


def _indented(rows: Sequence[Sequence[str]], right: Sequence[int]) -> list[str]:
    return [f"  {line}" for line in in_columns(rows, right=right)]


def _feeds(figures: Figures, names: _Names) -> list[str]:
    rows = [("数据 feed", "文件 files", "行 rows", "入库 accepted", "搁置 set aside", "略过 ignored")] if figures["feeds"] else []
    for one in figures["feeds"]:
        counts = (one["deliveries"], one["rows_in"], one["rows_accepted"], one["rows_quarantined"], one["rows_ignored"])
        rows.append((names.lists.get(one["list_code"], one["list_code"]), *(str(count) for count in counts)))
    lines = _indented(rows, (1, 2, 3, 4, 5))
    lines += _row_states(figures)
    lines += _set_aside(figures, names)
    for one in figures["deliveries"]:
        if one["state"] in ("REJECTED", "HELD"):
            listed = names.lists.get(one["list_code"], one["list_code"])
            lines.append(f"  {one['state']} {listed}:{names.why(one['reason_code'])} {one['deliveries']} 个文件 files")
    return lines


def _row_states(figures: Figures) -> list[str]:
    """One line a feed: its rows by state, which sum up to those that came in."""
    rows = [
        (
            f"行状态 row states {one['feed']}",
            f"{one['rows_in']} =",
            *(f"{word} {one[name]}" for name, word in _ROW_STATES.items()),
        )
        for one in figures["row_states"]
    ]
    return _indented(rows, (1,))


def _set_aside(figures: Figures, names: _Names) -> list[str]:
    """One line a reason: how many rows, and of which lists."""
    by_reason: dict[str, list[tuple[str, int]]] = {}
    for one in figures["quarantine_summary"]:
        listed = names.lists.get(one["list_code"], one["list_code"])
        by_reason.setdefault(one["reason_code"], []).append((listed, one["rows_quarantined"]))
    lines = []
    for code, own in sorted(by_reason.items()):
        of_lists = "、".join(f"{name} {rows}" for name, rows in own)
        lines.append(f"  搁置 set aside {sum(rows for _, rows in own)} 行 rows:{names.why(code)}:{of_lists}")
    return lines


def _categories(figures: Figures, names: _Names) -> list[str]:
    rows = (
        [("类别 category", "人 people", "就诊人 treated", "人次 visits", "个人负担(元) borne")]
        if figures["category_counts"]
        else []
    )
    for one in figures["category_counts"]:
        name = names.categories.get(one["category_code"], one["category_code"])
        rows.append((name, str(one["people"]), str(one["people_treated"]), str(one["visits"]), show_yuan(one["burden_fen"])))
    return _indented(rows, (1, 2, 3, 4))


def _rosters(figures: Figures, names: _Names) -> list[str]:
    lines = difference_lines(figures["roster_difference"], month=figures["month"], names=names.lists)
    lines += alarm_lines(figures["roster_alarm"], names=names.lists)
    return [f"  {line}" for line in (*lines, *slip_lines(figures["return_slip"], names=names.departments))]


_KINDS = {"care": "就医 care", "enrolment": "参保 enrolment", "service": "服务包 service packages"}


def _funnel(figures: Figures, _names: _Names) -> list[str]:
    rows = [
        (
            _SCOPES.get(one["scope"], one["scope"]),
            _KINDS.get(one["event_kind"], one["event_kind"]),
            _STEPS.get(one["step"], one["step"]),
            f"{one['people']} 人",
            f"{one['visits']} 人次",
            f"{show_yuan(one['relief_fen'])} 元",
        )
        for one in figures["funnel"]
    ]
    return _indented(rows, (3, 4, 5))


def _relief(figures: Figures, names: _Names) -> list[str]:
    rows = [
        (
            _SCOPES.get(one["scope"], one["scope"]),
            names.tiers.get(one["tier_code"], one["tier_code"]),
            names.department(one["department_code"]),
            f"{one['people']} 人",
            f"{one['visits']} 人次",
            f"{show_yuan(one['amount_fen'])} 元",
            f"暂缓 held {show_yuan(one['held_fen'])} 元",
        )
        for one in figures["relief_summary"]
    ]
    return _indented(rows, (3, 4, 5, 6))


def _refused(figures: Figures, names: _Names) -> list[str]:
    rows = [
        (
            _SCOPES.get(one["scope"], one["scope"]),
            {"REFUSED": "不予救助 refused", "HELD": "暂缓 held"}.get(one["outcome"], one["outcome"]),
            names.why(one["reason_code"]),
            f"{one['people']} 人",
            f"{one['visits']} 人次",
        )
        for one in figures["refusals"]
        if one["outcome"] != "PAID"
    ]
    pairs = [
        *review_lines(figures["review_summary"]),
        *payer_lines(sorted(figures["payer_summary"], key=lambda row: row["place"])),
    ]
    said = [f"  {line}" for pair in pairs for line in (pair[0], f"  {pair[1]}")]
    return [*_indented(rows, (3, 4)), *said]


def _approvals(figures: Figures, names: _Names) -> list[str]:
    columns = ("items", "by_rule", "agreed", "refused", "returned", "waiting")
    heading = ("部门 department", "件 items", "规则 by rule", "人工同意 agreed", "不予 refused", "退回 returned", "待审 waiting")
    rows: list[tuple[str, ...]] = [heading] if figures["approvals"] else []
    for one in figures["approvals"]:
        rows.append((names.department(one["department_code"]), *(str(one[column]) for column in columns)))
    lines = _indented(rows, (1, 2, 3, 4, 5, 6))
    for one in figures["approval_pace"]:
        quota = f"(定额 quota {one['quota_per_day']})" if one["quota_per_day"] is not None else ""
        late = f",照目前进度尚差 short by {one['short_by']} 件" if one["short_by"] else ""
        lines.append(
            f"  {names.department(one['department_code'])}:{one['due_on']} 前待审 {one['waiting']} 件,剩 {one['days_left']} 天,"
            f"每天须办 {one['required_pace']} 件{quota}{late}"
        )
    for one in figures["exceptional_award"]:
        lines.append(
            f"  会商特殊救助 exceptional:{one['minutes_no']} {show_yuan(one['amount_fen'])} 元,决定 {one['decided_by']},"
            f"登记 {one['recorded_by']},审批 {one['outcome']} {one['approved_by'] or ''}"
        )
    for one in figures["approval_summary"]:
        if one["outcome"] in ("refuse", "return"):
            department = names.department(one["department_code"])
            lines.append(f"  {department}:{names.why(one['reason_code'])} {one['items']} 件 {show_yuan(one['amount_fen'])} 元")
    return lines


_BATCH_STATES = {
    "sent": "已送银行 sent",
    "approved": "已复核 approved",
    "drafted": "已编制 drafted",
    "cancelled": "已撤销 cancelled",
}


def _payments(figures: Figures, names: _Names) -> list[str]:
    lines = []
    for one in figures["payments"]:
        state = _BATCH_STATES[one["state"]]
        lines.append(
            f"  {one['payment_batch_id']} {state}:{one['payments']} 人 {show_yuan(one['amount_fen'])} 元,"
            f"其中人工发放 by hand {one['manual_payments']} 人;{one['file_name'] or '—'}"
        )
    rows = [
        (
            one["payment_batch_id"],
            names.department(one["department_code"]),
            names.funds.get(one["fund_code"], one["fund_code"]),
            f"{one['payees']} 人",
            f"{show_yuan(one['amount_fen'])} 元",
        )
        for one in figures["payment_summary"]
    ]
    lines += _indented(rows, (3, 4))
    for one in figures["holds"]:
        lines.append(f"  留付 held:{names.why(one['reason_code'])} {one['payees']} 人 {show_yuan(one['amount_fen'])} 元")
    return lines


def _time_limits(figures: Figures, names: _Names) -> list[str]:
    lines: list[str] = []
    heading = ("责任部门 holder", "未到期 open", "逾期未办结 overdue", "按期 met", "逾期办结 met late", "最近到期 next")
    codes = sorted({one["time_limit_code"] for one in figures["time_limits"]})
    for code in codes:
        rows: list[tuple[str, ...]] = [heading]
        for one in figures["time_limits"]:
            if one["time_limit_code"] == code:
                next_due = (one["next_due_on"] or "—") + (" 暂定 provisional" if one["is_provisional"] else "")
                counts = (str(one[state]) for state in ("open", "overdue", "met", "met_late"))
                rows.append((names.department(one["holder_department"]), *counts, next_due))
        lines += [f"  {names.limits.get(code, code)}", *(f"  {line}" for line in _indented(rows, (1, 2, 3, 4)))]
    lines += award_day_lines(figures["award_days"], limit=figures["pay_limit_workdays"], departments=names.departments)
    lines += [_late_list(one, names) for one in figures["late_lists"]]
    if any(one["state"] == "sent" for one in figures["payments"]):
        lines.append("  已送银行的款项在银行回执到达前仍计时。 Money sent to the bank keeps its clock until the bank answers.")
    return lines


def _late_list(one: Figures, names: _Names) -> str:
    arrived = f"{one['arrived_at']} 到 arrived" if one["arrived_at"] else "仍未到 still missing"
    listed, holder = names.lists.get(one["list_code"], one["list_code"]), names.department(one["holder_department"])
    return f"  逾期名单 late list:{listed} {one['month']},{holder},应于 due {one['due_on']},逾期 {one['days_late']} 天,{arrived}"


def _outputs(figures: Figures, _names: _Names) -> list[str]:
    return [f"  {one['what_zh']} {one['what_en']}:{one['path']}" for one in figures["outputs"]]


def _audit(figures: Figures, _names: _Names) -> list[str]:
    return [f"  {figures['audit']['count']} 条 rows,链头 head {figures['audit']['head']}"]


_SECTIONS: tuple[tuple[str, Callable[[Figures, _Names], list[str]]], ...] = (
    ("一、数据接收 Data received", _feeds),
    ("二、救助对象 People listed (当月 of the month)", _categories),
    ("三、名单异动 Lists against the month before", _rosters),
    ("四、核算漏斗 From fetched to payable", _funnel),
    ("五、救助金额 Relief by tier and department", _relief),
    ("六、不予救助与暂缓 Refused and held", _refused),
    ("七、并联审批 Approval", _approvals),
    ("八、资金发放 Payment", _payments),
    ("九、办理时限 Time limits", _time_limits),
    ("十、审计链 Audit chain (SM3)", _audit),
    ("十一、产出位置 Where the output lies (相对数据目录 below the home folder)", _outputs),
)
