"""The report's chapters: which figures stand in which, drawn how, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mianshen.documents.portrait import charts
from mianshen.documents.portrait.drawing import BLUE, GREEN, ORANGE, PURPLE, RED, TEAL
from mianshen.documents.portrait.shown import Shown

Drawn = Callable[[Shown, str], Any]
"""Draws a table's chart."""


@dataclass(frozen=True, slots=True)
class Block:
    """A table with its chart."""

    table: str
    """The table's code."""
    draw: Drawn | None = None
    """Its chart; None where figures alone say more."""
    kind_zh: str = ""
    """What kind of chart it is, for those who do not see it."""
    kind_en: str = ""
    """The same in English."""
    without_zh: str = "本县本月没有这项数据。"
    """What stands there when the county has no such figures."""
    without_en: str = "The county has no such figures for this month."
    """The same in English."""


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter."""

    code: str
    """Its anchor."""
    zh: str
    """Heading."""
    en: str
    """The same in English."""
    lead_zh: str
    """How its figures are read."""
    lead_en: str
    """The same in English."""
    blocks: tuple[Block, ...]
    """From top to bottom."""


def _bars(column: str, colour: str, *, ordered: bool = True) -> Drawn:
    return lambda shown, table: charts.ranked(shown, table, column, colour=colour, ordered=ordered)


_BARS = ("柱状图", "bar chart")
SECTIONS = (
    Section(
        "funnel",
        "漏斗:谁被找到,谁得到了救助",
        "Funnel: who was found, who was helped",
        "抓取 ≥ 符合条件 = 窗口已付 + 应补发 + 暂缓 + 无须补发;前三项 = 已办结 + 在办。人次相加,人数不相加:一人可有几次结算。",
        "Fetched ≥ eligible = at the window + payable + held + nothing due; the first three = done + open. People do not add up.",
        (
            Block(
                "funnel_care", _bars("month_visits", BLUE, ordered=False), *_BARS, "没有就医结算数据。", "No settlements of care."
            ),
            Block(
                "funnel_enrolment", _bars("month_visits", TEAL, ordered=False), *_BARS, "没有参保缴费数据。", "No enrolment fees."
            ),
            Block("funnel_service", _bars("month_visits", GREEN, ordered=False), *_BARS),
        ),
    ),
    Section(
        "relief",
        "救助:各部门各项给了多少",
        "Relief: what each benefit gives",
        "按发放次序;应补发 = 应得 - 医院窗口已付,金额为元。",
        "In the order in which they pay; to be paid = entitled less what hospitals paid at the window, in yuan.",
        (Block("benefits", _bars("month_amount_fen", GREEN, ordered=False), *_BARS, "没有核算结果。", "Nothing was assessed."),),
    ),
    Section(
        "layers",
        "费用:由谁承担",
        "Spending: who bears it",
        "当月就医总费用 = 各项基金 + 其他支付方 + 医疗救助各层 + 个人承担。属两类者两处都计。",
        "The month's cost of care = funds + other payers + the tiers of relief + what is left to the person.",
        (
            Block(
                "layers", charts.spending, "占比条形图", "bars of shares", "没有就医费用数据。", "No cost of care was delivered."
            ),
            Block(
                "trend",
                lambda shown, table: charts.months(shown, table, ("cost_fen", "burden_fen", "relief_fen")),
                "逐月折线图",
                "line chart by month",
            ),
        ),
    ),
    Section(
        "refusals",
        "没有得到救助:原因",
        "Not relieved: why",
        "每一笔没有救助或暂缓的结算都有一个原因;它们与漏斗逐项相符。",
        "Every claim that was not relieved or is held has one reason; they add up to the funnel.",
        (
            Block(
                "refusals", _bars("month_visits", ORANGE), *_BARS, "没有未予救助或暂缓的结算。", "No claim was refused or held."
            ),
        ),
    ),
    Section(
        "categories",
        "人群:在册类别",
        "People: categories",
        "一人可属几类,在每一类各计一次;合计每人只计一次。",
        "A person may be in several categories and counts in each; the total counts everybody once.",
        (
            Block("categories", _bars("people", PURPLE), *_BARS, "没有在册人员。", "Nobody is listed."),
            Block("overlap", charts.shades_of_all, "色阶表", "grid of shades"),
        ),
    ),
    Section(
        "ages",
        "人群:年龄、性别与镇街",
        "People: ages, sexes and towns",
        "在册人员,每人一次。色块按人数从多到少排列,不是地图。",
        "Listed people, each once. Tiles stand from many to few; they are no map.",
        (
            Block("ages", lambda shown, table: charts.pyramid(shown, table, "1", "2"), "年龄金字塔", "age pyramid"),
            Block("towns", lambda shown, table: charts.tiles(shown, table, "people"), "色块图", "tiles"),
        ),
    ),
    Section(
        "care",
        "就医:病种与去向",
        "Care: diseases and where it was given",
        "当月全部有效结算,不论是否在册。人次相加,人数不相加。",
        "Every settlement of the month that stands, listed or not. Visits add up, people do not.",
        (
            Block("diseases", _bars("cost_fen", BLUE), *_BARS, "没有就医数据。", "No care was delivered."),
            Block("places", _bars("visits", TEAL, ordered=False), *_BARS, "没有就医数据。", "No care was delivered."),
            Block("levels", _bars("visits", GREEN, ordered=False), *_BARS, "没有就医数据。", "No care was delivered."),
        ),
    ),
    Section(
        "coverage",
        "政策:谁救助了谁",
        "Policies: who relieved whom",
        "每一格是该部门本年救助的该类人数;一人可属几类,也可由几个部门救助。",
        "Each cell is how many of a category a department relieved in the year; people may stand in several.",
        (Block("coverage", charts.shades_of_all, "色阶表", "grid of shades", "没有核算结果。", "Nothing was assessed."),),
    ),
    Section(
        "money",
        "资金:批准之后去了哪里",
        "Money: where it went after it was agreed",
        "已批准 = 已到账 + 在途 + 退回 + 撤销 + 留付 + 待付,到分相符。",
        "Agreed = paid + in flight + returned + cancelled + held + waiting, to the fen.",
        (Block("money", _bars("fen", GREEN, ordered=False), *_BARS, "还没有批准的救助。", "No relief was agreed yet."),),
    ),
    Section(
        "deadlines",
        "时限:守住了多少",
        "Deadlines kept",
        "按期率 = 按期办结 ÷(按期办结 + 逾期办结 + 逾期未办结)。",
        "Share in time = closed in time ÷ (closed in time + closed late + overdue).",
        (
            Block(
                "deadlines",
                lambda shown, table: charts.stacked(shown, table, ("met", "open", "met_late", "overdue")),
                "占比条形图",
                "bars of shares",
                "还没有开始计时的事项。",
                "No clock runs yet.",
            ),
        ),
    ),
    Section(
        "missed",
        "可能被漏掉的人,须核实的事",
        "People who may be missed, matters to check",
        "提示和疑点都不是结论:提示须走访本人,疑点须由人核实。",
        "Neither proves anything: the person is asked, the matter is checked.",
        (
            Block("missed", _bars("signals", RED), *_BARS, "没有提示。", "No sign."),
            Block("leads", _bars("leads", ORANGE), *_BARS, "没有疑点。", "No lead."),
        ),
    ),
    Section(
        "basis",
        "数据依据",
        "What it rests on",
        "搁置的行附原因退回来源部门,补正后重新计入。",
        "Rows set aside go back to their department with the reason and count once they are mended.",
        (
            Block("payers", None, without_zh="没有其他支付方的数据。", without_en="No other payer has told anything."),
            Block("deliveries", None, without_zh="还没有收到数据。", without_en="Nothing was delivered yet."),
        ),
    ),
)
"""From front to back."""
