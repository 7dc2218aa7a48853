"""Figures of the relief: the funnel, why nothing is due, what each benefit gives, who else pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.core.codes import reason
from mianshen.core.figures import Column, Figures, Line, Sum, Unit
from mianshen.core.pack import Pack
from mianshen.core.reviews import PAYER_NAMES

Row = Mapping[str, Any]
SCOPES = ("month", "year")
"""The month, and its year up to the month."""
KINDS = ("care", "enrolment", "service")
"""Care, enrolment fees, service packages."""
STEPS = {
    "1_fetched": ("抓取", "fetched"),
    "2_eligible": ("符合条件", "eligible"),
    "3_at_window": ("其中:窗口已付", "of them paid at the window"),
    "4_payable": ("其中:应补发", "of them payable"),
    "5_held": ("其中:暂缓", "of them held"),
    "6_nothing_due": ("其中:无须补发", "of them nothing due"),
}
"""Steps of out.funnel: the last four are what the eligible became."""
ENDS = {"7_done": ("已办结:窗口已付或钱已到账", "done: at the window, or the money arrived"), "8_open": ("在办", "open")}
"""Steps of out.funnel_end: what became of those that relief is for."""
ENDED = ("3_at_window", "4_payable", "5_held")
"""Of whom they are."""
_OUTCOMES = {"HELD": ("(暂缓)", "held"), "REFUSED": ("", "not relieved")}
NOT_ELIGIBLE = frozenset({"NO_CATEGORY", "CARE_NOT_COVERED", "POLICY_EXPIRED", "REFUND_STRUCK"})
"""Reasons of what was fetched and is not eligible, as out.funnel counts it."""
AT_WINDOW = "WINDOW_PAID"


def funnel(rows: Sequence[Row], ends: Sequence[Row], *, kind: str) -> Figures:
    """The steps of one kind of claim, month and year; where they ended, once the stage portray has counted it."""
    ended = [one for one in ends if one["event_kind"] == kind]
    of_kind = {(one["scope"], one["step"]): one for one in (*rows, *ended) if one["event_kind"] == kind}
    code = f"funnel_{kind}"
    said = _FUNNELS[kind]
    steps = {**STEPS, **(ENDS if ended else {})} if of_kind else {}
    lines = tuple(
        Line(step, zh, en, tuple(of_kind.get((scope, step), {}).get(name, 0) for scope in SCOPES for name in _COUNTED))
        for step, (zh, en) in steps.items()
    )
    table = Figures(code, *said, _scoped(), lines)
    adding = [(("2_eligible",), tuple(STEPS)[2:]), *([(ENDED, tuple(ENDS))] if ended else [])]
    sums = tuple(
        Sum(tuple(table.cell(step, column.code) for step in whole), tuple(table.cell(step, column.code) for step in parts))
        for column in table.columns
        if column.unit is not Unit.PEOPLE
        for whole, parts in adding
    )
    return Figures(code, *said, table.columns, lines, sums if lines else ())


def refusals(rows: Sequence[Row], funnels: Mapping[str, Figures]) -> Figures:
    """Why claims were not relieved or are held, month and year; what the funnel counts is the sum of these."""
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for one in rows:
        if one["outcome"] in _OUTCOMES:
            found.setdefault((one["event_kind"], one["outcome"], one["reason_code"]), {})[one["scope"]] = one
    columns = tuple(one for one in _scoped() if one.unit is not Unit.FEN)
    lines = tuple(
        Line(
            _reason_line(*key),
            f"{reason(key[2]).zh}{_KIND_ZH[key[0]]}{_OUTCOMES[key[1]][0]}",
            f"{reason(key[2]).en}, {_OUTCOMES[key[1]][1]}",
            tuple(own.get(scope, {}).get(name, 0) for scope in SCOPES for name in _COUNTED[:2]),
        )
        for key, own in sorted(found.items())
    )
    table = Figures("refusals", "未予救助与暂缓的原因", "why claims were not relieved or are held", columns, lines)
    sums = tuple(
        one
        for scope in SCOPES
        for kind in KINDS
        if funnels[kind].lines
        for one in _became(table, funnels[kind], sorted(found), kind, scope)
    )
    return Figures(table.code, table.zh, table.en, columns, lines, sums)


def _became(table: Figures, funnel: Figures, keys: Sequence[tuple[str, str, str]], kind: str, scope: str) -> list[Sum]:
    """The funnel's steps of a kind as sums of reasons."""
    own = [one for one in keys if one[0] == kind]
    column = f"{scope}_visits"

    def cells(wanted: Sequence[tuple[str, str, str]]) -> tuple[Any, ...]:
        return tuple(table.cell(_reason_line(*one), column) for one in wanted)

    out = cells([one for one in own if one[2] in NOT_ELIGIBLE])
    held = cells([one for one in own if one[1] == "HELD" and one[2] not in NOT_ELIGIBLE])
    window = cells([one for one in own if one[1] == "REFUSED" and one[2] == AT_WINDOW])
    rest = cells([one for one in own if one[1] == "REFUSED" and one[2] not in NOT_ELIGIBLE | {AT_WINDOW}])
    fetched, eligible = funnel.cell("1_fetched", column), funnel.cell("2_eligible", column)
    steps = (("5_held", held), ("3_at_window", window), ("6_nothing_due", rest))
    return [Sum((fetched,), (eligible, *out)), *(Sum((funnel.cell(step, column),), parts) for step, parts in steps if parts)]


def benefits(rows: Sequence[Row], pack: Pack, funnels: Mapping[str, Figures]) -> Figures:
    """What each benefit gives, month and year, in the order in which they pay; their sum is the funnel's relief."""
    found: dict[str, dict[str, Row]] = {}
    for one in rows:
        found.setdefault(one["benefit_code"], {})[one["scope"]] = one
    known = {one.code: place for place, one in enumerate(pack.plan.benefits)}
    departments = {one.code: one.name_zh for one in pack.departments}
    names = {one.code: one.name_zh for one in pack.plan.benefits}
    lines = tuple(
        Line(
            code,
            names.get(code, code),
            departments.get(department) or str(department),
            tuple(own.get(scope, {}).get(name, 0) for scope in SCOPES for name in _RELIEVED),
        )
        for code, own in sorted(found.items(), key=lambda one: (known.get(one[0], len(known)), one[0]))
        for department in [next(iter(own.values()))["department_code"]]
    )
    columns = tuple(
        Column(f"{scope}_{name}", f"{zh}{said}", f"{en}, {scope}", unit, "" if unit is Unit.PEOPLE else f"{scope}_people")
        for scope, zh in (("month", "当月"), ("year", "本年"))
        for name, said, en, unit in (
            ("people", "人数", "people", Unit.PEOPLE),
            ("visits", "人次", "visits", Unit.VISITS),
            ("window_fen", "窗口已付", "at the window", Unit.FEN),
            ("amount_fen", "应补发", "to be paid", Unit.FEN),
        )
    )
    table = Figures("benefits", "各项救助", "relief by benefit", columns, lines)
    sums = tuple(
        Sum(
            tuple(one.cell("1_fetched", f"{scope}_relief_fen") for one in funnels.values() if one.lines),
            tuple(table.cell(line.code, f"{scope}_amount_fen") for line in lines),
        )
        for scope in SCOPES
    )
    return Figures(table.code, table.zh, table.en, columns, lines, sums if lines else ())


def payers(rows: Sequence[Row]) -> Figures:
    """Other payers of the year: how often each gave, how much, and of how many claims it has not told so far."""
    lines = tuple(
        Line(one["payer_code"], f"{PAYER_NAMES[one['payer_code']]}", "", (one["paid"], one["fen"], one["unknown"], one["held"]))
        for one in sorted(rows, key=lambda one: int(one["place"]))
    )
    columns = (
        Column("paid", "有支付(人次)", "claims paid", Unit.VISITS),
        Column("fen", "支付金额", "yuan paid", Unit.FEN, "paid"),
        Column("unknown", "尚未交付(人次)", "claims not told of", Unit.VISITS),
        Column("held", "其中暂缓(人次)", "of them held", Unit.VISITS),
    )
    return Figures("payers", "其他支付方(本年)", "other payers in the year", columns, lines)


_COUNTED = ("people", "visits", "relief_fen")
_RELIEVED = ("people", "visits", "window_fen", "amount_fen")
_KIND_ZH = {"care": "", "enrolment": "(参保)", "service": "(服务包)"}
_FUNNELS = {
    "care": ("就医结算漏斗", "settlements of care"),
    "enrolment": ("参保资助漏斗", "enrolment fees"),
    "service": ("服务包漏斗", "service packages"),
}


def _reason_line(kind: str, outcome: str, reason_code: str) -> str:
    return f"{kind}.{outcome}.{reason_code}"


def _scoped() -> tuple[Column, ...]:
    """People, visits and relief of the month and of the year."""
    return tuple(
        Column(f"{scope}_{name}", f"{zh}{said}", f"{en}, {scope}", unit, "" if unit is Unit.PEOPLE else f"{scope}_people")
        for scope, zh in (("month", "当月"), ("year", "本年"))
        for name, said, en, unit in (
            ("people", "人数", "people", Unit.PEOPLE),
            ("visits", "人次", "visits", Unit.VISITS),
            ("relief_fen", "救助金额", "relief", Unit.FEN),
        )
    )
