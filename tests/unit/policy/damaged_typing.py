"""Damages as people type them: full-width signs, units in the number, wrong words; each is told what to write instead."""

from __future__ import annotations

from tests.unit.policy.damage import Damage


def _typed(name: str, old: str, new: str, found: str, at: str = "") -> Damage:
    return Damage(name, "policy.yaml", old, new, at or new.splitlines()[0], found)


FIVE = "deductible_yuan: 5000"
TERM = "term: {since: 2025-01-01, until: 2027-01-01"

DAMAGES = [
    _typed("full-width digits", FIVE, "deductible_yuan: \uff15\uff10\uff10\uff10", "数字和符号须用半角"),
    _typed("ten thousands", "cap_yuan: 300,", "cap_yuan: 3万元,", "1 万元写 10000"),
    _typed("the unit behind the number", FIVE, "deductible_yuan: 5000元", "只写数字,不带单位"),
    _typed("commas between thousands", FIVE, "deductible_yuan: 5,000", "不写千分位的逗号"),
    _typed("an exponent", FIVE, "deductible_yuan: 5e3", "写作 5e3(小数)"),
    _typed("nothing where an amount is due", FIVE, "deductible_yuan:", "写作 空的", "deductible_yuan:\n"),
    _typed("fen instead of yuan", FIVE, "deductible_fen: 500000", "是否 deductible_yuan?"),
    _typed("a full-width percent sign", "ratio: 33.3333%", "ratio: 33\uff05", "数字和符号须用半角"),
    _typed("a ratio in words", "ratio: 33.3333%", "ratio: 三成", "应为带 % 的比例"),
    _typed("a full-width colon", "name_zh: 虚构县", "name_zh\uff1a虚构县", "没有半角冒号"),
    _typed("a full-width comma", "{field: hifp_pay, sign", "{field: hifp_pay\uff0csign", "缺逗号"),
    _typed("curled quotes", 'code: "100999"', "code: \u201c100999\u201d", "引号须用半角"),
    _typed("a tab", "  name_zh: 虚构县", "\tname_zh: 虚构县", "制表符"),
    _typed("full-width spaces", "  name_zh: 虚构县", "\u3000\u3000name_zh: 虚构县", "全角空格也不算缩进"),
    _typed("a control character", "虚构县救助办法", "虚构\x0b县", "控制字符", "虚构\x0b县"),
    _typed("a day with slashes", TERM, "term: {since: 2025/01/01, until: 2027-01-01", "如 2026-01-01"),
    _typed("a day in words", TERM, "term: {since: 2025年1月1日, until: 2027-01-01", "如 2026-01-01"),
    _typed(
        "a benefit's term that ends before it begins",
        TERM,
        "term: {since: 2025-01-01, until: 2024-01-01",
        "止日 2024-01-01 不晚于起日",
    ),
    _typed("a category in small letters", "categories: [WORKER]", "categories: [worker]", "是否 WORKER?"),
    _typed("a category by its name", "categories: [WORKER]", "categories: [困难职工]", "加引号的编码文字"),
    _typed("a department with a capital", "department: union", "department: Union", "是否 union?"),
    _typed("a document misspelt", "source: example, article: 第八条", "source: exampel, article: 第八条", "是否 example?"),
    _typed("yes for true", "counts_window_relief: true", "counts_window_relief: 是", "应为 true 或 false"),
    _typed(
        "two brackets that do not meet",
        "{from_yuan: 20000, to_yuan: null",
        "{from_yuan: 19999, to_yuan: null",
        "上一段止于 20,000.00,本段起于 19,999.00",
    ),
]
