"""Damaged policy pages: each is refused with its file, its line and a sentence that helps."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from mianshen.core.errors import MianshenError
from mianshen.policy.packs import POLICIES, load_pack

RATE_POOR = "deductible_yuan: 3000\n                brackets: [{from_yuan: 0, to_yuan: null, ratio: 50%}]"


@dataclass(frozen=True)
class Damage:
    """One edit of a sound page, and the complaint that it must raise."""

    name: str
    page: str
    old: str
    new: str
    at: str
    """Text on the line that the message must name; empty is the first line."""
    found: str
    """Part of what the message must say."""


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
    Damage(
        "leaf without a status",
        "policy.yaml",
        "value: same_benefit, source: example, article: 第三条, status: illustrative}",
        "value: same_benefit, source: example, article: 第三条}",
        "value: same_benefit",
        "缺少 status",
    ),
    Damage(
        "status that is no status",
        "policy.yaml",
        "value: settlement, source: example, article: 第二条, status: illustrative",
        "value: settlement, source: example, article: 第二条, status: sure",
        "status: sure",
        "official | quoted",
    ),
    Damage(
        "source that no document has",
        "policy.yaml",
        "value: settlement, source: example",
        "value: settlement, source: elsewhere",
        "source: elsewhere",
        "documents 中没有 elsewhere",
    ),
    Damage(
        "document without its page",
        "policy.yaml",
        "file: sources/example.md",
        "file: sources/gone.md",
        "sources/gone.md",
        "没有 sources/gone.md",
    ),
    Damage(
        "comma inside flow text",
        "policy.yaml",
        "reason: 本县没有企业补充保险}",
        "reason: 本县没有,企业补充保险}",
        "本县没有,",
        "unknown key 企业补充保险",
    ),
    Damage("anchor", "policy.yaml", "area_aliases: [", "area_aliases: &same [", "&same", "锚点"),
    Damage("tag", "policy.yaml", "name_zh: 虚构县\n", "name_zh: !!str 虚构县\n", "!!str", "标签"),
    Damage("merge key", "policy.yaml", "bank: generic_csv", "<<: {bank: generic_csv}", "<<:", "合并键"),
    Damage("directive", "policy.yaml", "# 虚构县:整套机制写在这一页上。通用测试只用它。\n", "%YAML 1.1\n---\n", "", "指令"),
    Damage("two pages in a file", "policy.yaml", "bank: generic_csv", "---\nbank: generic_csv", "---", "another document"),
    Damage("unclosed bracket", "policy.yaml", "towns: [东镇, 西乡]", "towns: [东镇, 西乡", "documents:", "YAML 语法错误"),
    Damage(
        "list where a mapping is due", "policy.yaml", "documents:\n  example:", "documents:\n  - example:", "- example:", "键: 值"
    ),
    Damage(
        "truth written as a word",
        "policy.yaml",
        "counts_window_relief: true",
        "counts_window_relief: yes",
        "counts_window_relief: yes",
        "true 或 false",
    ),
    Damage(
        "department nobody knows",
        "policy.yaml",
        "department: union\n",
        "department: onion\n",
        "department: onion",
        "未登记的 department:onion",
    ),
    Damage("fund nobody knows", "policy.yaml", "fund: charity", "fund: lottery", "fund: lottery", "未登记的 fund:lottery"),
    Damage(
        "category nobody knows",
        "policy.yaml",
        "categories: [POOR, ILL, WORKER]",
        "categories: [POOR, ILL, RICH]",
        "categories: [POOR, ILL, RICH]",
        "未登记的类别 RICH",
    ),
    Damage(
        "category twice in a benefit",
        "policy.yaml",
        "- categories: [ILL]",
        "- categories: [POOR]",
        "- categories: [POOR]\n            values:\n              - since: 2024-01-01\n                deductible_yuan: 5000",
        "出现两次",
    ),
    Damage(
        "benefit twice",
        "policy.yaml",
        "- code: union_relief",
        "- code: bureau_relief",
        "- code: bureau_relief\n        name_zh: 工会救助",
        "待遇代码 bureau_relief 重复",
    ),
    Damage(
        "field twice in the base",
        "policy.yaml",
        "{field: hifmi_pay,",
        "{field: hifp_pay,",
        "- {field: inscp_scp_amt",
        "hifp_pay 写了两次",
    ),
    Damage(
        "window relief in the base and in a benefit",
        "policy.yaml",
        "{field: hifmi_pay,",
        "{field: maf_pay,",
        "- {field: inscp_scp_amt",
        "maf_pay",
    ),
    Damage(
        "earlier payer that is counted again",
        "policy.yaml",
        "value: same_benefit",
        "value: earlier_payer",
        "- {field: inscp_scp_amt",
        "earlier_payer",
    ),
    Damage(
        "nobody counts window relief",
        "policy.yaml",
        "counts_window_relief: true",
        "counts_window_relief: false",
        "- {since: 2024-01-01, value: same_benefit",
        "有且只有一项",
    ),
    Damage(
        "benefit that never holds",
        "policy.yaml",
        "term: {since: 2025-01-01, until: 2027-01-01,",
        "term: {since: 2029-01-01, until: 2031-01-01,",
        "- {since: 2024-01-01, med_types: [], dise_codes: [N18",
        "没有任何有效日",
    ),
    Damage(
        "tier with page and benefits",
        "policy.yaml",
        "- code: enrolment\n",
        "- code: enrolment\n    file: tier.yaml\n",
        "- code: enrolment",
        "只写一个",
    ),
    Damage(
        "tier page outside the folder",
        "policy.yaml",
        "- code: enrolment\n",
        "- code: enrolment\n    file: ../other.yaml\n",
        "file: ../other.yaml",
        "文件名",
    ),
    Damage(
        "page layout of another version",
        "policy.yaml",
        "schema_version: 1",
        "schema_version: 2",
        "schema_version: 2",
        "只认 1 版",
    ),
    Damage("bank profile nobody wrote", "policy.yaml", "bank: generic_csv", "bank: no_bank", "", "文件不存在"),
    Damage("category twice", "categories.yaml", "{code: ILL,", "{code: POOR,", "{code: POOR, name_zh: 重病患者", "POOR 写了两次"),
    Damage(
        "category of no department",
        "categories.yaml",
        "name_en: Worker in need, department: union",
        "name_en: Worker in need, department: guild",
        "department: guild",
        "未登记的部门 guild",
    ),
    Damage(
        "list without a contract",
        "lists.yaml",
        "list_code: union_list",
        "list_code: guild_list",
        "list_code: guild_list",
        "没有名单 guild_list",
    ),
    Damage(
        "list from another sender",
        "lists.yaml",
        "list_code: union_list, department: union",
        "list_code: union_list, department: bureau",
        "list_code: union_list",
        "由 union 交付",
    ),
    Damage(
        "list due on day 32",
        "lists.yaml",
        "due_day: 5, is_essential: false",
        "due_day: 32, is_essential: false",
        "due_day: 32",
        "1 至 31",
    ),
    Damage(
        "department that decides without routing",
        "routing.yaml",
        "{department: union,",
        "{department: bureau,",
        '{department: bureau, large_yuan: "1000.00"',
        "bureau 写了两次",
    ),
    Damage("time limit of no days", "time_limits.yaml", "amount: 3,", "amount: 0,", "amount: 0", "至少 1 天"),
    Damage("hour that no day has", "time_limits.yaml", 'day_ends_at: "17:30"', 'day_ends_at: "25:00"', '"25:00"', "time of day"),
    Damage(
        "time without quotes", "time_limits.yaml", "warn_days: [5, 1]", 'warn_days: ["5", 1]', 'warn_days: ["5"', "不带引号的整数"
    ),
    Damage("pattern without a period", "feeds/bureau_list.yaml", r"(?P<period>\d{6})", r"(\d{6})", "file_patterns", "period"),
    Damage(
        "pattern that is none", "feeds/bureau_list.yaml", r"(?P<period>\d{6})", r"(?P<period>\d{6}", "file_patterns", "正则表达式"
    ),
    Damage(
        "contract that extends nothing known",
        "feeds/bureau_list.yaml",
        "extends: generic_roster",
        "extends: fancy_roster",
        "extends: fancy_roster",
        "没有全国接口 fancy_roster",
    ),
    Damage(
        "contract without columns",
        "feeds/bureau_list.yaml",
        "extends: generic_roster\n",
        "feed: roster\nperiod_grain: month\nkey: [certno]\n",
        "",
        "缺少 columns",
    ),
    Damage(
        "word for a category nobody knows",
        "feeds/bureau_list.yaml",
        "重病患者: ILL",
        "重病患者: SICK",
        "category_words",
        "未登记的类别 SICK",
    ),
    Damage(
        "both a category and a column",
        "feeds/bureau_list.yaml",
        "category_words:",
        "category_code: POOR\ncategory_words:",
        "",
        "只写一个",
    ),
    Damage(
        "key that is no column",
        "feeds/union_list.yaml",
        "key: [certno]",
        "key: [passport]",
        "key: [passport]",
        "passport 不在 columns 中",
    ),
    Damage(
        "heading for two columns",
        "feeds/union_list.yaml",
        "headers: [身份证号]",
        "headers: [身份证号, 姓名]",
        "- {name: name",
        "姓名 出现两次",
    ),
    Damage("kind that no reader knows", "feeds/union_list.yaml", "kind: certno", "kind: passport", "kind: passport", "certno"),
]


def damaged(tmp_path: Path, damage: Damage) -> tuple[Path, int]:
    root = tmp_path / "policies"
    root.mkdir()
    for name in ("_example", "national"):
        shutil.copytree(POLICIES / name, root / name)
    page = root / "_example" / damage.page
    sound = page.read_text("utf-8")
    assert sound.count(damage.old) >= 1, "the sound page no longer holds the text to damage"
    text = sound.replace(damage.old, damage.new, 1)
    page.write_text(text, "utf-8")
    line = text[: text.index(damage.at)].count("\n") + 1 if damage.at else 1
    return root, line


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.name)
def test_a_damaged_page_is_refused_at_its_line(tmp_path: Path, damage: Damage) -> None:
    root, line = damaged(tmp_path, damage)
    with pytest.raises(MianshenError) as refused:
        load_pack("_example", on=date(2026, 6, 30), root=root)
    assert refused.value.code == "POLICY_DAMAGED"
    assert damage.found in refused.value.found
    page = "national/bank/no_bank.yaml" if "no_bank" in damage.new else f"_example/{damage.page}"
    assert refused.value.where == f"{page}:{line}"


def test_the_sound_pages_load(tmp_path: Path) -> None:
    root, _ = damaged(tmp_path, Damage("none", "policy.yaml", "schema_version: 1", "schema_version: 1", "", ""))
    assert load_pack("_example", on=date(2026, 6, 30), root=root).name == "_example"


def test_every_complaint_says_something_of_its_own() -> None:
    assert len({(one.page, one.new) for one in DAMAGES}) == len(DAMAGES) >= 20
