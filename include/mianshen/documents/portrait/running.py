"""Figures of the work: where the money stands, deadlines kept, people who may be missed, leads, what came and what did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mianshen.core.contract import FEED_NAMES
from mianshen.core.figures import Column, Figures, Line, Unit
from mianshen.core.leads import INDICATORS
from mianshen.core.money import PPM
from mianshen.core.pack import Pack
from mianshen.core.radar import SIGNALS

Row = Mapping[str, Any]
MONEY = {
    "paid": ("已到账", "paid"),
    "in_flight": ("在途", "in flight"),
    "returned": ("退回待再付", "returned"),
    "cancelled": ("撤销待再付", "cancelled"),
    "held": ("留付", "held"),
    "waiting": ("待付", "waiting"),
}
"""Where agreed money stands; together they are what was agreed."""
CLOCKS = {
    "met": ("按期办结", "in time"),
    "met_late": ("逾期办结", "late"),
    "open": ("办理中", "running"),
    "overdue": ("逾期未办结", "overdue"),
}
"""How clocks stand."""


def money(sums: Mapping[str, int]) -> Figures:
    """Where the county's agreed relief stands since it went live, in one column."""
    lines = [Line(code, zh, en, (sums[f"{code}_fen"],)) for code, (zh, en) in MONEY.items()]
    lines.append(Line("approved", "已批准合计", "agreed in all", (sums["approved_fen"],), is_total=True))
    return Figures("money", "资金去向(上线以来)", "where agreed money stands", (_YUAN,), tuple(lines))


def deadlines(rows: Sequence[Row], pack: Pack) -> Figures:
    """Clocks by time limit and how they stand; the share in time is of those that are closed or overdue."""
    names = {one.code: (one.name_zh, one.name_en) for one in pack.time_limits}
    order = {one.code: place for place, one in enumerate(pack.time_limits)}
    found: dict[str, dict[str, int]] = {}
    for one in rows:
        found.setdefault(one["time_limit_code"], dict.fromkeys(CLOCKS, 0))[one["state"]] += one["clocks"]
    lines = [
        Line(code, *names.get(code, (code, "")), (*states.values(), _kept(states)))
        for code, states in sorted(found.items(), key=lambda one: (order.get(one[0], len(order)), one[0]))
    ]
    total = {state: sum(one[state] for one in found.values()) for state in CLOCKS}
    if found:
        lines.append(Line("all", "合计", "all", (*total.values(), _kept(total)), is_total=True))
    columns = tuple(Column(code, zh, en, Unit.ITEMS) for code, (zh, en) in CLOCKS.items())
    kept = Column("kept_ppm", "按期率", "share in time", Unit.PPM)
    return Figures("deadlines", "办理时限", "deadlines", (*columns, kept), tuple(lines))


def _kept(states: Mapping[str, int]) -> int | None:
    """The share that was in time, in parts per million; None while nothing was due."""
    judged = states["met"] + states["met_late"] + states["overdue"]
    return (states["met"] * PPM * 2 + judged) // (2 * judged) if judged else None


def missed(rows: Sequence[Row]) -> Figures:
    """Signs that somebody should be helped and is not, by kind: to visit, or waiting for a delivery that explains them."""
    columns = (
        Column("signals", "须走访", "to visit", Unit.PEOPLE),
        Column("amount_fen", "涉及金额", "money concerned", Unit.FEN, "signals"),
        Column("waiting", "待名单或数据到齐", "wait for a delivery", Unit.PEOPLE),
    )
    found = {one["signal_code"]: one for one in rows}
    nothing = dict.fromkeys(("signals", "amount_fen", "waiting"), 0)
    lines = tuple(
        Line(code, one.zh, one.en, tuple(found.get(code, nothing)[column.code] for column in columns))
        for code, one in SIGNALS.items()
    )
    return Figures("missed", "应救未救提示", "people who may be missed", columns, lines)


def leads(rows: Sequence[Row]) -> Figures:
    """Leads of the supervisor by kind; each must be checked by a person and proves nothing."""
    columns = (
        Column("leads", "疑点数", "leads", Unit.VISITS),
        Column("amount_fen", "涉及金额", "money concerned", Unit.FEN, "leads"),
    )
    lines = tuple(
        Line(one["indicator_code"], f"{about.word_zh}:{about.zh}", about.en, (one["leads"], one["amount_fen"]))
        for one in rows
        for about in [INDICATORS[one["indicator_code"]]]
    )
    return Figures("leads", "监督疑点", "supervisor's leads", columns, lines)


def deliveries(rows: Sequence[Row], pack: Pack) -> Figures:
    """What came: files and their rows by list, accepted, set aside and left out."""
    names = {one.list_code: one.name_zh for one in pack.contracts}
    columns = (
        Column("deliveries", "文件", "files", Unit.ITEMS),
        Column("rows_in", "行数", "rows", Unit.ITEMS),
        Column("rows_accepted", "入库", "accepted", Unit.ITEMS),
        Column("rows_quarantined", "搁置", "set aside", Unit.VISITS),
        Column("rows_ignored", "略过", "left out", Unit.ITEMS),
    )
    lines = tuple(
        Line(
            f"{one['feed']}.{one['list_code']}",
            names.get(one["list_code"], FEED_NAMES.get(one["feed"], one["feed"])),
            "",
            tuple(one[column.code] for column in columns),
        )
        for one in rows
    )
    return Figures("deliveries", "数据交付", "deliveries", columns, lines)


_YUAN = Column("fen", "金额", "yuan", Unit.FEN)
