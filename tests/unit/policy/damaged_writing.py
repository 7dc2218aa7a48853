"""Damages to how the law's page is written: keys, text, days, amounts, ratios, brackets."""

from __future__ import annotations

from tests.unit.policy.damage import Damage

RATE_POOR = "deductible_yuan: 3000\n                brackets: [{from_yuan: 0, to_yuan: null, ratio: 50%}]"

DAMAGES = [
    Damage(
        "unknown key",
        "policy.yaml",
        "counts_window_relief: true",
        "counts_window_releif: true",
        "counts_window_releif",
        "是否 counts_window_relief",
    ),
    Damage("unknown key far from any", "policy.yaml", "schema_version: 1", "schema_version: 1\nzzz: 1", "zzz", "unknown key zzz"),
    Damage("repeated key", "policy.yaml", "bank: generic_csv", "bank: generic_csv\nbank: other", "bank: other", "bank 写了两次"),
    Damage(
        "repeated key in flow",
        "policy.yaml",
        "{since: 2024-01-01, value: settlement,",
        "{since: 2024-01-01, value: settlement, value: discharge,",
        "value: discharge",
        "stands twice",
    ),
    Damage("missing key", "policy.yaml", "bank: generic_csv\n", "", "", "缺少 bank"),
    Damage("unquoted county code", "policy.yaml", 'code: "100999"', "code: 100999", "code: 100999", "加引号的六位区划码"),
    Damage(
        "unquoted code loses its zero",
        "policy.yaml",
        'med_types: ["11", "14", "21"]',
        "med_types: [01, 14, 21]",
        "med_types: [01",
        "加引号的编码文字",
    ),
    Damage(
        "unquoted alias",
        "policy.yaml",
        'area_aliases: ["100998"]',
        "area_aliases: [100998]",
        "area_aliases",
        "加引号的六位区划码",
    ),
    Damage("bare year as a day", "policy.yaml", "term: {since: 2024-01-01,", "term: {since: 2024,", "since: 2024,", "完整日期"),
    Damage(
        "day that does not exist",
        "policy.yaml",
        "until: 2028-01-01, source",
        "until: 2028-02-30, source",
        "2028-02-30",
        "存在的完整日期",
    ),
    Damage(
        "term ends before it begins",
        "policy.yaml",
        "until: 2028-01-01, source",
        "until: 2023-01-01, source",
        "until: 2023-01-01",
        "止日 2023-01-01 不晚于起日",
    ),
    Damage(
        "amount with a fraction of a fen",
        "policy.yaml",
        RATE_POOR,
        RATE_POOR.replace("3000", "3000.5"),
        "deductible_yuan: 3000.5",
        "元:整数",
    ),
    Damage(
        "amount as a word", "policy.yaml", RATE_POOR, RATE_POOR.replace("3000", "三千"), "deductible_yuan: 三千", "whole number"
    ),
    Damage("negative amount", "policy.yaml", RATE_POOR, RATE_POOR.replace("3000", "-1"), "deductible_yuan: -1", "元:整数"),
    Damage("ratio as a binary fraction", "policy.yaml", RATE_POOR, RATE_POOR.replace("50%", "0.5"), "ratio: 0.5", "带 % 的比例"),
    Damage("ratio above one", "policy.yaml", RATE_POOR, RATE_POOR.replace("50%", "150%"), "ratio: 150%", "0% 至 100%"),
    Damage("ratio finer than parts per million", "policy.yaml", "ratio: 33.3333%", "ratio: 33.33333%", "33.33333%", "四位小数"),
    Damage(
        "bracket with a gap",
        "policy.yaml",
        "{from_yuan: 20000, to_yuan: null",
        "{from_yuan: 20001, to_yuan: null",
        "from_yuan: 20001",
        "空档或重叠",
    ),
    Damage(
        "bracket that overlaps",
        "policy.yaml",
        "{from_yuan: 20000, to_yuan: null",
        "{from_yuan: 19000, to_yuan: null",
        "from_yuan: 19000",
        "空档或重叠",
    ),
    Damage(
        "brackets that do not begin at nothing",
        "policy.yaml",
        RATE_POOR,
        RATE_POOR.replace("from_yuan: 0", "from_yuan: 1"),
        "from_yuan: 1,",
        "分段须从 0 开始",
    ),
    Damage(
        "bracket that ends before it begins",
        "policy.yaml",
        RATE_POOR,
        RATE_POOR.replace("to_yuan: null", "to_yuan: 0"),
        "to_yuan: 0",
        "分段止点不高于起点",
    ),
    Damage(
        "values overlap", "policy.yaml", "- since: 2025-01-01\n", "- since: 2023-01-01\n", "- since: 2023-01-01", "与上一条重叠"
    ),
    Damage(
        "values leave a gap",
        "policy.yaml",
        "- {since: 2024-01-01, deductible_yuan: 3000,",
        "- {since: 2024-01-01, until: 2024-12-01, deductible_yuan: 3000,",
        "- since: 2025-01-01",
        "2024-12-01 至 2025-01-01 无取值",
    ),
    Damage(
        "value that ends before it begins",
        "policy.yaml",
        "- {since: 2024-01-01, deductible_yuan: 3000,",
        "- {since: 2024-01-01, until: 2023-12-01, deductible_yuan: 3000,",
        "until: 2023-12-01",
        "不晚于起日",
    ),
    Damage(
        "rates change inside a year",
        "policy.yaml",
        "- since: 2025-01-01\n",
        "- since: 2025-07-01\n",
        "- since: 2025-07-01",
        "年度中途",
    ),
    Damage(
        "leaf without a source",
        "policy.yaml",
        "article: 第六条\n                text_zh",
        "text_zh",
        "- since: 2025-01-01",
        "缺少 article",
    ),
]
