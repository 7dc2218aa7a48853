"""Damages to the constructs of the policy language, each in the overlay page that shows the construct."""

from __future__ import annotations

from tests.unit.policy.damage import Damage


def _damage(name: str, page: str, old: str, new: str, found: str, at: str = "") -> Damage:
    return Damage(name, f"overlays/{page}.yaml", old, new, at or new, found)


ADMISSION = "deductible: {kind: subtracted, amounts_yuan: [1000, 500, 200], period: stay}"
YEAR_GATE = "deductible: {kind: gate, amounts_yuan: [3000], period: year}"
DAY_CAP = "caps: [{yuan: 100, period: claim, per_day: true}]"

ALL_OR_NOTHING = (
    "- since: 2024-01-01\n                deductible_yuan: 0\n"
    "                brackets: [{from_yuan: 0, to_yuan: null, ratio: 50%}]\n                caps: [{yuan: 2000"
)
PACKAGE = (
    "service_package:\n  - since: 2024-01-01\n    yuan: 120\n    source: example\n    article: 第五十二条\n"
    "    text_zh: 服务包每人每年120元。\n    status: illustrative\n"
)

DAMAGES = [
    _damage("amounts by admission over a year", "deductibles", ADMISSION, ADMISSION.replace("stay", "year"), "单次或按住院"),
    _damage(
        "admissions that nobody defined",
        "deductibles",
        'admissions:\n  - {since: 2024-01-01, med_types: ["21"], source: example, article: 第十一条, status: illustrative}\n',
        "",
        "admissions",
        "- categories: [POOR]",
    ),
    _damage("a gate of a month", "deductibles", YEAR_GATE, YEAR_GATE.replace("period: year", "period: month"), "门槛"),
    _damage(
        "a gate with two amounts",
        "deductibles",
        YEAR_GATE,
        YEAR_GATE.replace("[3000]", "[3000, 1000]").replace("year", "claim"),
        "a gate has one amount",
    ),
    _damage(
        "opens without a gate",
        "deductibles",
        "amounts_yuan: [200], period: month}",
        "amounts_yuan: [200], period: month, opens: above}",
        "opens 只用于门槛",
    ),
    _damage(
        "two deductibles",
        "deductibles",
        YEAR_GATE,
        "deductible_yuan: 1\n                " + YEAR_GATE,
        "须写且只写一个",
        "- since: 2024-01-01\n                deductible_yuan: 1",
    ),
    _damage(
        "no deductible",
        "deductibles",
        YEAR_GATE + "\n",
        "note: 无\n",
        "write either deductible_yuan",
        "- since: 2024-01-01\n                note: 无",
    ),
    _damage("a condition that asks nothing", "deductibles", '{care_places: ["1"]}', "{}", "条件没有写任何要求", "waived: [{}]"),
    _damage("a period that nobody knows", "deductibles", "period: quarter", "period: week", "只能是 claim | stay"),
    _damage("a mark that is no category", "ratios", "when: {marks: [WORKER]}", "when: {marks: [NOBODY]}", "未登记的类别 NOBODY"),
    _damage(
        "a condition that ends before it begins",
        "ratios",
        "since: 2026-07-01}",
        "since: 2026-07-01, until: 2026-07-01}",
        "不晚于起日",
    ),
    _damage(
        "points after the cap",
        "ratios",
        "position: after_cap\n                factor: 50%",
        "position: after_cap\n                add: 5%",
        "加点只能在封顶之前",
        "add: 5%",
    ),
    _damage("a product finer than four decimals", "ratios", "factor: 50%", "factor: 33.3333%", "四位小数", "- values:"),
    _damage(
        "both factor and points",
        "ratios",
        "factor: 50%",
        "factor: 50%\n                add: 1%",
        "须写且只写一个",
        "- since: 2024-01-01\n                when",
    ),
    _damage("a place of rounding without quotes", "rounding", 'place_yuan: "1"', "place_yuan: 1", "只能是 0.01 | 0.1 | 1"),
    _damage(
        "rounding over a month",
        "rounding",
        'mode: up, place_yuan: "0.1", period: year',
        'mode: up, place_yuan: "0.1", period: month',
        "claim | stay | year",
    ),
    _damage("a cap per day of the year", "caps", DAY_CAP, DAY_CAP.replace("claim", "year"), "按日封顶只能按单次"),
    _damage("all or nothing of a month", "caps", "kind: all_or_nothing}", "kind: all_or_nothing, period: month}", "超限不付只能"),
    _damage(
        "all or nothing of the year beside a monthly cap",
        "caps",
        "caps: [{yuan: 2000, kind: all_or_nothing}]",
        "caps: [{yuan: 2000, kind: all_or_nothing}, {yuan: 100, period: month}]",
        "须各项都按年度计",
        ALL_OR_NOTHING,
    ),
    _damage(
        "a fixed sum outside bands",
        "bands",
        "form: bands\n                brackets: [{from_yuan: 0, to_yuan: 1000, lump_yuan: 0}",
        "brackets: [{from_yuan: 0, to_yuan: 1000, lump_yuan: 0}",
        "全额累计档",
    ),
    _damage(
        "a yearly band with ratios by claim",
        "bands",
        "to_yuan: 5000, ratio: 30%}",
        'to_yuan: 5000, ratio: 30%, ratios: [{when: {hosp_levels: ["1"]}, ratio: 40%}]}',
        "按年度一次核定",
        "- since: 2024-01-01\n                deductible_yuan: 0\n                form: bands",
    ),
    _damage("a purse that does not exist", "combination", "bucket: shared", "bucket: sharde", "buckets 中没有 sharde"),
    _damage(
        "a purse without a bound for a category",
        "combination",
        ", {categories: [ILL, WORKER], yuan: 1500}]",
        "]",
        "共用额度没有写类别 ILL",
        "bucket: shared",
    ),
    _damage(
        "a benefit of the year between those of a purse in one of the orders",
        "combination",
        "\ntiers:",
        "\norders:\n"
        "  - {since: 2024-01-01, free: [one_category, purse_out, purse_in], before: [], exclusive: [], choice: year_end,"
        " source: example, article: 第四十三条, text_zh: 三项的先后可以调换。, status: illustrative}\n"
        "tiers:",
        "次序 purse_out > one_category > purse_in",
        "bucket: shared",
    ),
    _damage(
        "an order of a benefit that does not exist",
        "orders",
        "free: [scheme_a, scheme_b]",
        "free: [scheme_a, scheme_x]",
        "没有就医待遇 scheme_x",
    ),
    _damage(
        "what stands before itself",
        "three_orders",
        "before: []",
        "before: [[scheme_d, scheme_e], [scheme_e, scheme_d]]",
        "互相矛盾",
    ),
    _damage(
        "before somebody who is not free", "orders", "before: []", "before: [[scheme_a, fund_one]]", "before 每组是 free 中的两项"
    ),
    _damage(
        "a benefit in two exclusive groups",
        "orders",
        "exclusive: [[fund_one, fund_two]]",
        "exclusive: [[fund_one, fund_two], [fund_two, scheme_a]]",
        "只能属于一个互斥组",
    ),
    _damage(
        "an overlay whose tiers have a page",
        "orders",
        "    benefits:\n",
        "    file: other.yaml\n    benefits:\n",
        "覆盖页的待遇直接写在 tiers 里",
        "- code: shown",
    ),
    _damage(
        "an identity of nobody",
        "identity",
        "- categories: [WORKER]\n    by",
        "- categories: [NOBODY]\n    by",
        "类别 NOBODY 未登记",
    ),
    _damage("two identity rules", "identity", "- categories: [WORKER]\n    by", "- categories: [POOR]\n    by", "未登记或重复"),
    _damage(
        "a registration that is not asked for", "identity", "hukou: county\n    ", "", "不要求户籍", "hukou_unknown: refused"
    ),
    _damage(
        "month arithmetic for nothing",
        "identity",
        "reaches_back_months: 12",
        "reaches_back_months: null",
        "只用于",
        "month_arithmetic: overflow",
    ),
    _damage("an upgrade to nobody", "identity", "also: ILL", "also: NOBODY", "未登记的类别 NOBODY"),
    _damage(
        "a day of a claim that does not exist", "identity", "tested_on: [since]", "tested_on: [admission]", "since | until_on"
    ),
    _damage(
        "a base scale without a ratio", "base", "        ratio: 80%\n", "", "缺少 ratio", "- since: 2024-01-01\n        when"
    ),
    _damage(
        "packages that are worth nothing said",
        "service_package",
        PACKAGE,
        "",
        "没有写 service_package",
        "event: service",
    ),
    _damage("a day that January has not", "january", "value: 20", "value: 32", "1月没有 32 日"),
    _damage(
        "an accepted break of another category",
        "january",
        "categories: [POOR]\n            hole",
        "categories: [ILL]\n            hole",
        "表中没有类别 ILL",
    ),
    _damage(
        "a year closed under a gate",
        "january",
        "kind: subtracted, amounts_yuan: [3000], period: year, below: closed",
        "kind: gate, amounts_yuan: [3000], period: year, below: closed",
        "closed 只用于按年度减去的起付线",
    ),
    _damage("a standard that nobody published", "standards", "of: mean_income", "of: mean_incme", "standards 中没有 mean_incme"),
    _damage(
        "times and share of a standard", "standards", "{times: 24, of", "{times: 24, share: 1%, of", "write either times or share"
    ),
    _damage(
        "a standard twice",
        "standards",
        "- code: mean_income",
        "- code: least_income",
        "写了两次",
        "- code: least_income\n    name_zh: 居民",
    ),
    _damage(
        "a benefit that cannot be said is active",
        "inactive",
        "active: false",
        "active: true",
        "请写 active: false",
        "needs: [visits]",
    ),
    _damage("a need that nobody declared", "inactive", "needs: [visits]", "needs: [visit]", "cannot_express 中没有 visit"),
]
"""A damaged page each."""
